"""New dead letters: told by how many there are, since a FIFO queue shows only those at the head of their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.ports import Key, Record
from cloud_cron.runtime import watching

if TYPE_CHECKING:
    from cloud_cron.ports import Received
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.maintenance.rounds import Desk

_ROOM: Final = 5.0


def count(desk: Desk, context: LambdaContext) -> int:
    """Compare every notifier's dead letters with what was told last; how many are new.

    Letters of the watch topic itself are counted and not told: they would cause more.
    """
    found = 0
    for notifier in desk.model.notifiers:
        if context.get_remaining_time_in_millis() / 1000 < _ROOM:
            break
        found += _of(desk, notifier.name)
    return found


def _of(desk: Desk, notifier: str) -> int:
    """One notifier; the record counts how often something was told, so that the same is told under the same id."""
    ledger = desk.ports.ledger
    key = Key(f"W#{notifier}", "letters")
    told = ledger.get(key) or Record("TOLD")
    depth, first = desk.hands.letters(notifier)
    new = depth - told.attempts
    if new == 0:
        return 0
    number = told.accepts + (1 if new > 0 else 0)
    if new > 0 and first is not None and not _own(first, desk.watch.topic):
        desk.watch.tell(f"dead|{notifier}|{number}", watching.letters(notifier, first, new))
    after = Record("TOLD", token=f"{number}|{depth}", attempts=depth, accepts=number)
    if ledger.create(key, after) is not None:
        ledger.swap(key, told, after)
    return max(new, 0)


def _own(letter: Received, topic: str | None) -> bool:
    message = watching.message_of(letter)
    return message is not None and message.topic == topic
