"""Runs that should have been and of which nothing is known: fire times without a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.encoding import dumps
from cloud_cron.ports import Key, Record
from cloud_cron.runs import instant
from cloud_cron.runtime import naming, watching
from cloud_cron.runtime.maintenance import errands
from cloud_cron.runtime.maintenance.working import each
from cloud_cron.schedules.emission import keeps_its_phase
from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.model import AppModel
    from cloud_cron.runtime.maintenance.rounds import Desk
    from cloud_cron.runtime.maintenance.working import Turn

GRACE: Final = timedelta(minutes=65)
"""How long a run may be late beside its window: Scheduler tries for an hour to hand it over, and is precise to a
minute; the rest is for Lambda to begin with it."""
MISSED: Final = "MISSED"
_AT_ONCE: Final = 500
_REMEMBERED: Final = 256
_IDLE: Final = timedelta(hours=1)
"""How far a cursor may lie behind while nothing is due: it is not written more often, and never expires."""


def find(desk: Desk, turn: Turn) -> int:
    """Look at the times of every task that should be over; how many were missed. Raises as `each` does.

    The times of a rate that AWS counts from a moment of its own are not known, and not looked at.
    """
    return each(_watched(desk.model), partial(_of, desk, turn), turn)


class _Times(NamedTuple):
    """What a timetable is made of."""

    schedules: tuple[str, ...]
    timezone: str
    start: str | None
    end: str | None


class _Watched(NamedTuple):
    """A task's times, as far as they are known; `digest` says what decides about them, and changes with it.

    `late` is how long its runs may be late. No time of a task that is not `enabled` is looked at.
    """

    task: str
    known: Timetable
    enabled: bool
    late: timedelta
    digest: str


def _watched(model: AppModel) -> Iterator[_Watched]:
    """The tasks of which any times are known."""
    for task in model.tasks:
        times = _Times(task.schedules, task.timezone, task.start, task.end)
        watched = _read(task.name, times, task.enabled, task.window or 0)
        if watched.known.schedules:
            yield watched


@lru_cache(maxsize=_REMEMBERED)  # one round after the other asks for the same ones
def _read(task: str, times: _Times, enabled: bool, window: int) -> _Watched:  # noqa: FBT001 - what a task says of itself
    known = Timetable(times)
    known.schedules = tuple(filter(keeps_its_phase, known.schedules))
    return _Watched(task, known, enabled, GRACE + timedelta(minutes=window), _digest(times, known, enabled=enabled))


@lru_cache(maxsize=_REMEMBERED)  # a cursor stays where it is for an hour of rounds
def _idle_until(watched: _Watched, cursor: float) -> datetime:
    """When there is something to do for a cursor: its first time is over, or it lies far behind."""
    since = datetime.fromtimestamp(cursor, UTC)
    first = watched.known.next(since) if watched.enabled else None
    behind = since + _IDLE
    return min(first.astimezone(UTC), behind) if first else behind


def _between(watched: _Watched, cursor: float, until: datetime) -> list[datetime]:
    """The times after a cursor, up to and including `until`, in UTC; not all of them where they are many."""
    if not watched.enabled:
        return []
    fires = watched.known.fires(datetime.fromtimestamp(cursor, UTC), until)
    return [time.astimezone(UTC) for time in islice(fires, _AT_ONCE)]


def _of(desk: Desk, turn: Turn, watched: _Watched) -> int:
    """The runs of one task since the last look, by the times that are known.

    A task that is new, or was given other times, is looked after from now on; one that is switched off misses nothing.
    """
    now = desk.ports.clock.now().replace(microsecond=0)
    key = Key(f"W#{watched.task}", "cursor")
    found = desk.ports.ledger.get(key)
    cursor = errands.told(desk, key, found) if found else None
    if found and cursor is None:
        return 0
    if cursor is None or cursor.digest != watched.digest:
        errands.moved(desk, key, cursor, Record("CURSOR", at=now.timestamp(), digest=watched.digest))
        return 0
    until = now - watched.late
    if until < _idle_until(watched, cursor.at):
        return 0
    return _look(desk, turn, watched.task, (key, cursor), _between(watched, cursor.at, until), until)


def _look(  # noqa: PLR0913, PLR0917 - a task, a place, and times
    desk: Desk, turn: Turn, task: str, place: tuple[Key, Record], times: list[datetime], until: datetime
) -> int:
    """Record what was missed of these times, move the cursor with what is to be told of it, and tell it."""
    key, cursor = place
    missed: list[tuple[Key, Record]] = []
    looked = 0
    while looked < len(times) and turn.has_time():
        missed += _miss(desk, task, times[looked])
        looked += 1
    if looked < len(times):
        seen = times[looked] - timedelta(seconds=1)
    else:
        seen = times[-1] if len(times) == _AT_ONCE else until
    errand = errands.written(*watching.runs("missed", *missed[0], count=len(missed))) if missed else ""
    after = errands.moved(desk, key, cursor, cursor._replace(at=seen.timestamp(), data=errand))
    if after is None:
        return 0
    errands.told(desk, key, after)
    return len(missed)


def _miss(desk: Desk, task: str, time: datetime) -> list[tuple[Key, Record]]:
    """The record of a missed run, unless somebody began it, or said already why it was not begun.

    One that an interrupted look recorded counts again: the cursor did not move, so that nobody was told.
    """
    key, ledger = naming.run_key(task, time, ""), desk.ports.ledger
    event = {"task": task, "scheduled_at": instant(time)}
    fresh = Record(MISSED, reason="nobody began it in time", at=time.timestamp(), data=dumps({"event": event}))
    found = ledger.get(key) or ledger.create(key, fresh) or fresh
    return [(key, found)] if found.state == MISSED and not found.code else []


def _digest(times: _Times, known: Timetable, *, enabled: bool) -> str:
    """What decides about the times of a task."""
    spoken = "|".join(
        [
            *(schedule.expression for schedule in known.schedules),
            times.timezone,
            times.start or "",
            times.end or "",
            str(enabled),
        ]
    )
    return sha256(spoken.encode()).hexdigest()[:16]
