"""Runs that should have been and of which nothing is known: fire times without a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
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
    from cloud_cron.model import TaskModel
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
    watched = ((task, _Times(task.schedules, task.timezone, task.start, task.end)) for task in desk.model.tasks)
    known = ((task, times) for task, times in watched if _known(times).schedules)
    return each(known, lambda pair: _of(desk, turn, *pair), turn)


class _Times(NamedTuple):
    """What a timetable is made of."""

    schedules: tuple[str, ...]
    timezone: str
    start: str | None
    end: str | None


@lru_cache(maxsize=_REMEMBERED)  # one round after the other asks for the same ones
def _known(times: _Times) -> Timetable:
    """The timetable of those expressions whose times are known."""
    whole = Timetable(times)
    kept = [schedule.expression for schedule in whole.schedules if keeps_its_phase(schedule)]
    return Timetable(times._replace(schedules=tuple(kept)))


@lru_cache(maxsize=_REMEMBERED)  # a cursor stays where it is for an hour of rounds
def _first(times: _Times, since: datetime) -> datetime | None:
    return _known(times).next(since)


def _between(times: _Times, since: datetime, until: datetime) -> list[datetime]:
    """The times after `since`, up to and including `until`, in UTC; not all of them where they are many."""
    first = _first(times, since)
    if first is None or first > until:
        return []
    return [time.astimezone(UTC) for time in islice(_known(times).fires(since, until), _AT_ONCE)]


def _of(desk: Desk, turn: Turn, task: TaskModel, times: _Times) -> int:
    """The runs of one task since the last look, by the times that are known.

    A task that is new, or was given other times, is looked after from now on; one that is switched off misses nothing.
    """
    now = desk.ports.clock.now().replace(microsecond=0)
    key, fresh = (
        Key(f"W#{task.name}", "cursor"),
        Record("CURSOR", at=now.timestamp(), digest=_digest(times, task.enabled)),
    )
    found = desk.ports.ledger.get(key)
    cursor = errands.told(desk, key, found) if found else None
    if found and cursor is None:
        return 0
    if cursor is None or cursor.digest != fresh.digest:
        errands.moved(desk, key, cursor, fresh)
        return 0
    since, until = datetime.fromtimestamp(cursor.at, UTC), now - GRACE - timedelta(minutes=task.window or 0)
    due = _between(times, since, until) if task.enabled else []
    if not due and until - since < _IDLE:
        return 0
    return _look(desk, turn, task, (key, cursor), due, until)


def _look(  # noqa: PLR0913, PLR0917 - a task, a place, and times
    desk: Desk, turn: Turn, task: TaskModel, place: tuple[Key, Record], times: list[datetime], until: datetime
) -> int:
    """Record what was missed of these times, move the cursor with what is to be told of it, and tell it."""
    (key, cursor), missed, looked = place, list[tuple[Key, Record]](), 0
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


def _miss(desk: Desk, task: TaskModel, time: datetime) -> list[tuple[Key, Record]]:
    """The record of a missed run, unless somebody began it, or said already why it was not begun.

    One that an interrupted look recorded counts again: the cursor did not move, so that nobody was told.
    """
    key, ledger = naming.run_key(task.name, time, ""), desk.ports.ledger
    event = {"task": task.name, "scheduled_at": instant(time)}
    fresh = Record(MISSED, reason="nobody began it in time", at=time.timestamp(), data=dumps({"event": event}))
    found = ledger.get(key) or ledger.create(key, fresh) or fresh
    return [(key, found)] if found.state == MISSED and not found.code else []


@lru_cache(maxsize=_REMEMBERED)
def _digest(times: _Times, enabled: bool) -> str:  # noqa: FBT001 - what a task says of itself
    """What decides about the times of a task."""
    known = [schedule.expression for schedule in _known(times).schedules]
    spoken = "|".join([*known, times.timezone, times.start or "", times.end or "", str(enabled)])
    return sha256(spoken.encode()).hexdigest()[:16]
