"""Which days of a month a cron expression means.

Whatever the rule, the answer depends on two things only: the weekday of the 1st and the length of the month. There are
28 such shapes, so that a calendar of 230 years is 28 small tuples. Inside, weekdays count from Monday = 0 as in Python;
`sunday_first` converts AWS's 1-7 = SUN-SAT.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_WEEK: Final = 7
_RARE: Final = 5
SHORTEST: Final = 28
_LENGTHS: Final = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def length(year: int, month: int) -> int:
    """The number of days in a month."""
    return 29 if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else _LENGTHS[month]  # noqa: PLR2004


def sunday_first(number: int) -> int:
    """AWS's day-of-week number (1 = SUN) as Python's (0 = Monday)."""
    return (number + 5) % _WEEK


class DayRule:
    """A rule for the days of a month."""

    __slots__ = ()

    def of(self, first: int, size: int) -> tuple[int, ...]:
        """The days, ascending, in a month of `size` days whose 1st is weekday `first`."""
        raise NotImplementedError

    def ever(self, years: Sequence[int], months: Sequence[int]) -> bool:  # noqa: ARG002 - for the rules that need it
        """Whether any of the months has such a day."""
        return True


class MonthDays(DayRule):
    """Days by number; one that the month does not have is left out."""

    __slots__ = ("days",)
    __match_args__ = ("days",)

    def __init__(self, days: Sequence[int]) -> None:
        """`days` from 1 to 31, ascending."""
        self.days = days

    def of(self, first: int, size: int) -> tuple[int, ...]:  # noqa: ARG002 - the shape is one argument list
        """The numbers that exist."""
        return tuple(self.days) if self.days[-1] <= size else tuple([day for day in self.days if day <= size])

    def ever(self, years: Sequence[int], months: Sequence[int]) -> bool:
        """Not the 31st of a short month."""
        first = self.days[0]
        return first <= SHORTEST or any(first <= length(year, month) for year in years for month in months)


class LastDay(DayRule):
    """`L` in the day-of-month."""

    __slots__ = ()

    def of(self, first: int, size: int) -> tuple[int, ...]:  # noqa: ARG002 - the shape is one argument list
        """The last day."""
        return (size,)


class NearestWeekday(DayRule):
    """`15W`: the weekday closest to a day, never in another month; a month without that day is not reached.

    `LW` is the same from the last day. (EventBridge Scheduler User Guide, Schedule types.)
    """

    __slots__ = ("day",)
    __match_args__ = ("day",)

    def __init__(self, day: int | None) -> None:
        """`day` from 1 to 31, None for the last day of the month."""
        self.day = day

    def of(self, first: int, size: int) -> tuple[int, ...]:
        """Friday for a Saturday, Monday for a Sunday, unless that leaves the month: then the other way."""
        day = self.day or size
        match (first + day - 1) % _WEEK:
            case 5:
                return (day - 1,) if day > 1 else (day + 2,)
            case 6:
                return (day + 1,) if day < size else (day - 2,)
            case _:
                return (day,)


class Weekdays(DayRule):
    """Days by weekday."""

    __slots__ = ("weekdays",)
    __match_args__ = ("weekdays",)

    def __init__(self, weekdays: frozenset[int]) -> None:
        """`weekdays` from 0 (Monday) to 6."""
        self.weekdays = weekdays

    def of(self, first: int, size: int) -> tuple[int, ...]:
        """Every day that falls on one of them."""
        wanted = self.weekdays
        return tuple([day for day in range(1, size + 1) if (first + day - 1) % _WEEK in wanted])


class NthWeekday(DayRule):
    """`3#2` (second Tuesday) and `6L` (last Friday)."""

    __slots__ = ("nth", "weekday")
    __match_args__ = ("weekday", "nth")

    def __init__(self, weekday: int, nth: int | None) -> None:
        """`weekday` from 0 (Monday) to 6, `nth` from 1 to 5, None for the last one."""
        self.weekday = weekday
        self.nth = nth

    def of(self, first: int, size: int) -> tuple[int, ...]:
        """That day, or none in a month with fewer of them."""
        earliest = 1 + (self.weekday - first) % _WEEK
        if self.nth is None:
            return (earliest + (size - earliest) // _WEEK * _WEEK,)
        day = earliest + (self.nth - 1) * _WEEK
        return (day,) if day <= size else ()

    def ever(self, years: Sequence[int], months: Sequence[int]) -> bool:
        """A fifth one is rare."""
        return self.nth != _RARE or any(
            self.of(date(year, month, 1).weekday(), length(year, month)) for year in years for month in months
        )
