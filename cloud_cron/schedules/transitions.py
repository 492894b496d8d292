"""When the clocks of a zone change, and what a cron expression loses by it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from cloud_cron.schedules.cron import Cron

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class Transition(NamedTuple):
    """A change of a zone's offset: the instant (in UTC), and the wall clock just before and just after it."""

    instant: datetime
    before: datetime
    after: datetime

    @property
    def forward(self) -> bool:
        """Whether times are skipped; otherwise they are repeated."""
        return self.before < self.after

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The wall-clock times that are skipped or repeated, the second one excluded."""
        return (self.before, self.after) if self.forward else (self.after, self.before)


def transitions(zone: tzinfo, start: datetime, end: datetime) -> list[Transition]:
    """The changes between two instants (in UTC), to the minute."""
    found: list[Transition] = []
    if zone is UTC:
        return found
    low = start.replace(second=0, microsecond=0)
    offset = _offset(low, zone)
    while low < end:
        high = min(low + _DAY, end)
        after = _offset(high, zone)
        if after != offset:
            instant = _bisect(low, high, offset, zone)
            wall = instant.replace(tzinfo=None)
            found.append(Transition(instant, wall + offset, wall + after))
        low, offset = high, after
    return found


def touched(cron: Cron, transition: Transition) -> list[datetime]:
    """The wall-clock times of an expression that a transition skips or repeats."""
    first, last = transition.window
    times: list[datetime] = []
    wall = cron.later(first - _MINUTE)
    while wall and wall < last:
        times.append(wall)
        wall = cron.later(wall)
    return times


def _bisect(low: datetime, high: datetime, offset: timedelta, zone: tzinfo) -> datetime:
    """The first minute at which the offset is no longer this one."""
    while high - low > _MINUTE:
        middle = low + (high - low) // _MINUTE // 2 * _MINUTE
        if _offset(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
