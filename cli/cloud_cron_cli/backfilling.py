"""Runs of the past that are to be made now: one ledger record for each, which the host takes up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.encoding import dumps
from cloud_cron.ports import Record
from cloud_cron.runs import BACKFILL, instant
from cloud_cron.runtime import naming
from cloud_cron.timetable import Timetable
from cloud_cron_cli import runs

if TYPE_CHECKING:
    from cloud_cron.model import TaskModel
    from cloud_cron_cli.machine import Machine

QUEUED: Final = "queued"
MANY: Final = 1000

_NOT_MADE: Final = frozenset({"SKIPPED", "MISSED", "FAILED"})
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MOMENT: Final = timedelta(microseconds=1)


class Planned(NamedTuple):
    """One run: its time, in the task's zone, and `queued`, or the state of the run that was made before."""

    id: str
    at: datetime
    state: str
    was: str = ""

    def to_json(self) -> dict[str, Any]:
        """One of the `runs` that `backfill --json` prints."""
        return {"id": self.id, "scheduled_at": self.at.isoformat(), "state": self.state}


def due(task: TaskModel, first: datetime, last: datetime, now: datetime, limit: int | None) -> list[datetime]:
    """The fire times from `first` to `last`, both included, that have come by now; `limit` is how many at most."""
    return list(islice(Timetable(task).fires(max(first, _EPOCH) - _MOMENT, min(last, now)), limit))


def planned(machine: Machine, task: TaskModel, times: list[datetime], again: int) -> list[Planned]:
    """What would be done."""
    return [_plan(machine, task, at, again) for at in times]


def queued(machine: Machine, task: TaskModel, times: list[datetime], again: int) -> list[Planned]:
    """Do it: all or nothing."""
    now = machine.now().timestamp()
    with machine.store.transaction():
        plans = planned(machine, task, times, again)
        for plan in plans:
            if plan.state == QUEUED:
                _queue(machine, task, plan.at, again, now)
    made = [plan.id for plan in plans if plan.state == QUEUED]
    if made:
        machine.note("backfill", task=task.name, runs=len(made), first=made[0], last=made[-1])
    return plans


def _plan(machine: Machine, task: TaskModel, at: datetime, again: int) -> Planned:
    key = naming.run_key(task.name, at, "", again)
    found = machine.ledger.get(key)
    was = found.state.lower() if found else ""
    state = QUEUED if found is None or found.state in _NOT_MADE else was
    return Planned(runs.name(key), at, state, was)


def _queue(machine: Machine, task: TaskModel, at: datetime, again: int, now: float) -> None:
    """A run that waits for its first attempt."""
    event = {"task": task.name, "scheduled_at": instant(at), "trigger": BACKFILL} | ({"again": again} if again else {})
    record = Record("RETRY", not_before=now, at=at.astimezone(UTC).timestamp(), data=dumps({"event": event}))
    key = naming.run_key(task.name, at, "", again)
    found = machine.ledger.create(key, record)
    if found is not None:
        machine.ledger.swap(key, found, record._replace(token=machine.ids.token()))
