"""Runs that should have been and of which nothing is known: fire times without a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Final

from cloud_cron.encoding import dumps
from cloud_cron.ports import Key, Record
from cloud_cron.runs import instant
from cloud_cron.runtime import naming, watching
from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from cloud_cron.model import TaskModel
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.maintenance.rounds import Desk

GRACE: Final = timedelta(minutes=65)
"""How long a run may be late: Scheduler tries for an hour to hand it over, and is precise to a minute."""
MISSED: Final = "MISSED"
_AT_ONCE: Final = 500
_ROOM: Final = 5.0


def find(desk: Desk, context: LambdaContext) -> int:
    """Look at the times of every task that should be over; how many were missed."""
    count = 0
    for task in desk.model.tasks:
        if context.get_remaining_time_in_millis() / 1000 < _ROOM:
            break
        if task.schedules:
            count += _of(desk, task)
    return count


def _of(desk: Desk, task: TaskModel) -> int:
    """The runs of one task since the last look. The cursor moves when they are recorded and told, not before.

    A task that is new, or was given other times, is looked after from now on; one that is switched off misses nothing.
    """
    ledger, now = desk.ports.ledger, desk.ports.clock.now().replace(microsecond=0)
    until = now - GRACE - timedelta(minutes=task.window or 0)
    key, fresh = Key(f"W#{task.name}", "cursor"), _cursor(task, now)
    cursor = ledger.create(key, fresh)
    if cursor is None:
        return 0
    if cursor.digest != fresh.digest:
        ledger.swap(key, cursor, fresh)
        return 0
    since = datetime.fromtimestamp(cursor.at, UTC)
    times = list(islice(Timetable(task).fires(since, until), _AT_ONCE)) if until > since and task.enabled else []
    missed = [found for time in times if (found := _miss(desk, task, time.astimezone(UTC)))]
    if missed:
        desk.watch.tell(*watching.runs("missed", *missed[0], count=len(missed)))
    seen = times[-1].astimezone(UTC) if len(times) == _AT_ONCE else max(until, since)
    ledger.swap(key, cursor, _cursor(task, seen))
    return len(missed)


def _miss(desk: Desk, task: TaskModel, time: datetime) -> tuple[Key, Record] | None:
    """The record of a missed run, unless there is one of a run that began; one of an earlier look counts again."""
    key = naming.run_key(task.name, time, "")
    event = {"task": task.name, "scheduled_at": instant(time)}
    record = Record(MISSED, reason="nobody began it in time", at=time.timestamp(), data=dumps({"event": event}))
    found = desk.ports.ledger.create(key, record)
    if found is None:
        return key, record
    return (key, found) if found.state == MISSED and not found.code else None


def _cursor(task: TaskModel, at: datetime) -> Record:
    """Up to when the runs of a task were looked after; its token changes with every move."""
    spoken = "|".join([*task.schedules, task.timezone, task.start or "", task.end or "", str(task.enabled)])
    digest = sha256(spoken.encode()).hexdigest()[:16]
    return Record("CURSOR", token=f"{at.timestamp():.0f}", at=at.timestamp(), digest=digest)
