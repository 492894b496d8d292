"""Topics and FIFO queues in memory: the port `Bus` of a simulated world, and the side of the service."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Final

from cloud_cron.aws.limits import check_queue, check_topic, delay_seconds
from cloud_cron.errors import BusError, did_you_mean
from cloud_cron.local.fifo import SECOND
from cloud_cron.ports import Outgoing
from cloud_cron.testing.simulator.queue import Item, Known, Queue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from cloud_cron.ports import Clock, Received

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class MemoryBus:
    """What `LocalBus` is on a database, without one: the same rules and the same refusals (`BusError`)."""

    def __init__(self, clock: Clock) -> None:
        """Time passes only on `clock`; what its queues gave up is `buried`."""
        self.buried: list[Received] = []
        self._clock = clock
        self._queues: dict[str, Queue] = {}
        self._topics: defaultdict[str, Known] = defaultdict(Known)
        self._subscribed: defaultdict[str, list[str]] = defaultdict(list)
        self._seq = count()

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Hand all messages, or none of them, to every subscribed queue; a repeat within five minutes is swallowed."""
        check_topic(topic, messages)
        now = self._now()
        for message in messages:
            if self._topics[topic].is_fresh(message.group, message.id, now):
                for name in self._subscribed[topic]:
                    self._send(self._queues[name], message, {}, now)

    def delay(self, received: Received, seconds: int) -> None:
        """Make an in-flight message visible again `seconds` from now, or as late as SQS would grant."""
        self._queue(received.queue).hide(received.handle, delay_seconds(seconds), self._now())

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Copy the message to the dead-letter queue of its queue; within five minutes the same `dedup` is one copy."""
        queue = self._queue(received.queue)
        if queue.dead is None:
            message = f"queue '{queue.name}' has no dead-letter queue"
            raise BusError("CC223", message, where=queue.name, hint="create it with dead_letter=")
        copy = Outgoing(dedup, received.group, received.body)
        check_queue(queue.dead.name, copy, attributes)
        self._send(queue.dead, copy, attributes, self._now())

    def create_queue(self, name: str, *, visibility: int, max_receives: int, dead_letter: str | None) -> str:
        """Make sure of a queue, and give the name it goes by; `visibility` in seconds."""
        dead = self._queue(dead_letter) if dead_letter else None
        queue = self._queues.setdefault(name, Queue(name, 0, 0, self._seq, self.buried))
        queue.visibility, queue.max_receives, queue.dead = visibility * SECOND, max_receives, dead
        return name

    def subscribe(self, topic: str, queue: str) -> None:
        """Make sure that whatever `topic` is given from now on reaches `queue`."""
        names = self._subscribed[topic]
        names[:] = sorted({*names, self._queue(queue).name})

    def send(self, queue: str, message: Outgoing, attributes: Mapping[str, str]) -> None:
        """Put one message into a queue, past any topic; a repeat within five minutes changes nothing."""
        target = self._queue(queue)
        check_queue(queue, message, attributes)
        self._send(target, message, attributes, self._now())

    def receive(self, queue: str, limit: int = 10, visibility: int | None = None) -> list[Received]:
        """Up to `limit` messages, groups in order, hidden for `visibility` seconds (None: the queue's own)."""
        found = self._queue(queue)
        hidden = found.visibility if visibility is None else visibility * SECOND
        return [item.received(queue) for item in found.take(limit, hidden, self._now())]

    def delete(self, queue: str, handle: str) -> None:
        """Forget a received message; refused when its handle ended with its visibility timeout."""
        found = self._queue(queue)
        item = found.held(handle, self._now())
        if item:
            found.remove(item)

    def change_visibility(self, queue: str, handle: str, seconds: int) -> None:
        """Make an in-flight message visible again `seconds` from now; 0 is at once."""
        self._queue(queue).hide(handle, seconds, self._now())

    def purge(self, queue: str) -> None:
        """Forget every message, in flight or not, and every deduplication id."""
        found = self._queue(queue)
        found.groups.clear()
        found.items.clear()
        found.known.until.clear()

    def redrive(self, dead_letter: str, to: str | None = None, ids: Collection[str] | None = None) -> int:
        """Move the dead letters that are not in flight, or those of `ids`, to where they came from, and count them."""
        dead, now = self._queue(dead_letter), self._now()
        sources = [queue.name for queue in self._queues.values() if queue.dead is dead]
        only = sources[0] if len(sources) == 1 else None
        flying = {item.group for item in dead.waiting(now) if item.visible_at > now}
        moved = [
            item for item in dead.waiting(now) if (item.id in ids if ids is not None else item.group not in flying)
        ]
        for item in moved:
            target = to or item.source or only
            if target is None:
                hint = "name the queue to move to"
                raise BusError("CC223", f"'{dead_letter}' is no dead-letter queue", where=dead_letter, hint=hint)
            dead.remove(item)
            self._queue(target).append(self._item(item.group, item.id, item.body, item.attributes, now))
        return len(moved)

    def peek(self, queue: str, limit: int = -1) -> list[Received]:
        """Everything in the queue, or the first few, in flight or not, in order, without changing anything."""
        found = self._queue(queue).waiting(self._now())
        return [item.received(queue) for item in (found if limit < 0 else found[:limit])]

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages wait, and how many are in flight."""
        now = self._now()
        flying = [item.visible_at > now for item in self._queue(queue).waiting(now)]
        return flying.count(False), flying.count(True)

    def next_visible(self, queue: str) -> datetime | None:
        """The earliest instant, now or later, at which a receive finds something to do; None for an empty queue."""
        visible_at = self._queue(queue).next_visible()
        return None if visible_at is None else _EPOCH + max(visible_at, self._now()) * _MICROSECOND

    def _now(self) -> int:
        return (self._clock.now() - _EPOCH) // _MICROSECOND

    def _queue(self, name: str) -> Queue:
        try:
            return self._queues[name]
        except KeyError:
            hint = did_you_mean(name, self._queues)
            raise BusError("CC223", f"there is no queue '{name}'", where=name, hint=hint) from None

    def _send(self, queue: Queue, message: Outgoing, attributes: Mapping[str, str], now: int) -> None:
        if queue.known.is_fresh(message.group, message.id, now):
            queue.append(self._item(message.group, message.id, message.body, attributes, now))

    def _item(self, group: str, dedup: str, body: str, attributes: Mapping[str, str], now: int) -> Item:
        """A message that is new to its queue, and so has an id of its own."""
        seq = next(self._seq)
        return Item(seq, f"m{seq}", group, dedup, body, now, now, attributes)
