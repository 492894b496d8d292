"""The rules of one FIFO queue, over a connection that is inside a transaction.

Which of a group's messages may be handed out is one rule: the longest run of visible messages from its head. Everything
that AWS says or shows about groups follows from it, and each function names its sources. "Recorded on AWS" means that a
published recording of the service shows it: LocalStack's tests of SQS and SNS, which are validated against AWS.
Times are whole microseconds since the epoch.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.local.handles import sealed
from cloud_cron.ports import Received

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterator

SECOND: Final = 1_000_000
DEDUPLICATION: Final = 300 * SECOND
SOURCE_ATTRIBUTE: Final = "DeadLetterQueueSourceArn"

_FRESH: Final = """
    INSERT INTO deduplication (scope, grp, id, until) VALUES (?, ?, ?, ?)
    ON CONFLICT (scope, grp, id) DO UPDATE SET until = excluded.until WHERE deduplication.until <= ?
"""
_APPEND: Final = """
    INSERT INTO messages (queue, grp, id, dedup, receives, sent_at, visible_at, source, attributes, body, head)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NOT EXISTS (SELECT 1 FROM messages WHERE queue = ? AND grp = ?))
"""
WAITING: Final = """
    SELECT seq, grp, id, dedup, receives, sent_at, visible_at, source, attributes, body FROM messages
    WHERE queue = ? AND sent_at > ? ORDER BY seq
"""
_GROUP: Final = """
    SELECT seq, grp, id, dedup, receives, sent_at, visible_at, source, attributes, body FROM messages
    WHERE queue = ? AND grp = ? ORDER BY seq LIMIT ?
"""
_HEADS: Final = """
    SELECT grp, sent_at FROM messages WHERE queue = ? AND head = 1 AND visible_at <= ?
    ORDER BY visible_at, receives, seq LIMIT ?
"""
_HIDE: Final = """
    UPDATE messages SET visible_at = min(?, sent_at + ?), receives = receives + 1
    WHERE queue = ? AND grp = ? AND seq <= ?
"""
_EXPIRE: Final = "DELETE FROM messages WHERE queue = ? AND grp = ? AND sent_at <= ?"
_REMOVE: Final = "DELETE FROM messages WHERE seq = ?"


class Queue(NamedTuple):
    """The settings of one queue; visibility and retention in microseconds."""

    name: str
    visibility: int
    max_receives: int
    dead_letter: str | None
    retention: int


class Stored(NamedTuple):
    """One message as it lies in a queue; `source` is the queue that SQS moved it from."""

    seq: int
    group: str
    id: str
    dedup: str
    receives: int
    sent_at: int
    visible_at: int
    source: str | None
    attributes: str
    body: str


def fresh(db: sqlite3.Connection, scope: str, group: str, dedup: str, now: int) -> bool:
    """Whether an id is seen for the first time in five minutes, within its group; it is remembered then.

    SNS API reference, CreateTopic, FifoThroughputScope=MessageGroup, and SQS API reference, SetQueueAttributes,
    DeduplicationScope=messageGroup. Recorded on AWS: the id stays known after the message was deleted. A repeat does
    not prolong its five minutes (SQS Developer Guide, "Using the message deduplication ID").
    """
    return db.execute(_FRESH, (scope, group, dedup, now + DEDUPLICATION, now)).rowcount == 1


def append(db: sqlite3.Connection, queue: str, message: Stored) -> None:
    """Put a message at the end of a queue; its `seq` is given by the queue."""
    _, group, *values = message
    db.execute(_APPEND, (queue, group, *values, queue, group))


def take(db: sqlite3.Connection, queue: Queue, limit: int, visibility: int, now: int) -> list[Received]:
    """Hand out up to `limit` messages and hide them for `visibility`.

    Messages of one group come together and in order, and no group is touched in which an earlier message is in flight
    (SQS Developer Guide, "FIFO queue delivery logic"). Recorded on AWS: groups come in the order in which their heads
    became visible, so one whose messages come back stands behind those that waited.
    """
    taken: list[Stored] = []
    while not taken:
        heads = db.execute(_HEADS, (queue.name, now, limit)).fetchall()
        if not heads:
            break
        for group, sent_at in heads:
            if sent_at <= now - queue.retention:
                db.execute(_EXPIRE, (queue.name, group, now - queue.retention))
            elif len(taken) < limit:
                run = _run(db, queue, group, limit - len(taken), now)
                if run:
                    until = now + visibility
                    db.execute(_HIDE, (until, queue.retention, queue.name, group, run[-1].seq))
                taken += run
    return [received(queue.name, message._replace(receives=message.receives + 1)) for message in taken]


def _run(db: sqlite3.Connection, queue: Queue, group: str, room: int, now: int) -> list[Stored]:
    """The visible run of messages from the head of one group, after the worn-out ones were moved away."""
    while True:
        found = [Stored._make(row) for row in db.execute(_GROUP, (queue.name, group, room)).fetchall()]
        run = list(_visible(found, now))
        worn_out = [message for message in run if _is_worn_out(queue, message)]
        if not worn_out:
            return run
        for message in worn_out:
            bury(db, queue, message, now)


def _visible(messages: list[Stored], now: int) -> Iterator[Stored]:
    for message in messages:
        if message.visible_at > now:
            return
        yield message


def _is_worn_out(queue: Queue, message: Stored) -> bool:
    return queue.dead_letter is not None and message.receives >= queue.max_receives


def bury(db: sqlite3.Connection, queue: Queue, message: Stored, now: int) -> None:
    """Move a message to the dead-letter queue when it was received `max_receives` times and not deleted.

    SQS Developer Guide, "Using dead-letter queues": on a FIFO queue the enqueue timestamp is reset, so retention begins
    again; "Configure a dead-letter queue redrive": the deduplication id becomes the message id. Recorded on AWS: id,
    receive count and attributes of the message are kept, and DeadLetterQueueSourceArn is set.
    """
    if queue.dead_letter is None:
        return
    moved = message._replace(dedup=message.id, sent_at=now, visible_at=now, source=queue.name)
    db.execute(_REMOVE, (message.seq,))
    append(db, queue.dead_letter, moved)


def redrive(
    db: sqlite3.Connection, dead_letter: Queue, now: int, only: Collection[str] | None = None
) -> Iterator[Stored]:
    """Take the dead letters that are not in flight, or those whose ids are in `only`, out of their queue, in order.

    SQS API reference, StartMessageMoveTask.
    """
    blocked: set[str] = set()
    for message in map(Stored._make, db.execute(WAITING, (dead_letter.name, now - dead_letter.retention)).fetchall()):
        if message.visible_at > now:
            blocked.add(message.group)
        if message.id in only if only is not None else message.group not in blocked:
            db.execute(_REMOVE, (message.seq,))
            yield message


def received(queue: str, message: Stored) -> Received:
    """A message as the port describes it; the handle is good for its latest receive only."""
    attributes: dict[str, Any] = json.loads(message.attributes) if message.attributes else {}
    if message.source:
        attributes[SOURCE_ATTRIBUTE] = message.source
    return Received(
        message.id,
        sealed(message.seq, message.receives, message.id),
        message.body,
        message.group,
        message.dedup,
        message.receives,
        message.sent_at / SECOND,
        attributes,
        queue,
    )
