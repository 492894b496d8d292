"""The minutes and hours of a cron expression in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.listing import listed, ordinal, ranged, runs, step_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOUR: Final = 60
_DAY: Final = 1440
_FEW: Final = 6
_UNITS: Final = ((_DAY, "day"), (_HOUR, "hour"), (1, "minute"))


def at_times(hours: Sequence[int], minutes: Sequence[int]) -> tuple[str, bool]:
    """The times of a day, and whether they read as a steady beat (`Every 5 minutes`) that needs no `every day`."""
    times = [hour * _HOUR + minute for hour in hours for minute in minutes]
    if len(times) <= _FEW:
        return f"At {listed([clock(time) for time in times])}", False
    step = step_of(times)
    if step and step * len(times) == _DAY:
        return _all_day(step, times[0]), True
    if step:
        return f"{every(step)} from {clock(times[0])} to {clock(times[-1])}", True
    beat = _beat(minutes)
    spans = runs(hours)
    if beat and len(spans) <= _FEW // 2:
        parts = [(first * _HOUR + minutes[0], last * _HOUR + minutes[-1]) for first, last in spans]
        return f"{every(beat)} {listed([_span(*part) for part in parts])}", True
    return f"{_minutes(minutes)} of {_hours(hours)}", True


def duration(minutes: int) -> str:
    """`1 minute`, `15 minutes`, `1 hour`, `2 hours`, `7 days`: the largest unit that divides it."""
    size, unit = next(pair for pair in _UNITS if minutes % pair[0] == 0)
    count = minutes // size
    return f"{count} {unit}{'s' if count != 1 else ''}"


def every(minutes: int) -> str:
    """`Every minute`, `Every 15 minutes`, `Every hour`."""
    return f"Every {duration(minutes).removeprefix('1 ')}"


def clock(time: int) -> str:
    """A minute of the day as `08:05`."""
    return f"{time // _HOUR:02}:{time % _HOUR:02}"


def _all_day(step: int, first: int) -> str:
    """A beat that goes round the clock."""
    if step == _HOUR:
        return f"Every hour at minute {first}"
    if first == 0 and step < _HOUR:
        return every(step)
    return f"{every(step)} from {clock(first)} to {clock(first + _DAY - step)}"


def _beat(minutes: Sequence[int]) -> int | None:
    """The step of minutes that goes on evenly into the next hour."""
    step = step_of([*minutes, minutes[0] + _HOUR]) if len(minutes) > 1 else _HOUR
    return step if step and step * len(minutes) == _HOUR else None


def _span(first: int, last: int) -> str:
    return f"from {clock(first)} to {clock(last)}" if first != last else f"at {clock(first)}"


def _minutes(minutes: Sequence[int]) -> str:
    step = step_of(minutes)
    if len(minutes) == 1:
        return f"At minute {minutes[0]}"
    if len(minutes) == _HOUR:
        return "Every minute"
    if step and len(minutes) > _FEW // 2:
        return f"{every(step)} from minute {minutes[0]} to minute {minutes[-1]}"
    return f"At minutes {ranged(minutes, str)}"


def _hours(hours: Sequence[int]) -> str:
    step = step_of(hours)
    if len(hours) == _DAY // _HOUR:
        return "every hour"
    if len(hours) == 1:
        return f"the hour {hours[0]:02}"
    if step and step > 1 and len(hours) > _FEW // 2:
        return f"every {ordinal(step)} hour from {hours[0]:02} to {hours[-1]:02}"
    return f"the hours {ranged(hours, '{:02}'.format)}"
