"""An oracle: the meaning of a cron expression, written in the plainest way and sharing no code with the product.

It asks every minute whether it is one, and has no idea how to jump. It only remembers what it was asked before.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import pytest

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


class Oracle:
    """Fire times by trying every minute, or every day of a calendar without a zone."""

    def fires(self, expression: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
        """The fire times from `start` to `end`, both included, in UTC. A wall-clock time counts the first time only."""
        return [instant for instant, wall in first_walls(zone, start, end) if self.matches(expression, wall)]

    def days(self, expression: str, start: date, end: date) -> list[date]:
        """The days from `start` to `end`, both included, on which it fires."""
        all_days = (start + timedelta(days=number) for number in range((end - start).days + 1))
        return [day for day in all_days if self.on_day(expression, day)]

    def matches(self, expression: str, wall: datetime) -> bool:
        """Whether a wall-clock minute is a fire time."""
        minutes, hours, *_ = expression.removeprefix("cron(").removesuffix(")").split(" ")
        return (
            one_of(minutes, wall.minute, 0, 59)
            and one_of(hours, wall.hour, 0, 23)
            and self.on_day(expression, wall.date())
        )

    def on_day(self, expression: str, day: date) -> bool:
        """Whether a day has fire times."""
        _, _, month_day, month, week_day, year = expression.removeprefix("cron(").removesuffix(")").split(" ")
        if not one_of(month, day.month, 1, 12, MONTHS) or not one_of(year, day.year, 1970, 2199):
            return False
        return on_month_day(month_day, day) if week_day == "?" else on_week_day(week_day, day)


@lru_cache(maxsize=4)
def first_walls(zone: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Every minute from `start` to `end` with its wall-clock time, but for those that a clock showed before."""
    found = []
    seen = set()
    place = ZoneInfo(zone)
    instant = start.replace(second=0, microsecond=0) - timedelta(hours=26)
    while instant <= end:
        wall = instant.astimezone(place).replace(tzinfo=None, fold=0)
        if wall not in seen and instant >= start:
            found.append((instant, wall))
        seen.add(wall)
        instant += timedelta(minutes=1)
    return found


@cache
def one_of(field: str, value: int, low: int, high: int, names: tuple[str, ...] = ()) -> bool:
    """Whether a value is among those of a field."""
    for number, name in enumerate(names, low):
        field = field.replace(name, str(number))
    for item in field.split(","):
        base, _, step = item.partition("/")
        first, _, last = base.partition("-")
        lowest = low if base == "*" else int(first)
        highest = high if base == "*" or (step and not last) else int(last or first)
        if lowest <= value <= highest and (value - lowest) % int(step or 1) == 0:
            return True
    return False


@cache
def on_month_day(field: str, day: date) -> bool:
    """Whether a day is one that the day-of-month field means."""
    from_the_first = (date(day.year, day.month, 1) + timedelta(days=number) for number in range(31))
    month = [each for each in from_the_first if each.month == day.month]
    working = [each for each in month if each.isoweekday() <= 5]
    if field == "L":
        return day == month[-1]
    if field == "LW":
        return day == working[-1]
    if field.endswith("W"):
        wanted = date(day.year, day.month, int(field[:-1]))
        return day == min(working, key=lambda each: abs(each - wanted))
    return one_of(field, day.day, 1, 31)


@cache
def on_week_day(field: str, day: date) -> bool:
    """Whether a day is one that the day-of-week field means."""
    number = day.isoweekday() % 7 + 1
    if field == "L":
        return number == 7
    if field.endswith("L"):
        return number == int(field[:-1]) and (day + timedelta(days=7)).month != day.month
    if "#" in field:
        weekday, _, nth = field.partition("#")
        return one_of(weekday, number, 1, 7, WEEK) and (day.day - 1) // 7 + 1 == int(nth)
    return one_of(field, number, 1, 7, WEEK)


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)
