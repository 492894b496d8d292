"""What others do with a batch of messages, as functions over the same ports: nothing, or a record for each message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cloud_cron import channels
from cloud_cron.channels.context import Context
from cloud_cron.errors import StoreError
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron.runtime import events
from cloud_cron.testing.simulator.ports import Wired

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Received
    from cloud_cron.testing.simulator.world import World

RECEIVES = 5
"""How often a message is received before its queue dead-letters it: what most guides advise."""


class WithoutLedger:
    """A batch processor for FIFO queues: it stops at the first failure, and remembers nothing."""

    def __init__(self, world: World) -> None:
        """Take the place of the world's notifiers; its tasks stay what they are."""
        self._world = world
        self._own = world.functions.handle.function
        world.functions.handle = world.functions.handle._replace(function=self.handle)
        for part in world.setup.model.notifiers:
            queue, dead = world.queue(part.name), world.dead_letters(part.name)
            world.services.bus.create_queue(queue, visibility=6 * part.timeout, max_receives=RECEIVES, dead_letter=dead)

    def handle(self, name: str, event: Any, context: Any) -> dict[str, Any]:
        """What Lambda calls."""
        part = self._world.setup.model.notifier(name)
        if part is None:
            return self._own(name, event, context)
        batch = events.batch(event, name)
        for number, received in enumerate(batch):
            try:
                self.process(part, received, context)
            except Exception:  # noqa: BLE001 - whatever it is, this one and those behind it come back
                return {"batchItemFailures": [{"itemIdentifier": left.id} for left in batch[number:]]}
        return {"batchItemFailures": []}

    def process(self, part: NotifierModel, received: Received, context: Any) -> None:
        """One message to everybody."""
        message = events.message(received, part.topics, received.queue, self._world.ports.payloads)
        self.send(part, message)

    def send(self, part: NotifierModel, message: Message) -> None:
        """One provider call for each recipient."""
        setup, channel = self._world.setup, channels.find(part.channel)
        parts = NotifierParts(part, setup.model.name, Templates(None))
        value = setup.app.notifiers[part.name].function(message)
        sender = self._world.ports.senders.sender(part.name, message)
        for recipient in part.recipients:
            context = Context(setup.model.name, setup.stage, part.name, message, recipient, parts, part.options)
            sender.send(channel.render(value, context), recipient, message.id, channel.call_timeout)


@dataclass
class Entry:
    """An idempotency record."""

    state: str
    until: float


class Table:
    """Where the records are: written and deleted without a look at who wrote them."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def begin(self, key: str, now: float, until: float) -> Entry | None:
        """Put a record in progress if there is none, or one that has expired; else what is there."""
        found = self._entries.get(key)
        if found and (found.state == "COMPLETED" or found.until >= now):
            return found
        self._entries[key] = Entry("INPROGRESS", until)
        return None

    def complete(self, key: str) -> None:
        self._entries[key] = Entry("COMPLETED", float("inf"))

    def delete(self, key: str) -> None:
        self._entries.pop(key, None)


class PerMessage(WithoutLedger):
    """A record for each message, in progress until the function would time out, deleted when the function raises."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._table: Any = Wired(world.line, "ledger", Table())

    def process(self, part: NotifierModel, received: Received, context: Any) -> None:
        message = events.message(received, part.topics, received.queue, self._world.ports.payloads)
        now = self._world.ports.clock.now().timestamp()
        key = f"{part.name}|{message.id}"
        found = self._table.begin(key, now, now + context.get_remaining_time_in_millis() / 1000)
        if found and found.state == "COMPLETED":
            return
        if found:
            raise StoreError("CC901", "another execution is in progress", hint="it comes back")
        try:
            self.send(part, message)
        except Exception:
            self._table.delete(key)
            raise
        self._table.complete(key)


def ours(world: World) -> None:
    """The ledger as it ships."""


COMPETITORS: dict[str, Callable[[World], object]] = {
    "no ledger": WithoutLedger,
    "a record for each message": PerMessage,
    "the ledger": ours,
}
