"""Cron expressions in other dialects, translated to AWS's.

Unix cron has five fields, counts weekdays 0-7 = SUN-SUN, and runs when either day field matches; Spring and Quartz put
seconds in front. The translation is offered in the error, never applied: the author should see what will be deployed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import fields
from cloud_cron.schedules.mistakes import shown, use
from cloud_cron.schedules.repairs import repaired

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERING: Final = "; AWS counts weekdays 1-7 = SUN-SAT"
FIVE: Final = 5
SIX: Final = 6
SEVEN: Final = 7
_WEEK: Final = 7
_ZERO: Final = frozenset({"0", "00"})
_NAME: Final = "|".join((*fields.MONTH_NAMES, *fields.DAY_NAMES))
_TOKEN: Final = re.compile(rf"(?:[\d*?/,#LW-]|(?:{_NAME})[A-Z]*)+", re.IGNORECASE)
_LAST_IS_YEAR: Final = re.compile(r"\*|.*\d{4}.*")


def is_bare(text: str) -> bool:
    """Whether a text is cron fields without `cron(...)` around them."""
    tokens = text.split()
    return FIVE <= len(tokens) <= SEVEN and tokens[0][0] in "0123456789*" and all(map(_TOKEN.fullmatch, tokens))


def has_seconds(tokens: Sequence[str]) -> bool:
    """Whether six fields begin with seconds: the last of them is no year."""
    return len(tokens) == SIX and tokens[0] in _ZERO and not _LAST_IS_YEAR.fullmatch(tokens[-1])


def explain(text: str) -> ScheduleError:
    """The error for bare cron fields: CC102, with the expression to write."""
    tokens = text.upper().split()
    match len(tokens):
        case 5:
            message = f"{shown(text)} has five fields, as in Unix cron; AWS wants `cron(...)` with six, the year last"
        case 6 if has_seconds(tokens):
            message = f"{shown(text)} begins with seconds; AWS wants `cron(...)` without them and with the year last"
        case 6:
            message = f"{shown(text)} lacks `cron(...)` around it"
        case _:
            message = f"{shown(text)} has seven fields; AWS wants `cron(...)` with six and no seconds"
    offer = use(translations(tokens))
    numbered = offer is not None and len(tokens) == SIX and re.search(r"\d", tokens[4]) is not None
    return ScheduleError("CC102", message, hint=f"{offer or _general()}{NUMBERING if numbered else ''}")


def translations(tokens: Sequence[str]) -> list[str]:
    """The AWS expressions that stand for five, six or seven fields of other dialects; none when there is no way."""
    if (len(tokens) == SEVEN and tokens[0] in {*_ZERO, "*"}) or has_seconds(tokens):
        tokens = tokens[1:]
    if len(tokens) == FIVE and "?" in tokens:
        tokens = [*tokens, "*"]
    found = [repaired(each) for each in (_from_five(tokens) if len(tokens) == FIVE else [tokens])]
    return [each for each in found if each] if all(found) else []


def day_of_week(text: str) -> str | None:
    """A Unix day-of-week field (0 and 7 are Sunday) in AWS's numbers, or None when it is none."""
    if text == "*" or not re.search(r"\d", text):
        return text
    days: set[int] = set()
    for item in text.split(","):
        found = re.fullmatch(r"(\*|[0-7])(?:-([0-7]))?(?:/([1-7]))?", item)
        if not found:
            return None
        first, last, step = found.groups()
        low = 0 if first == "*" else int(first)
        high = int(last) if last else 6 if first == "*" or step else low
        days.update(day % _WEEK + 1 for day in range(low, high + 1, int(step or 1)))
    return compact(sorted(days)) if days else None


def compact(numbers: list[int]) -> str:
    """Ascending day-of-week numbers as AWS writes them: a range where three or more follow each other."""
    if len(numbers) == _WEEK:
        return "*"
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:  # noqa: PLR2004 - two make a list
        return f"{numbers[0]}-{numbers[-1]}"
    return ",".join(map(str, numbers))


def _from_five(tokens: Sequence[str]) -> list[list[str]]:
    """Six fields for five: two sets of them when Unix would run on either day field."""
    minutes, hours, month_day, month, week_day = tokens
    weekdays = day_of_week(week_day)
    if weekdays is None:
        return [[]]
    by_month = [minutes, hours, month_day, month, "?", "*"]
    by_week = [minutes, hours, "?", month, weekdays, "*"]
    if weekdays == "*":
        return [by_month]
    return [by_week] if month_day == "*" else [by_month, by_week]


def _general() -> str:
    names = " ".join(field.name for field in fields.FIELDS)
    return f"write `cron({names})` with `?` in one day field, such as `cron(0 9 * * ? *)`"
