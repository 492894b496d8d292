"""Topics and FIFO queues of one machine: the port `Bus`, and the side of the service that hosts and tests work on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cloud_cron.aws.limits import LONGEST_VISIBILITY, check_queue, check_topic, delay_seconds
from cloud_cron.errors import BusError, did_you_mean
from cloud_cron.local import fifo
from cloud_cron.local.fifo import SECOND, Queue, Stored
from cloud_cron.local.handles import EXPIRED, GONE, opened, unusable
from cloud_cron.ports import Outgoing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping, Sequence

    from cloud_cron.local.store import Store
    from cloud_cron.ports import Clock, Ids, Received

RETENTION: Final = 14 * 86_400

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_CREATE: Final = """
    INSERT INTO queues (name, visibility, max_receives, dead_letter, retention) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET visibility = excluded.visibility, max_receives = excluded.max_receives,
        dead_letter = excluded.dead_letter, retention = excluded.retention
"""
_QUEUE: Final = "SELECT name, visibility, max_receives, dead_letter, retention FROM queues WHERE name = ?"
_SUBSCRIBED: Final = "SELECT queue FROM subscriptions WHERE topic = ? ORDER BY queue"
_DELETE: Final = "DELETE FROM messages WHERE seq = ? AND receives = ? AND id = ? AND queue = ? AND visible_at > ?"
_CHANGE: Final = """
    UPDATE messages SET visible_at = min(?, sent_at + (SELECT retention FROM queues WHERE name = messages.queue))
    WHERE seq = ? AND receives = ? AND id = ? AND queue = ? AND visible_at > ?
"""
_DISCARD: Final = "DELETE FROM messages WHERE queue = ? AND id = ?"
_RELEASE: Final = "UPDATE messages SET visible_at = ? WHERE queue = ? AND visible_at > ? AND receives > 0"
_COUNT: Final = "SELECT count(*), count(*) FILTER (WHERE visible_at > ?) FROM messages WHERE queue = ? AND sent_at > ?"
_NEXT: Final = "SELECT min(visible_at) FROM messages WHERE queue = ? AND head = 1"


class LocalBus:
    """SNS FIFO topics and SQS FIFO queues in a `Store`.

    Topics need no creation. Queues are high-throughput ones: deduplication is per message group, at the topic and again
    at the queue. Time passes only on `clock`. Raises `BusError` for what AWS would refuse, and `StoreError` when the
    database cannot be used.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        """Keep topics and queues in `store`; `ids` makes the queue's own message ids."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._sweep_at = 0

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Hand all messages, or none of them, to every subscribed queue, in order.

        A repeat within five minutes succeeds and is not delivered; it is compared at the topic, so a queue that
        subscribed in between does not get it (recorded on AWS; SNS Developer Guide, "Message deduplication for FIFO
        topics").
        """
        check_topic(topic, messages)
        with self._store.transaction() as db:
            now = self._now()
            self._sweep(db, now)
            queues = [name for (name,) in db.execute(_SUBSCRIBED, (topic,)).fetchall()]
            for message in messages:
                if fifo.fresh(db, f"topic:{topic}", message.group, message.id, now):
                    for queue in queues:
                        self._send(db, queue, message, "", now)

    def delay(self, received: Received, seconds: int) -> None:
        """Make an in-flight message visible again `seconds` from now, or as late as SQS would grant."""
        self.change_visibility(_local(received.queue), received.handle, delay_seconds(seconds))

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Copy the message to the dead-letter queue of its queue; within five minutes the same `dedup` is one copy."""
        queue = self._queue(_local(received.queue))
        if queue.dead_letter is None:
            raise BusError(
                "CC223",
                f"queue '{queue.name}' has no dead-letter queue",
                where=queue.name,
                hint="create it with dead_letter=",
            )
        self.send(queue.dead_letter, Outgoing(dedup, received.group, received.body), attributes)

    def create_queue(
        self, name: str, *, visibility: int, max_receives: int, dead_letter: str | None, retention: int = RETENTION
    ) -> str:
        """Make sure that a queue exists and has these settings, and give the name it goes by; durations in seconds.

        The settings take effect for messages that wait already (SQS API reference, SetQueueAttributes).
        """
        _check_visibility(name, visibility)
        if dead_letter is not None:
            self._queue(dead_letter)
        self._store.change(_CREATE, (name, visibility * SECOND, max_receives, dead_letter, retention * SECOND))
        return name

    def subscribe(self, topic: str, queue: str) -> None:
        """Make sure that whatever `topic` is given from now on reaches `queue`."""
        self._queue(queue)
        self._store.change("INSERT OR IGNORE INTO subscriptions (topic, queue) VALUES (?, ?)", (topic, queue))

    def send(self, queue: str, message: Outgoing, attributes: Mapping[str, str]) -> None:
        """Put one message into a queue, past any topic; a repeat within five minutes succeeds and changes nothing."""
        self._queue(queue)
        check_queue(queue, message, attributes)
        with self._store.transaction() as db:
            now = self._now()
            self._sweep(db, now)
            self._send(db, queue, message, json.dumps(dict(attributes)) if attributes else "", now)

    def receive(self, queue: str, limit: int = 10, visibility: int | None = None) -> list[Received]:
        """Up to `limit` messages, groups in order, hidden for `visibility` seconds (None: the queue's own).

        What was received `max_receives` times moves to the dead-letter queue instead. It never waits for a message.
        """
        if visibility is not None:
            _check_visibility(queue, visibility)
        with self._store.transaction() as db:
            settings = self._queue(queue)
            hidden = settings.visibility if visibility is None else visibility * SECOND
            return fifo.take(db, settings, limit, hidden, self._now())

    def delete(self, queue: str, handle: str) -> None:
        """Forget a received message; one that is gone already is no error.

        Recorded on AWS: on a FIFO queue a handle ends with its visibility timeout, as extended; after that the message
        is somebody else's, and deleting it is refused.
        """
        values = (*opened(queue, handle), queue, self._now())
        if not self._store.change(_DELETE, values) and self._exists(queue, values):
            raise unusable(queue, handle, EXPIRED)

    def change_visibility(self, queue: str, handle: str, seconds: int) -> None:
        """Make an in-flight message visible again `seconds` from now; 0 is at once.

        Only this message's timeout changes. But while it is in flight nothing of its group behind it is handed out, so
        that extending the first of a batch keeps the whole batch (recorded on AWS; SQS API reference,
        ChangeMessageVisibility).
        """
        _check_visibility(queue, seconds)
        now = self._now()
        values = (*opened(queue, handle), queue, now)
        if self._store.change(_CHANGE, (now + seconds * SECOND, *values)):
            return
        raise unusable(queue, handle, EXPIRED if self._exists(queue, values) else GONE)

    def purge(self, queue: str) -> None:
        """Forget every message, in flight or not, and every deduplication id (recorded on AWS)."""
        self._queue(queue)
        with self._store.transaction() as db:
            db.execute("DELETE FROM messages WHERE queue = ?", (queue,))
            db.execute("DELETE FROM deduplication WHERE scope = ?", (f"queue:{queue}",))

    def discard(self, queue: str, ids: Collection[str]) -> int:
        """Forget the messages that the queue knows by these ids, in flight or not, and count them."""
        self._queue(queue)
        with self._store.transaction() as db:
            return sum(db.execute(_DISCARD, (queue, own)).rowcount for own in ids)

    def redrive(self, dead_letter: str, to: str | None = None, ids: Collection[str] | None = None) -> int:
        """Move the dead letters that are not in flight to a queue (None: to where each came from), and count them.

        They are new messages there, with new ids and receive counts, and the old message id for deduplication, which is
        not compared: nothing is swallowed (SQS API reference, StartMessageMoveTask; SQS Developer Guide, "Configure a
        dead-letter queue redrive"). A forwarded copy came from the one queue that has this dead-letter queue. With
        `ids` those letters move, in flight or not, and no others; AWS cannot choose.
        """
        with self._store.transaction() as db:
            now = self._now()
            rows = db.execute("SELECT name FROM queues WHERE dead_letter = ? ORDER BY name", (dead_letter,))
            sources = [name for (name,) in rows.fetchall()]
            if not sources:
                self._queue(dead_letter)
                raise _no_target(dead_letter, "Source queue must be configured as a Dead Letter Queue.")
            only = sources[0] if len(sources) == 1 else None
            moved = 0
            for message in fifo.redrive(db, self._queue(dead_letter), now, ids):
                target = to or message.source or only
                if target is None:
                    raise _no_target(dead_letter, f"message {message.id} could have come from {' or '.join(sources)}")
                again = message._replace(
                    id=self._ids.ulid(self._clock.now()), dedup=message.id, receives=0, sent_at=now, visible_at=now,
                    source=None,
                )  # fmt: skip
                fifo.append(db, self._queue(target).name, again)
                moved += 1
            return moved

    def release(self, queue: str) -> int:
        """Make everything visible that is in flight or was put off, and count it: for when no receiver is left.

        There is no such call in SQS. A host that knows its predecessor's workers to be dead need not wait for the
        visibility timeout; what must not be tried yet is known by the ledger.
        """
        now = self._now()
        return self._store.change(_RELEASE, (now, queue, now))

    def peek(self, queue: str, limit: int = -1) -> list[Received]:
        """Everything in the queue, or the first few, in flight or not, in order, without changing anything."""
        settings, now = self._queue(queue), self._now()
        rows = self._store.rows(f"{fifo.WAITING} LIMIT ?", (queue, now - settings.retention, limit))
        return [fifo.received(queue, Stored._make(row)) for row in rows]

    def since(self, queue: str, after: int) -> list[Received]:
        """What came into the queue after an instant (epoch microseconds), in order, without changing anything."""
        rows = self._store.rows(fifo.WAITING, (queue, after))
        return [fifo.received(queue, Stored._make(row)) for row in rows]

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages wait, and how many are in flight.

        Recorded on AWS: a message that waits behind one in flight counts as waiting.
        """
        settings, now = self._queue(queue), self._now()
        [(every, in_flight)] = self._store.rows(_COUNT, (now, queue, now - settings.retention))
        return every - in_flight, in_flight

    def next_visible(self, queue: str) -> datetime | None:
        """The earliest instant, now or later, at which a receive finds something to do; None for an empty queue.

        It hands a message out, or moves a worn-out one to the dead-letter queue, or drops one past its retention.
        """
        self._queue(queue)
        [(visible_at,)] = self._store.rows(_NEXT, (queue,))
        return None if visible_at is None else _EPOCH + max(visible_at, self._now()) * _MICROSECOND

    def queues(self) -> list[str]:
        """The names of all queues, sorted."""
        return [name for (name,) in self._store.rows("SELECT name FROM queues ORDER BY name")]

    def _now(self) -> int:
        return (self._clock.now() - _EPOCH) // _MICROSECOND

    def _queue(self, name: str) -> Queue:
        rows = self._store.rows(_QUEUE, (name,))
        if not rows:
            raise BusError("CC223", f"there is no queue '{name}'", where=name, hint=did_you_mean(name, self.queues()))
        return Queue._make(rows[0])

    def _send(self, db: sqlite3.Connection, queue: str, message: Outgoing, attributes: str, now: int) -> None:
        if fifo.fresh(db, f"queue:{queue}", message.group, message.id, now):
            own = self._ids.ulid(self._clock.now())
            stored = Stored(0, message.group, own, message.id, 0, now, now, None, attributes, message.body)
            fifo.append(db, queue, stored)

    def _sweep(self, db: sqlite3.Connection, now: int) -> None:
        """Forget ids that are past their five minutes, once in a while: that costs less than an index over them."""
        if now >= self._sweep_at:
            db.execute("DELETE FROM deduplication WHERE until <= ?", (now,))
            self._sweep_at = now + fifo.DEDUPLICATION

    def _exists(self, queue: str, values: tuple[object, ...]) -> bool:
        self._queue(queue)
        return bool(self._store.rows("SELECT 1 FROM messages WHERE seq = ? AND id = ?", (values[0], values[2])))


def _local(queue: str) -> str:
    """The name of a queue, which an event calls by its ARN."""
    return queue.rpartition(":")[2].removesuffix(".fifo") if queue.startswith("arn:") else queue


def _no_target(queue: str, reason: str) -> BusError:
    return BusError("CC223", f"'{queue}' cannot be redriven: {reason}", where=queue, hint="name the queue to move to")


def _check_visibility(queue: str, seconds: int) -> None:
    """SQS API reference, ChangeMessageVisibility: 0 to 43,200 seconds."""
    if not 0 <= seconds <= LONGEST_VISIBILITY:
        raise BusError(
            "CC221",
            f"a visibility timeout of {seconds} seconds is not between 0 and {LONGEST_VISIBILITY:,}",
            where=queue,
            hint="12 hours is the longest that SQS hides a message",
        )
