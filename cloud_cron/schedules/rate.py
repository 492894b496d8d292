"""Rate expressions: an interval, and the grid that makes it the same instants on every host.

AWS counts from the moment a schedule was created; here the grid is anchored at `start`, else at 1970-01-01T00:00Z, so
that restarting or deploying moves nothing. Days are 24 hours (EventBridge Scheduler User Guide, Schedule types).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.refusal import FIRST_YEAR, LAST_YEAR, Refused

if TYPE_CHECKING:
    from datetime import tzinfo

EPOCH: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
LAST: Final = datetime(LAST_YEAR, 12, 31, 23, 59, tzinfo=UTC)
SINGULAR: Final = {"minute": 1, "hour": 60, "day": 1440}
PLURAL: Final = {f"{unit}s": minutes for unit, minutes in SINGULAR.items()}
LONGEST: Final = (LAST - EPOCH) // timedelta(minutes=1)
"""In minutes. AWS documents no maximum; an interval longer than its calendar could not come round."""

_MINUTE: Final = timedelta(minutes=1)
_BEFORE: Final = EPOCH - _MINUTE
_AFTER: Final = LAST + _MINUTE


class Rate:
    """A fire time every so many minutes, counted from an anchor, within the years 1970 to 2199."""

    __slots__ = ("anchor", "minutes", "step")

    def __init__(self, minutes: int, anchor: datetime) -> None:
        """`anchor` is in UTC and on a whole minute."""
        self.minutes = minutes
        self.step = timedelta(minutes=minutes)
        self.anchor = anchor

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The first fire time after an instant (in UTC), in the zone."""
        start = max(after, _BEFORE)
        time = self.anchor + ((start - self.anchor) // self.step + 1) * self.step
        return time.astimezone(zone) if time <= LAST else None

    def previous(self, before: datetime, zone: tzinfo) -> datetime | None:
        """The last fire time before an instant (in UTC), in the zone."""
        end = min(before, _AFTER)
        time = self.anchor + -((self.anchor - end) // self.step + 1) * self.step
        return time.astimezone(zone) if time >= EPOCH else None

    def is_fire(self, instant: datetime, zone: tzinfo) -> bool:  # noqa: ARG002 - the three rules are asked alike
        """Whether an instant (in UTC) is on the grid."""
        return EPOCH <= instant <= LAST and not (instant - self.anchor) % self.step


def read(text: str, start: datetime | None) -> Rate:
    """What stands between the parentheses of `rate(...)`; raises `Refused`.

    Recorded against AWS: `rate( 10 minutes )` and other units are refused, and EventBridge refuses a plural after 1, a
    singular after other numbers, and upper case.
    """
    value, _, unit = text.partition(" ")
    size = (SINGULAR if value == "1" else PLURAL).get(unit)
    if size is None or not (value.isdigit() and value.isascii()) or value.startswith("0"):
        raise Refused("rate")
    minutes = int(value) * size
    if minutes > LONGEST:
        raise Refused("long")
    return Rate(minutes, _anchor(start))


def _anchor(start: datetime | None) -> datetime:
    """The first whole minute from `start` on."""
    if start is None:
        return EPOCH
    whole = start.replace(second=0, microsecond=0)
    return whole if whole == start else whole + _MINUTE
