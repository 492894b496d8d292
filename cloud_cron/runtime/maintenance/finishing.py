"""Runs that nobody is at: published when they are recorded, called again when they were put aside, given up when lost.

No function of the user is called here: a run that was put aside is called in its own function, by its own event.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import EventError, NotFound
from cloud_cron.functions import Function
from cloud_cron.runtime import parcels, watching
from cloud_cron.runtime.maintenance.working import each
from cloud_cron.runtime.running import Bench
from cloud_cron.runtime.task import CLAIMED, FAILED, RECORDED, RETRY, WAITING, publish_recorded
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from cloud_cron.ports import Key, Record
    from cloud_cron.runtime.maintenance.rounds import Desk
    from cloud_cron.runtime.maintenance.working import Turn

PAUSE: Final = 600.0
"""Seconds for which a run that was called again is left to itself: a call may take long, and may be lost."""

PATIENCE: Final = 21_600.0 + 900.0
"""Seconds after which no retry can come any more: Lambda keeps an event for six hours at most, and a function runs for
a quarter of an hour (Lambda Developer Guide, "Error handling for asynchronous invocation")."""

ABANDONED: Final = "abandoned"
_LOST: Final = "nobody came back to it, and nobody said why"


def finish(desk: Desk, turn: Turn) -> int:
    """Look at every open run, oldest first; how many were finished, called or given up. Raises as `each` does."""
    runs = [run for run in desk.ports.ledger.open_runs() if desk.model.task(watching.task_of(run[0]))]
    now = desk.ports.clock.now().timestamp()
    if not runs:
        return 0
    busy = {key.partition for key, record in runs if record.state == CLAIMED and record.lease >= now}

    def work(run: tuple[Key, Record]) -> int:
        key, record = run
        if record.state == RECORDED:
            return _publish(desk, key, record, turn) if record.lease < now else 0
        if record.state == RETRY and record.code == WAITING:
            if key.partition in busy or record.not_before > now:
                return 0
            busy.add(key.partition)
            return _call(desk, key, record, now)
        since = record.not_before if record.state == RETRY else record.lease
        return _give_up(desk, key, record, ABANDONED, _LOST) if since + PATIENCE < now else 0

    return each(runs, work, turn)


def _publish(desk: Desk, key: Key, record: Record, turn: Turn) -> int:
    """Publish what was recorded; what cannot be read will never be, and counts as a failure of ours too."""
    try:
        parcels.from_record(desk.ports.payloads, record)
    except (EventError, NotFound) as error:
        _give_up(desk, key, record, error.code, told(error))
        raise
    return 0 if publish_recorded(_bench(desk, key), key, record, turn.left) is None else 1


def _call(desk: Desk, key: Key, record: Record, now: float) -> int:
    """Call a run that was put aside. That it was called is written first: a crash in between delays it by one pause.

    The token changes, so that of two rounds at one time only one calls.
    """
    after = record._replace(token=desk.ports.ids.token(), not_before=now + PAUSE)
    if not desk.ports.ledger.swap(key, record, after):
        return 0
    desk.hands.invoke(watching.task_of(key), json.loads(record.data)["event"])
    return 1


def _give_up(desk: Desk, key: Key, record: Record, code: str, reason: str) -> int:
    """Tell that a run failed for good, then record it: a crash in between tells the same again."""
    failed = record._replace(state=FAILED, code=code, reason=reason, not_before=0.0)
    desk.watch.tell(*watching.runs("failed", key, failed))
    return int(desk.ports.ledger.swap(key, record, failed))


def _bench(desk: Desk, key: Key) -> Bench:
    task = desk.model.task(watching.task_of(key))
    assert task is not None  # noqa: S101 - runs of others are left alone
    never = Function(_never, takes_argument=True)
    return Bench(desk.model.name, desk.stage, task, never, {}, desk.ports)


def _never(_: object) -> None:
    message = "maintenance calls no function of a task"
    raise AssertionError(message)
