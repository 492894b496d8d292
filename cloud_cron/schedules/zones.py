"""Time zones: finding one by its name, and putting a wall-clock time into it the way AWS does.

EventBridge Scheduler User Guide, "Schedule types", Daylight savings time: a time that does not exist is skipped that
day; one that occurs twice runs once, at its first instance. UTC never adjusts.
"""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

MAX_LENGTH: Final = 50
"""The longest name, in characters (Scheduler API model, ScheduleExpressionTimezone)."""


def find(name: str) -> tzinfo:
    """The zone of an IANA name in its own spelling, on every operating system; raises CC104."""
    if name == "UTC":
        return UTC
    if not isinstance(name, str) or len(name) > MAX_LENGTH or name not in names():
        from cloud_cron.schedules.mistakes_zone import unknown  # noqa: PLC0415 - only a mistake pays for it

        raise unknown(name)
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - UTC does without

    return ZoneInfo(name)


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Every IANA name. `ZoneInfo` alone would accept files of the system (`posixrules`) and, on some, any case."""
    from importlib.util import find_spec  # noqa: PLC0415 - UTC does without

    spec = find_spec("tzdata")
    if spec is None or spec.origin is None or spec.loader is None:
        from zoneinfo import available_timezones  # noqa: PLC0415 - reads hundreds of files

        return frozenset(available_timezones() - {"Factory"})
    loader: Any = spec.loader
    listed: str = loader.get_data(spec.origin.removesuffix("__init__.py") + "zones").decode()
    return frozenset(listed.split()) - {"Factory"}


def place(wall: datetime, zone: tzinfo) -> datetime | None:
    """The first instance of a wall-clock time, aware, or None when the zone skips it."""
    time = wall.replace(tzinfo=zone)
    if zone is UTC:
        return time
    before, after = time.utcoffset(), time.replace(fold=1).utcoffset()
    # PEP 495: around a transition, fold=0 reads the offset before it and fold=1 the offset after it.
    return None if before < after else time  # type: ignore[operator]
