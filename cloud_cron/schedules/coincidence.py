"""Which tasks start in the same minute: a year of minutes as the bits of one integer per task.

Two years of schedules meet in one `&`, so that a few hundred tasks are compared pair by pair in a fraction of a second.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from itertools import combinations, pairwise
from operator import and_, or_
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

from cloud_cron.schedules.cron import Cron
from cloud_cron.schedules.once import Once
from cloud_cron.schedules.rate import Rate
from cloud_cron.schedules.transitions import transitions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from cloud_cron.schedules.schedule import Schedule

DAYS: Final = 366
_DAY: Final = 1440
_BYTES: Final = _DAY // 8
_LENGTH: Final = DAYS * _DAY
_MINUTE: Final = timedelta(minutes=1)


class Meeting(NamedTuple):
    """Tasks that start together: the first such minute (in UTC), and how often in a year all of them do."""

    tasks: tuple[str, ...]
    first: datetime
    times: int


def meetings(schedules: Mapping[str, Sequence[Schedule]], now: datetime) -> list[Meeting]:
    """The tasks that meet within a year from an instant (in UTC), every pair in one meeting: the first one it has.

    A task that fires in more than half of all minutes is left out: nothing could be moved out of its way.
    """
    origin = now.replace(second=0, microsecond=0)
    edges = _Edges(origin)
    bits = {task: reduce(or_, (fire_bits(each, origin, edges) for each in own), 0) for task, own in schedules.items()}
    alike: dict[int, list[str]] = {}
    for task, fires in bits.items():
        if 0 < fires.bit_count() <= _LENGTH // 2:
            alike.setdefault(fires, []).append(task)
    met: dict[int, set[str]] = {_lowest(fires): set(tasks) for fires, tasks in alike.items() if len(tasks) > 1}
    for (one, tasks), (other, more) in combinations(alike.items(), 2):
        if common := one & other:
            met.setdefault(_lowest(common), set()).update(tasks, more)
    found = []
    for minute, group in sorted(met.items()):
        tasks_in_order = tuple(task for task in schedules if task in group)
        together = reduce(and_, (bits[task] for task in tasks_in_order)).bit_count()
        found.append(Meeting(tasks_in_order, origin + minute * _MINUTE, together))
    return found


class _Edges:
    """The instants between which the offset of a zone is constant; the work is done once for each zone."""

    def __init__(self, origin: datetime) -> None:
        self.origin = origin
        self.known: dict[tzinfo, list[datetime]] = {}

    def of(self, zone: tzinfo) -> list[datetime]:
        if zone not in self.known:
            end = self.origin + _LENGTH * _MINUTE
            changes = (change.instant for change in transitions(zone, self.origin, end))
            self.known[zone] = [self.origin, *changes, end]
        return self.known[zone]


def fire_bits(schedule: Schedule, origin: datetime, edges: _Edges | None = None) -> int:
    """The minutes of a year from `origin` (in UTC) in which a schedule fires: bit 0 is the first of them."""
    first, last = schedule.span
    low = max(0, -((origin - first) // _MINUTE))
    high = min(_LENGTH, (last - origin) // _MINUTE + 1)
    if low >= high:
        return 0
    match schedule.rule:
        case Cron() as cron:
            fires = _cron_bits(cron, schedule.zone, edges or _Edges(origin))
        case Rate() as rate:
            fires = _rate_bits(rate, origin)
        case Once() as once:
            fires = _once_bits(once, schedule.zone, origin)
        case _ as never:
            assert_never(never)
    return ((fires >> low) << low) & ((1 << high) - 1)


def _cron_bits(cron: Cron, zone: tzinfo, edges: _Edges) -> int:
    """Between two transitions the offset is constant: the bits of the wall clock, shifted."""
    fires = 0
    for start, stop in pairwise(edges.of(zone)):
        begin = start
        while (local := begin.astimezone(zone)).fold:
            begin += _MINUTE  # the second pass of repeated times: their run was in the first one
        wall = local.replace(tzinfo=None)
        fires |= _wall_bits(cron, wall, (stop - begin) // _MINUTE) << ((begin - edges.origin) // _MINUTE)
    return fires


def _wall_bits(cron: Cron, wall: datetime, length: int) -> int:
    """The minutes from a wall-clock time on, `length` of them, in which an expression fires."""
    busy = _day_bits(cron)
    idle = bytes(_BYTES)
    first = wall.date()
    days = [first + timedelta(days=day) for day in range((length + _DAY) // _DAY + 1)]
    rows = b"".join([busy if _fires_on(cron, day) else idle for day in days])
    return (int.from_bytes(rows, "little") >> (wall.hour * 60 + wall.minute)) & ((1 << length) - 1)


def _fires_on(cron: Cron, day: date) -> bool:
    return day.month in cron.months and day.year in cron.years and day.day in cron.month(day.year, day.month)


def _day_bits(cron: Cron) -> bytes:
    """The minutes of a day in which an expression fires."""
    hour = sum(1 << minute for minute in cron.minutes)
    return sum(hour << (60 * each) for each in cron.hours).to_bytes(_BYTES, "little")


def _rate_bits(rate: Rate, origin: datetime) -> int:
    """Every so many bits, by doubling."""
    first = (rate.anchor - origin) // _MINUTE % rate.minutes
    fires, span = 1, rate.minutes
    while span < _LENGTH:
        fires |= fires << span
        span *= 2
    return fires << first


def _once_bits(once: Once, zone: tzinfo, origin: datetime) -> int:
    time = once.next(origin - timedelta(microseconds=1), zone)
    minute = (time - origin) // _MINUTE if time else -1
    return 1 << minute if 0 <= minute < _LENGTH else 0


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
