"""Runs of the past that are to be made now: each is given its turn, and what was made before is left alone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import CloudCronError
from cloud_cron.runs import BACKFILL, instant
from cloud_cron.runtime import naming
from cloud_cron.timetable import Timetable
from cloud_cron_cli import runs

if TYPE_CHECKING:
    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key
    from cloud_cron_cli.operating.place import Place, Turns

QUEUED: Final = "queued"
WAITING: Final = "waiting"
MANY: Final = 1000

_NOT_MADE: Final = frozenset({"SKIPPED", "MISSED", "FAILED"})
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MOMENT: Final = timedelta(microseconds=1)


class Past(NamedTuple):
    """Times of a task; `again` counts further runs of times that were run before, and is 0 for the first."""

    task: TaskModel
    times: list[datetime]
    again: int = 0

    def key(self, at: datetime) -> Key:
        """Where the ledger has the run of a time."""
        return naming.run_key(self.task.name, at, "", self.again)

    def event(self, at: datetime) -> dict[str, Any]:
        """What asks for that run."""
        again = {"again": self.again} if self.again else {}
        return {"task": self.task.name, "scheduled_at": instant(at), "trigger": BACKFILL, **again}


class Planned(NamedTuple):
    """One run: its time, in the task's zone, and `queued`, `waiting`, or the state of the run that was made before."""

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


def planned(place: Place, turns: Turns, past: Past) -> list[Planned]:
    """What would be done."""
    return [_plan(place, turns, past, at) for at in past.times]


def queued(place: Place, turns: Turns, past: Past) -> list[Planned]:
    """Do it: all or nothing where there is such a thing; elsewhere it may be done again, whatever it came to."""
    given: list[Planned] = []
    try:
        with place.at_once():
            plans = planned(place, turns, past)
            for plan in plans:
                if plan.state == QUEUED:
                    turns.give(past.key(plan.at), past.event(plan.at))
                    given.append(plan)
    except BaseException:
        if turns.stay:
            with suppress(CloudCronError):  # what failed first is what is told
                _note(place, past, given)
        raise
    _note(place, past, given)
    return plans


def _note(place: Place, past: Past, given: list[Planned]) -> None:
    if given:
        place.note("backfill", past.task.name, runs=len(given), first=given[0].id, last=given[-1].id)


def _plan(place: Place, turns: Turns, past: Past, at: datetime) -> Planned:
    key = past.key(at)
    if turns.waits(key):
        return Planned(runs.name(key), at, WAITING)
    found = place.ledger.get(key)
    was = found.state.lower() if found else ""
    state = QUEUED if found is None or found.state in _NOT_MADE else was
    return Planned(runs.name(key), at, state, was)
