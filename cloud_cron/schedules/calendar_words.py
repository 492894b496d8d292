"""The days, months and years of a cron expression in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.days import DayRule, LastDay, MonthDays, NearestWeekday, NthWeekday, Weekdays
from cloud_cron.schedules.fields import YEAR
from cloud_cron.schedules.listing import THREE, listed, ordinal, ranged, runs, step_of

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NTH: Final = {None: "last", 1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_YEAR: Final = 12
_WEEK: Final = 7
_LONGEST_MONTH: Final = 31
_MANY: Final = 5
_WORKING: Final = "weekday (Monday to Friday)"


def on_days(rule: DayRule, months: Sequence[int], *, steady: bool) -> str:
    """The days, to follow the times. `steady` times need no `every day`."""
    match rule:
        case MonthDays(days) if len(days) == _LONGEST_MONTH:
            return ("" if steady else " every day") + _in_months(months)
        case MonthDays(days):
            return f" on {_numbered(days)} of {_of_months(months)}"
        case LastDay():
            return f" on the last day of {_of_months(months)}"
        case NearestWeekday(None):
            return f" on the last {_WORKING} of {_of_months(months)}"
        case NearestWeekday(int(day)):
            return f" on the {_WORKING} nearest to the {ordinal(day)} of {_of_months(months)}"
        case NthWeekday(weekday, nth):
            return f" on the {_NTH[nth]} {WEEKDAYS[weekday]} of {_of_months(months)}"
        case Weekdays(weekdays) if len(weekdays) == _WEEK:
            return ("" if steady else " every day") + _in_months(months)
        case Weekdays(weekdays):
            return _week(sorted(weekdays)) + _in_months(months)
    raise AssertionError(rule)


def years_of(years: Sequence[int]) -> str:
    """The years, when not all of them."""
    if len(years) == len(YEAR.every):
        return ""
    step = step_of(years)
    if len(years) == 1:
        return f", in {years[0]}"
    if step and step > 1 and len(years) > THREE:
        return f", every {step} years from {years[0]} to {years[-1]}"
    spans = runs(years)
    if len(spans) == 1 and len(years) >= THREE:
        return f", from {years[0]} to {years[-1]}"
    return f", in {ranged(years, str)}"


def _numbered(days: Sequence[int]) -> str:
    """`the 1st and the 15th`, `the 1st to the 7th`, `every 2nd day from the 1st to the 31st`."""
    step = step_of(days)
    if step and step > 1 and len(days) >= _MANY:
        return f"every {ordinal(step)} day from the {ordinal(days[0])} to the {ordinal(days[-1])}"
    return ranged(days, lambda day: f"the {ordinal(day)}")


def _week(weekdays: Sequence[int]) -> str:
    """Weekdays; a run may go on over the end of the week."""
    missing = [day for day in range(_WEEK) if day not in weekdays]
    gap = runs(missing)
    if len(gap) > 1 and missing[0] == 0 and missing[-1] == _WEEK - 1:
        gap = [(gap[-1][0], gap[0][1]), *gap[1:-1]]
    if len(gap) == 1 and len(weekdays) >= THREE:
        first, last = gap[0]
        return f", {WEEKDAYS[(last + 1) % _WEEK]} to {WEEKDAYS[(first - 1) % _WEEK]}"
    return f" on {listed([f'{WEEKDAYS[day]}s' for day in weekdays])}"


def _of_months(months: Sequence[int]) -> str:
    if len(months) == _YEAR:
        return "the month"
    if any(last - first + 1 >= THREE for first, last in runs(months)):
        return f"each month{_in_months(months)}"
    return listed([MONTHS[month - 1] for month in months])


def _in_months(months: Sequence[int]) -> str:
    if len(months) == _YEAR:
        return ""
    together = len(months) >= THREE and len(runs(months)) == 1
    return f" {'from' if together else 'in'} {ranged(months, lambda month: MONTHS[month - 1])}"
