"""The rota: everybody in turn, from Monday to Sunday, as the weeks of ISO 8601 go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple


class Person(NamedTuple):
    """Somebody who is on call in turn."""

    name: str
    number: str


ROTA = (Person("Ada", "+12025550101"), Person("Grace", "+12025550102"), Person("Barbara", "+12025550103"))


def on_call(day: date) -> tuple[Person, ...]:
    """Everybody, beginning with whose week it is: the second is asked when the first does not answer.

    Weeks are counted from the year 1, which began on a Monday; week numbers would repeat somebody after a week 53.
    """
    first = (day.toordinal() - 1) // 7 % len(ROTA)
    return ROTA[first:] + ROTA[:first]


def weeks(day: date, count: int) -> list[dict[str, Any]]:
    """The week of the day and those after it: its ISO number, its Monday, and the first two on call."""
    monday = day - timedelta(days=day.weekday())
    return [week(monday + timedelta(weeks=number)) for number in range(count)]


def week(monday: date) -> dict[str, Any]:
    """One week as a template takes it."""
    first, second, *_ = on_call(monday)
    return {"number": f"{monday:%G-W%V}", "monday": f"{monday:%Y-%m-%d}", "first": first.name, "second": second.name}
