"""The value that everything else hands around: an expression in a zone, between two instants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import zones
from cloud_cron.schedules.expression import Rule, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

# A day and a bit beyond the calendar of 1970 to 2199, so that no zone's offset can leave it.
FLOOR: Final = datetime(1969, 12, 30, tzinfo=UTC)
CEILING: Final = datetime(2200, 1, 2, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Schedule:
    """When something is due, in the language of EventBridge Scheduler.

    `expression` is `rate(...)`, `cron(...)` or `at(...)`; `timezone` an IANA name; `start` and `end` aware datetimes
    between which, both included, it fires. Constructing one raises `ScheduleError`: CC101 (rate), CC102 (cron),
    CC103 (another form, or a mistake in `at`), CC104 (time zone), CC105 (`start` and `end`).

    Fire times are aware datetimes in the zone. Compare and sort them as `time.astimezone(UTC)`: in an hour that the
    clocks repeat, Python ignores `fold` between two times of one zone, and calls a time of that hour unequal to every
    time of another zone (PEP 495).
    """

    expression: str
    timezone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None
    zone: tzinfo = field(init=False, repr=False, compare=False)
    rule: Rule = field(init=False, repr=False, compare=False)
    span: tuple[datetime, datetime] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Validate, and keep what the text stands for: `zone`, `rule`, and `span`, the two bounds in UTC."""
        first = _bound("start", self.start) or FLOOR
        last = _bound("end", self.end) or CEILING
        if self.start and self.end and last < first:
            message = f"end {self.end.isoformat()} is before start {self.start.isoformat()}"
            raise ScheduleError("CC105", message, hint="swap them, or leave one out")
        put = object.__setattr__
        put(self, "zone", zones.find(self.timezone))
        put(self, "rule", parse(self.expression, first if self.start else None))
        put(self, "span", (max(first, FLOOR), min(last, CEILING)))

    def next(self, after: datetime) -> datetime | None:
        """The first fire time strictly after an aware instant, or None; ValueError for a naive one."""
        instant = instant_of(after)
        first, last = self.span
        if instant > last:
            return None
        found = self.rule.next(instant if instant >= first else first - _TICK, self.zone)
        return found if found and found.astimezone(UTC) <= last else None

    def previous(self, before: datetime) -> datetime | None:
        """The last fire time strictly before an aware instant, or None; ValueError for a naive one."""
        instant = instant_of(before)
        first, last = self.span
        if instant < first:
            return None
        found = self.rule.previous(instant if instant <= last else last + _TICK, self.zone)
        return found if found and found.astimezone(UTC) >= first else None

    def fires(self, after: datetime, until: datetime | None = None) -> Iterator[datetime]:
        """Every fire time strictly after `after`, up to and including `until` (both aware), in order."""
        return self._fires(instant_of(after), self.span[1] if until is None else instant_of(until))

    def is_fire(self, t: datetime) -> bool:
        """Whether an aware instant is exactly a fire time; ValueError for a naive one."""
        instant = instant_of(t)
        return self.span[0] <= instant <= self.span[1] and self.rule.is_fire(instant, self.zone)

    def _fires(self, instant: datetime, limit: datetime) -> Iterator[datetime]:
        while time := self.next(instant):
            instant = time.astimezone(UTC)
            if instant > limit:
                return
            yield time


def instant_of(value: datetime) -> datetime:
    """An aware datetime in UTC, brought inside the calendar when it is so far out that it has no UTC."""
    if not isinstance(value, datetime):
        message = f"a datetime is needed, not {value!r}"
        raise TypeError(message)
    if value.utcoffset() is None:
        message = f"{value!r} is naive: give it a time zone, such as datetime.now(UTC)"
        raise ValueError(message)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return FLOOR - _TICK if value.year < FLOOR.year else CEILING + _TICK


def _bound(name: str, value: datetime | None) -> datetime | None:
    """`start` or `end` in UTC; raises CC105."""
    if value is None:
        return None
    hint = f"such as {name}=datetime(2030, 1, 1, tzinfo=UTC)"
    if not isinstance(value, datetime):
        raise ScheduleError("CC105", f"{name}={value!r} is not a datetime", hint=hint)
    if value.utcoffset() is None:
        raise ScheduleError("CC105", f"{name}={value.isoformat()} has no time zone", hint=hint)
    return instant_of(value)
