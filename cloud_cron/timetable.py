"""When a task is due: its expressions merged, so that two of them due at one instant are one run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule, zones

if TYPE_CHECKING:
    from collections.abc import Iterator


class Timed(Protocol):
    """What a task says of its times."""

    @property
    def schedules(self) -> tuple[str, ...]:
        """Expressions of EventBridge Scheduler."""
        ...

    @property
    def timezone(self) -> str:
        """An IANA name."""
        ...

    @property
    def start(self) -> str | None:
        """ISO 8601 with an offset, as is `end`."""
        ...

    @property
    def end(self) -> str | None:
        """The last instant."""
        ...


class Timetable:
    """The fire times of one task, aware, in the task's zone."""

    def __init__(self, task: Timed) -> None:
        """Read the expressions; raises `ScheduleError` for the first one that AWS Scheduler would refuse."""
        zones.find(task.timezone)
        start, end = moment("start", task.start), moment("end", task.end)
        self.schedules = tuple(Schedule(text, task.timezone, start, end) for text in task.schedules)

    def next(self, after: datetime) -> datetime | None:
        """The first fire time after the instant, or None."""
        times = [time for schedule in self.schedules if (time := schedule.next(after))]
        return min(times, default=None, key=_instant)

    def previous(self, before: datetime) -> datetime | None:
        """The last fire time before the instant, or None."""
        times = [time for schedule in self.schedules if (time := schedule.previous(before))]
        return max(times, default=None, key=_instant)

    def is_fire(self, instant: datetime) -> bool:
        """Whether the task is due at exactly this instant."""
        return any(schedule.is_fire(instant) for schedule in self.schedules)

    def fires(self, after: datetime, until: datetime | None = None) -> Iterator[datetime]:
        """Every fire time after `after`, up to and including `until`, each once."""
        several = [schedule.fires(after, until) for schedule in self.schedules]
        if len(several) == 1:
            yield from several[0]
            return
        from heapq import merge  # noqa: PLC0415 - most tasks have one schedule

        seen: datetime | None = None
        for time in merge(*several, key=_instant):
            if _instant(time) != seen:
                yield time
            seen = _instant(time)


def _instant(time: datetime) -> datetime:
    """Python compares the wall clocks of two times in one zone, which a repeated hour makes equal: compare in UTC."""
    return time.astimezone(UTC)


def moment(name: str, value: datetime | str | None) -> datetime | None:
    """An aware datetime from a datetime or ISO 8601 text: CC105 unless it says its offset."""
    if value is None:
        return None
    hint = f'such as {name}="2030-01-01T00:00:00Z"'
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        if time.utcoffset() is not None:
            return time.astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        raise ScheduleError("CC105", f"{name}={value!r} is not an ISO 8601 date and time", hint=hint) from None
    raise ScheduleError("CC105", f"{name}={value!r} has no UTC offset", hint=hint)
