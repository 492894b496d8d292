"""Runs that Lambda or Scheduler gave up: recorded, told, and only then taken out of the queue that they came to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from cloud_cron.encoding import dumps
from cloud_cron.errors import EventError
from cloud_cron.ports import Record
from cloud_cron.runtime import naming, watching
from cloud_cron.runtime.invocations import invocation
from cloud_cron.runtime.running import DONE
from cloud_cron.runtime.task import FAILED, RECORDED, SKIPPED

if TYPE_CHECKING:
    from cloud_cron.ports import Key
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.maintenance.hands import Failure
    from cloud_cron.runtime.maintenance.rounds import Desk

MISSED: Final = "MISSED"
_OVER: Final = frozenset({DONE, RECORDED, SKIPPED})
_ROOM: Final = 5.0


def collect(desk: Desk, context: LambdaContext) -> int:
    """Read both queues; how many runs were found. An event that asks for no run of this app stays where it is."""
    count = 0
    for state, found in ((FAILED, desk.hands.failures()), (MISSED, desk.hands.unstarted())):
        for failure in found:
            if context.get_remaining_time_in_millis() / 1000 < _ROOM:
                return count
            count += _one(desk, state, failure)
    return count


def _one(desk: Desk, state: str, failure: Failure) -> int:
    run = _run(desk, failure)
    if run is None:
        return 0
    key, at = run
    record = _recorded(desk, key, at, state, failure)
    if record is not None:
        desk.watch.tell(*watching.runs(state.lower(), key, record))
    desk.hands.settle(failure)
    return 1


def _run(desk: Desk, failure: Failure) -> tuple[Key, float] | None:
    """The run that the event asked for, and when it was due."""
    task = desk.model.task(failure.task)
    if task is None:
        return None
    now = desk.ports.clock.now()
    try:
        asked = invocation(dict(failure.event), task.name, now)
    except EventError:
        return None
    key = naming.run_key(task.name, asked.scheduled_at, failure.request, asked.again)
    return key, (asked.scheduled_at or asked.as_of or now).timestamp()


def _recorded(desk: Desk, key: Key, at: float, state: str, failure: Failure) -> Record | None:
    """What the ledger says of the run now; None when it went well after all, or is still to be published.

    A function that ran out of time or memory could not record that it failed.
    """
    ledger = desk.ports.ledger
    data = dumps({"event": dict(failure.event)})
    fresh = Record(state, code=failure.code, reason=failure.reason, at=at, data=data)
    found = ledger.create(key, fresh)
    if found is None:
        return fresh
    if found.state in _OVER:
        return None
    if found.state in {FAILED, state}:
        return found
    after = replace(found, state=state, code=failure.code, reason=failure.reason, not_before=0.0)
    return after if ledger.swap(key, found, after) else None
