"""How a test says how far the clock is to move, and when a run is to be."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from cloud_cron.errors import DeclarationError, did_you_mean

_UNITS: Final = ("seconds", "minutes", "hours", "days", "weeks")
_PART: Final = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*,?")
_LIKE: Final = 'such as "90 minutes", "2 days", or "1 day 12 hours"'


def duration(value: str | timedelta) -> timedelta:
    """A span of time from words or a timedelta; CC730 for anything else, and for one that goes back."""
    span = value if isinstance(value, timedelta) else _spelled(value)
    if span < timedelta(0):
        raise DeclarationError("CC730", f"the clock cannot go back by {-span}", hint="make another runner instead")
    return span


def _spelled(text: object) -> timedelta:
    if not isinstance(text, str) or not text.strip():
        raise DeclarationError("CC730", f"{text!r} is no span of time", hint=f"{_LIKE}, or a timedelta")
    total, end = timedelta(0), 0
    while end < len(text):
        part = _PART.match(text, end)
        if not part:
            raise DeclarationError("CC730", f"{text!r} is no span of time", hint=_LIKE)
        try:
            total += timedelta(**{_unit(text, part[2]): float(part[1])})
        except OverflowError:
            raise DeclarationError("CC730", f"{text!r} is longer than the calendar", hint=_LIKE) from None
        end = part.end()
    return total


def _unit(text: str, word: str) -> str:
    unit = f"{word.lower().removesuffix('s')}s"
    if unit not in _UNITS:
        raise DeclarationError("CC730", f"{text!r}: there is no unit {word!r}", hint=did_you_mean(unit, _UNITS))
    return unit


def instant(name: str, value: str | datetime | None) -> datetime | None:
    """A datetime from one, or from ISO 8601 text; a naive one is left so. CC731 for anything else."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    else:
        if value is None or isinstance(value, datetime):
            return value
    raise DeclarationError("CC731", f"{name}={value!r} is no date and time", hint=f'such as {name}="2030-01-01T08:00"')
