"""Cron expressions: six fields, and the walk over years, months and days from one fire time to the next.

Everything here is wall-clock time without a zone; `zones.place` says afterwards when, and whether, such a time exists.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from cloud_cron.schedules import fields
from cloud_cron.schedules.dayfields import day_rule
from cloud_cron.schedules.days import DayRule, length
from cloud_cron.schedules.refusal import Refused
from cloud_cron.schedules.zones import place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

SIX = 6


class Cron:
    """What a cron expression stands for: values per field, ascending, and a rule for the days."""

    __slots__ = ("_shapes", "days", "hours", "minutes", "months", "years")

    def __init__(
        self,
        minutes: Sequence[int],
        hours: Sequence[int],
        days: DayRule,
        months: Sequence[int],
        years: Sequence[int],
    ) -> None:
        """Take the fields as they were read."""
        self.minutes = minutes
        self.hours = hours
        self.days = days
        self.months = months
        self.years = years
        self._shapes: dict[tuple[int, int], tuple[int, ...]] = {}

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The first fire time after an instant (in UTC), in the zone."""
        local = after.astimezone(zone)
        wall = self.later(local)
        while wall is not None:
            time = place(wall, zone)
            # In the second pass of a repeated hour, the wall clock shows times whose only run is already over.
            if time and (not local.fold or time.astimezone(UTC) > after):
                return time
            wall = self.later(wall)
        return None

    def previous(self, before: datetime, zone: tzinfo) -> datetime | None:
        """The last fire time before an instant (in UTC), in the zone."""
        local = before.astimezone(zone)
        wall = self.earlier(local if not local.fold else _past_repetition(local, before))
        while wall is not None:
            time = place(wall, zone)
            if time and (not local.fold or time.astimezone(UTC) < before):
                return time
            wall = self.earlier(wall)
        return None

    def is_fire(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether an instant (in UTC) is a fire time: the first pass of a repeated hour, on the minute."""
        local = instant.astimezone(zone)
        return (
            not (local.fold or local.second or local.microsecond)
            and local.minute in self.minutes
            and local.hour in self.hours
            and local.month in self.months
            and local.year in self.years
            and local.day in self.month(local.year, local.month)
        )

    def month(self, year: int, month: int) -> tuple[int, ...]:
        """The days of a month on which it fires, whatever the month and year fields say."""
        shape = date(year, month, 1).weekday(), length(year, month)
        days = self._shapes.get(shape)
        if days is None:
            days = self._shapes[shape] = self.days.of(*shape)
        return days

    def later(self, wall: datetime) -> datetime | None:
        """The first wall-clock time after another one."""
        here = wall.year, wall.month
        for year, month in self._months_from(*here):
            days = self.month(year, month)
            if (year, month) != here:
                if days:
                    return datetime(year, month, days[0], self.hours[0], self.minutes[0])  # noqa: DTZ001 - wall clock
                continue
            if wall.day in days and (time := self._later_today(wall.hour, wall.minute)):
                return datetime(year, month, wall.day, *time)  # noqa: DTZ001 - wall clock
            index = bisect_right(days, wall.day)
            if index < len(days):
                return datetime(year, month, days[index], self.hours[0], self.minutes[0])  # noqa: DTZ001 - wall clock
        return None

    def earlier(self, wall: datetime) -> datetime | None:
        """The last wall-clock time before another one."""
        here = wall.year, wall.month
        for year, month in self._months_until(*here):
            days = self.month(year, month)
            if (year, month) != here:
                if days:
                    return datetime(year, month, days[-1], self.hours[-1], self.minutes[-1])  # noqa: DTZ001 - wall clock
                continue
            if wall.day in days and (time := self._earlier_today(wall)):
                return datetime(year, month, wall.day, *time)  # noqa: DTZ001 - wall clock
            index = bisect_left(days, wall.day)
            if index:
                return datetime(year, month, days[index - 1], self.hours[-1], self.minutes[-1])  # noqa: DTZ001 - wall clock
        return None

    def _later_today(self, hour: int, minute: int) -> tuple[int, int] | None:
        """The first hour and minute after these."""
        if hour in self.hours:
            index = bisect_right(self.minutes, minute)
            if index < len(self.minutes):
                return hour, self.minutes[index]
        index = bisect_right(self.hours, hour)
        return (self.hours[index], self.minutes[0]) if index < len(self.hours) else None

    def _earlier_today(self, wall: datetime) -> tuple[int, int] | None:
        """The last hour and minute before a time of day; its own minute counts once its seconds have begun."""
        if wall.hour in self.hours:
            find = bisect_right if wall.second or wall.microsecond else bisect_left
            index = find(self.minutes, wall.minute)
            if index:
                return wall.hour, self.minutes[index - 1]
        index = bisect_left(self.hours, wall.hour)
        return (self.hours[index - 1], self.minutes[-1]) if index else None

    def _months_from(self, year: int, month: int) -> Iterator[tuple[int, int]]:
        """The months in which it may fire, from this one on."""
        for each in self.years[bisect_left(self.years, year) :]:
            first = bisect_left(self.months, month) if each == year else 0
            for number in self.months[first:]:
                yield each, number

    def _months_until(self, year: int, month: int) -> Iterator[tuple[int, int]]:
        """The months in which it may fire, from this one back."""
        for each in reversed(self.years[: bisect_right(self.years, year)]):
            end = bisect_right(self.months, month) if each == year else len(self.months)
            for number in reversed(self.months[:end]):
                yield each, number


def _past_repetition(local: datetime, instant: datetime) -> datetime:
    """A wall-clock time beyond a repeated hour, given one in its second pass.

    Every time of that hour ran in its first pass, those that the second pass has yet to show among them.
    """
    length = instant - local.replace(fold=0).astimezone(UTC)
    return local.replace(tzinfo=None, fold=0) + length


def read(text: str) -> Cron:
    """What stands between the parentheses of `cron(...)`; raises `Refused`.

    Six fields with one blank between them (Scheduler API model, CreateSchedule, ScheduleExpression).
    """
    parts = text.split(" ")
    if len(parts) != SIX:
        raise Refused("fields")
    minutes, hours, day_of_month, month, day_of_week, year = parts
    months = fields.values(fields.MONTH, month)
    years = fields.values(fields.YEAR, year)
    return Cron(
        fields.values(fields.MINUTES, minutes),
        fields.values(fields.HOURS, hours),
        day_rule(day_of_month, day_of_week, months, years),
        months,
        years,
    )
