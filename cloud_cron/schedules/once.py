"""One-time expressions: `at(yyyy-mm-ddThh:mm:ss)`, a wall-clock time in the schedule's zone.

A past one is accepted, as AWS does (recorded). One that the zone skips never fires, as a skipped cron time does not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.refusal import FIRST_YEAR, LAST_YEAR, Refused
from cloud_cron.schedules.zones import place

if TYPE_CHECKING:
    from datetime import tzinfo

_PICTURE: Final = "0000-00-00T00:00:00"


class Once:
    """A single fire time."""

    __slots__ = ("wall",)

    def __init__(self, wall: datetime) -> None:
        """`wall` is the time without its zone."""
        self.wall = wall

    def next(self, after: datetime, zone: tzinfo) -> datetime | None:
        """The fire time, in the zone, if it is after an instant (in UTC)."""
        time = place(self.wall, zone)
        return time if time and time.astimezone(UTC) > after else None

    def previous(self, before: datetime, zone: tzinfo) -> datetime | None:
        """The fire time, in the zone, if it is before an instant (in UTC)."""
        time = place(self.wall, zone)
        return time if time and time.astimezone(UTC) < before else None

    def is_fire(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether an instant (in UTC) is the fire time."""
        time = place(self.wall, zone)
        return time is not None and time.astimezone(UTC) == instant


def read(text: str) -> Once:
    """What stands between the parentheses of `at(...)`; raises `Refused`."""
    if not text.isascii() or len(text) != len(_PICTURE):
        raise Refused("at")
    for character, example in zip(text, _PICTURE, strict=True):
        if character.isdigit() != example.isdigit() or not (character.isdigit() or character == example):
            raise Refused("at")
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise Refused("at") from None
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise Refused("at")
    return Once(wall)
