"""The mistakes made in `at(...)`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules.mistakes import accepted, shown
from cloud_cron.schedules.refusal import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from datetime import tzinfo

_SHAPE: Final = "write `at(yyyy-mm-ddThh:mm:ss)`, such as `at(2030-01-31T09:00:00)`"


def explain(expression: str) -> ScheduleError:
    """The error for a refused `at`: CC103."""
    inner = expression[len("at(") : -1]
    time = moment(inner)
    if time is None:
        message = f"{shown(expression)} holds no date and time that exists"
        return _error(message, _SHAPE)
    better = written(time)
    hint = f"use `{better}`" if better else _SHAPE
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        return _error(f"{shown(expression)} is outside of the years {FIRST_YEAR} to {LAST_YEAR}", hint)
    if time.tzinfo is not None:
        zone = _zone_advice(time.tzinfo, time)
        return _error(f"{shown(expression)} carries a UTC offset, which AWS refuses", f"{hint} with {zone}")
    if len(inner.strip()) <= len("2030-01-31"):
        return _error(f"{shown(expression)} has no time of day", hint)
    return _error(f"{shown(expression)} is not written as AWS wants it: `yyyy-mm-ddThh:mm:ss`", hint)


def moment(text: str) -> datetime | None:
    """The date and time that a text may mean."""
    try:
        return datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None


def written(time: datetime) -> str | None:
    """A date and time as an expression."""
    text = f"at({time.replace(tzinfo=None, microsecond=0).isoformat()})"
    return text if accepted(text) else None


def _zone_advice(zone: tzinfo, time: datetime) -> str:
    return 'timezone="UTC"' if not zone.utcoffset(time) else 'the zone in timezone=, such as timezone="Europe/Madrid"'


def _error(message: str, hint: str) -> ScheduleError:
    return ScheduleError("CC103", message, hint=hint)
