"""The two day fields of a cron expression: exactly one of them says which days.

EventBridge Scheduler User Guide, "Schedule types": a value or `*` in one needs `?` in the other (recorded against AWS:
`cron(0 1 * * * *)` is refused). `L`, `W` and `#` stand alone: AWS documents no list that holds one of them.
`L` alone in the day-of-week is "the last day of the week", which in a week of 1-7 = SUN-SAT is Saturday.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.schedules import fields
from cloud_cron.schedules.days import (
    SHORTEST,
    DayRule,
    LastDay,
    MonthDays,
    NearestWeekday,
    NthWeekday,
    Weekdays,
    length,
    sunday_first,
)
from cloud_cron.schedules.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

_SATURDAY: Final = 7


def day_rule(day_of_month: str, day_of_week: str, months: Sequence[int], years: Sequence[int]) -> DayRule:
    """The rule that the two fields make together; raises `Refused`, also when it never comes true."""
    if day_of_week != "?":
        if day_of_month != "?":
            raise Refused("two days")
        rule = _week_rule(day_of_week)
    elif day_of_month == "?":
        raise Refused("no day")
    else:
        rule = _month_rule(day_of_month, months, years)
    if not rule.ever(years, months):
        raise Refused("never")
    return rule


def _month_rule(text: str, months: Sequence[int], years: Sequence[int]) -> DayRule:
    if text == "L":
        return LastDay()
    if text == "LW":
        return NearestWeekday(None)
    if text.endswith("W") and text[:-1].isdigit():
        day = fields.number(fields.DAY_OF_MONTH, text[:-1], text)
        # AWS's reading of 31W in a month of 30 days is not documented, and reports of it differ.
        if day > SHORTEST and any(day > length(year, month) for year in years for month in months):
            raise Refused("short month", fields.DAY_OF_MONTH.index, text)
        return NearestWeekday(day)
    return MonthDays(fields.values(fields.DAY_OF_MONTH, text))


def _week_rule(text: str) -> DayRule:
    if text == "L":
        return Weekdays(frozenset({sunday_first(_SATURDAY)}))
    if text.endswith("L") and text[:-1].isdigit():
        return NthWeekday(sunday_first(fields.number(fields.DAY_OF_WEEK, text[:-1], text)), None)
    day, hash_, nth = text.partition("#")
    if hash_ and "," not in text:
        if nth not in {"1", "2", "3", "4", "5"}:
            raise Refused("nth", fields.DAY_OF_WEEK.index, text)
        return NthWeekday(sunday_first(fields.number(fields.DAY_OF_WEEK, day, text)), int(nth))
    return Weekdays(frozenset(map(sunday_first, fields.values(fields.DAY_OF_WEEK, text))))
