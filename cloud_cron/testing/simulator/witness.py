"""A bus that remembers what went through it, and what was known at that moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.ports import Key
from cloud_cron.runtime import naming
from cloud_cron.testing.simulator.names import envelope, message_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.local.outbox import Outbox
    from cloud_cron.ports import Outgoing, Received, Record
    from cloud_cron.testing.simulator.services import Services

_OPEN: Final = {"CLAIMED", "RETRY"}
_RECORDED: Final = {"RECORDED", "DONE"}


class Leaving(NamedTuple):
    """A message that leaves its notifier's queue, and what was known of it then.

    `found` is what the ledger said, `accepted` how much the provider had accepted of anything. `reason` is why it
    became a dead letter, empty for one that the queue handed out too often; None when somebody said that it was done
    with. `parked`: a copy was among the dead letters before; `another`: what is still open is left to one in the queue.
    """

    notifier: str
    message: str
    found: Sequence[tuple[Key, Record]]
    accepted: int
    parked: bool
    another: bool
    reason: str | None = None


class Witness:
    """Knows what was `published`, each message once, in order, and what was `parked`: queue and message.

    `premature` are messages that were published before their run had recorded them; `leavings` is what left the queues
    of `notifiers`, whose names are by queue.
    """

    def __init__(self, services: Services, outbox: Outbox) -> None:
        """Everything goes on to the bus."""
        self.notifiers: dict[str, str] = {}
        self.published: dict[str, tuple[str, Outgoing]] = {}
        self.parked: set[tuple[str, str]] = set()
        self.premature: list[str] = []
        self.leavings: list[Leaving] = []
        self._bus, self._ledger, _, self._buried = services
        self._outbox = outbox

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Publish, and remember what was taken."""
        self._bus.publish(topic, messages)
        for message in messages:
            if message.id not in self.published:
                self.published[message.id] = (topic, message)
                self._look_at_run(message)

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Forward, and remember what its group no longer waits for."""
        self._bus.forward(received, dedup, attributes)
        self._left(received, attributes.get("cc_error_code", ""))
        self.parked.add((received.queue, message_of(received)))

    def receive(self, queue: str, limit: int) -> list[Received]:
        """Receive, and remember what the queue gave up instead of handing it out."""
        before = len(self._buried)
        batch = self._bus.receive(queue, limit)
        for letter in self._buried[before:]:
            self._left(letter, "")
        return batch

    def delete(self, received: Received) -> None:
        """Delete what was received, and remember that somebody was done with it."""
        self._bus.delete(received.queue, received.handle)
        self._left(received, None)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the bus has under that name
        """Everything else is the bus's own."""
        return getattr(self._bus, name)

    def _left(self, received: Received, reason: str | None) -> None:
        notifier, own = self.notifiers[received.queue], message_of(received)
        found = self._ledger.records(naming.message_key(notifier, own).partition)
        parked, is_open = (received.queue, own) in self.parked, any(record.state in _OPEN for _, record in found)
        another = is_open and any(message_of(other) == own for other in self._bus.peek(received.queue))
        self.leavings.append(Leaving(notifier, own, found, len(self._outbox.sent), parked, another, reason))

    def _look_at_run(self, message: Outgoing) -> None:
        """What a run returned is recorded before it is published; a message of nobody's run has none."""
        body = envelope(message.body)
        task = body.get("task")
        if task is None:
            return
        run = self._ledger.get(Key(f"R#{task}", body["run_id"].removeprefix(task).removeprefix("@")))
        if run is None or run.state not in _RECORDED:
            self.premature.append(message.id)
