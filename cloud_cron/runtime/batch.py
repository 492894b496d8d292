"""A batch from a FIFO queue: groups in order, a group stops at its first failure, the others go on.

`batchItemFailures` names what must come back (Lambda Developer Guide, "Handling errors for an SQS event source"). The
service does not reset the visibility of what is named, so it is set here, head first.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from cloud_cron.errors import BusError, StoreError
from cloud_cron.messages import Message
from cloud_cron.runtime.attempt import Pause
from cloud_cron.runtime.claims import back_off
from cloud_cron.runtime.delivery import deliver
from cloud_cron.runtime.reports import Delivery
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.ports import Received
    from cloud_cron.runtime.attempt import Desk


def deliver_batch(desk: Desk, batch: list[Received], remaining: Callable[[], float]) -> dict[str, list[dict[str, str]]]:
    """Deliver every message that can be, and answer which ones must come back."""
    held: dict[str, Pause] = {}
    kept: list[tuple[Received, Pause]] = []
    down: Pause | None = None
    for received in batch:
        pause = down or held.get(received.group) or _delivered(desk, received, remaining)
        if pause:
            held[received.group] = pause
            kept.append((received, pause))
            down = pause if pause.channel_down else down
    for received, pause in kept:
        _hide(desk, received, pause)
    return {"batchItemFailures": [{"itemIdentifier": received.id} for received, _ in kept]}


def _delivered(desk: Desk, received: Received, remaining: Callable[[], float]) -> Pause | None:
    """One message; when ledger or bus are out of reach nothing is sent, and it comes back.

    Nothing that one message runs into may fail the batch, because that would bring back the others too.
    """
    try:
        return deliver(desk, received, remaining)
    except Exception as error:  # noqa: BLE001 - whatever it is, the message comes back, and the journal is told
        unread = Message("", {}, received.attributes.get("cc_message_id") or received.id)
        notifier = desk.notifier
        desk.ports.journal.note(
            Delivery(notifier.name, notifier.channel, None, "retry", unread, reason=told(error), error=error)
        )
        return Pause(back_off(received.receives, desk.ports.ids.jitter()))


def _hide(desk: Desk, received: Received, pause: Pause) -> None:
    """Set when a message comes back; if that fails, the queue's own visibility timeout decides."""
    try:
        desk.ports.bus.delay(received, max(1, ceil(pause.seconds)))
    except (BusError, StoreError):
        return
