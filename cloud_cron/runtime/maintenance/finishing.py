"""Runs that nobody is at: what they recorded is published, and those that were put aside are called again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cloud_cron.runtime.task import RECORDED, RETRY, WAITING

if TYPE_CHECKING:
    from cloud_cron.ports import Key, Record
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.maintenance.rounds import Desk

PAUSE: Final = 600.0
"""Seconds for which a run that was called again is left to itself: a call may take long, and may be lost."""
_ROOM: Final = 5.0


@dataclass(frozen=True)
class _Own:
    """The context of a run that maintenance finishes; a run on demand goes by the request that it began with."""

    aws_request_id: str
    context: LambdaContext

    def get_remaining_time_in_millis(self) -> int:
        """What is left to maintenance."""
        return self.context.get_remaining_time_in_millis()


def finish(desk: Desk, context: LambdaContext) -> int:
    """Look at every open run, oldest first; how many were finished or called. A run that fails stops no other.

    Raises an `ExceptionGroup` of what publishing raised.
    """
    now, count = desk.ports.clock.now().timestamp(), 0
    errors: list[Exception] = []
    for key, record in desk.ports.ledger.open_runs():
        if context.get_remaining_time_in_millis() / 1000 < _ROOM:
            break
        if desk.model.task(_task(key)) is None:
            continue
        try:
            count += _one(desk, context, key, record, now)
        except Exception as error:  # noqa: BLE001 - the next run is not to blame
            errors.append(error)
    if errors:
        message = "runs that could not be finished"
        raise ExceptionGroup(message, errors)
    return count


def _one(desk: Desk, context: LambdaContext, key: Key, record: Record, now: float) -> int:
    if record.state == RECORDED and record.lease < now:
        request = key.sort[1:] if key.sort.startswith("!") else f"maintenance-{context.aws_request_id}"
        desk.runtime.handle(_task(key), json.loads(record.data)["event"], _Own(request, context))
        return 1
    waits = record.state == RETRY and record.code == WAITING and record.not_before <= now
    # The pause is written first: a crash in between delays the run, and does not double it.
    if waits and desk.ports.ledger.swap(key, record, replace(record, not_before=now + PAUSE)):
        desk.hands.invoke(_task(key), json.loads(record.data)["event"])
        return 1
    return 0


def _task(key: Key) -> str:
    return key.partition.removeprefix("R#")
