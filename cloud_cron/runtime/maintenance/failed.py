"""Runs that Lambda or Scheduler gave up: recorded, told, and only then taken out of the queue that they came to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding import dumps, plain
from cloud_cron.errors import EncodingError, EventError
from cloud_cron.ports import Record
from cloud_cron.runs import instant
from cloud_cron.runtime import naming, watching
from cloud_cron.runtime.invocations import invocation
from cloud_cron.runtime.maintenance.working import each
from cloud_cron.runtime.running import DONE
from cloud_cron.runtime.task import CLAIMED, FAILED, RECORDED, SKIPPED

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.ports import Key
    from cloud_cron.runtime.maintenance.hands import Failure
    from cloud_cron.runtime.maintenance.rounds import Desk
    from cloud_cron.runtime.maintenance.working import Turn

MISSED: Final = "MISSED"
_OVER: Final = frozenset({DONE, RECORDED, SKIPPED})


def given_up(desk: Desk, turn: Turn) -> int:
    """Read what Lambda gave up; how many runs were found. Raises as `each` does.

    An event that asks for no run of this app stays where it is, and so does one of a run that another request is at:
    that one decides what becomes of the run.
    """
    return each(desk.hands.failures(), partial(_failed, desk), turn)


def unstarted(desk: Desk, turn: Turn) -> int:
    """Read what Scheduler could not hand over, likewise; a run that somebody began after all was not missed."""
    return each(desk.hands.unstarted(), partial(_missed, desk), turn)


def _failed(desk: Desk, failure: Failure) -> int:
    run = _run(desk, failure)
    if run is None:
        return 0
    key, record = run
    ledger, fresh = desk.ports.ledger, record._replace(state=FAILED)
    found = ledger.create(key, fresh)
    now = desk.ports.clock.now().timestamp()
    if found and found.state == CLAIMED and found.source != failure.request and found.lease >= now:
        return 0
    if found and found.state not in {*_OVER, FAILED}:
        # A function that ran out of time or memory could not record it.
        after = found._replace(state=FAILED, code=failure.code, reason=failure.reason, not_before=0.0)
        if not ledger.swap(key, found, after):
            return 0
        found = after
    return _settled(desk, "failed", key, found or fresh, failure)


def _missed(desk: Desk, failure: Failure) -> int:
    run = _run(desk, failure)
    if run is None:
        return 0
    key, record = run
    return _settled(desk, "missed", key, desk.ports.ledger.create(key, record) or record, failure)


def _settled(desk: Desk, kind: str, key: Key, record: Record, failure: Failure) -> int:
    """Tell of a run when its record still says the kind, and take the failure out of its queue.

    What is missed without a code was found by its time, and told of by who found it.
    """
    if record.state == kind.upper() and record.code:
        desk.watch.tell(*watching.runs(kind, key, record))
    desk.hands.settle(failure)
    return 1


def _run(desk: Desk, failure: Failure) -> tuple[Key, Record] | None:
    """The run that the event asked for, and a record of it as one that was missed; None when it asks for none."""
    task = desk.model.task(failure.task)
    if task is None:
        return None
    now = desk.ports.clock.now()
    try:
        asked = invocation(plain(dict(failure.event), "event"), task.name, now)
    except (EncodingError, EventError):
        return None
    key = naming.run_key(task.name, asked.scheduled_at, asked.request or failure.request, asked.again)
    at = (asked.scheduled_at or asked.as_of or now).timestamp()
    data = dumps({"event": _again(failure, key, now)})
    return key, Record(MISSED, code=failure.code, reason=failure.reason, at=at, data=data)


def _again(failure: Failure, key: Key, now: datetime) -> dict[str, Any]:
    """The event that asks for this very run again, whoever sends it: one on demand says which it was, and when."""
    if not key.sort.startswith("!"):
        return dict(failure.event)
    return {"as_of": instant(now), **failure.event, "request": key.sort[1:]}
