"""The tables of the local database, as one tuple of statements per schema version.

Times of queues are whole microseconds since the epoch, so that a message becomes visible at an instant to which a clock
can be set exactly. A message is the `head` of its group when nothing of the group stands before it in the queue; the
index over heads makes a receive as cheap with a million messages waiting as with ten. The trigger moves the mark.
A task is expected to run since it was first seen here; every fire time up to `accounted` has its record in the ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

APPLICATION: Final = 0x434C4352

_FIRST: Final = (
    """
    CREATE TABLE queues (
        name TEXT PRIMARY KEY,
        visibility INTEGER NOT NULL,
        max_receives INTEGER NOT NULL,
        dead_letter TEXT,
        retention INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE TABLE subscriptions (topic TEXT, queue TEXT, PRIMARY KEY (topic, queue)) WITHOUT ROWID",
    """
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        queue TEXT NOT NULL,
        grp TEXT NOT NULL,
        id TEXT NOT NULL,
        dedup TEXT NOT NULL,
        receives INTEGER NOT NULL,
        head INTEGER NOT NULL,
        sent_at INTEGER NOT NULL,
        visible_at INTEGER NOT NULL,
        source TEXT,
        attributes TEXT NOT NULL,
        body TEXT NOT NULL
    )
    """,
    "CREATE INDEX messages_in_order ON messages (queue, grp, seq)",
    "CREATE INDEX messages_at_the_head ON messages (queue, visible_at, receives, seq) WHERE head = 1",
    """
    CREATE TRIGGER next_head AFTER DELETE ON messages WHEN old.head = 1 BEGIN
        UPDATE messages SET head = 1
        WHERE seq = (SELECT min(seq) FROM messages WHERE queue = old.queue AND grp = old.grp);
    END
    """,
    """
    CREATE TABLE deduplication (
        scope TEXT, grp TEXT, id TEXT, until INTEGER NOT NULL, PRIMARY KEY (scope, grp, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE ledger (
        partition TEXT,
        sort TEXT,
        state TEXT NOT NULL,
        token TEXT NOT NULL,
        lease REAL NOT NULL,
        attempts INTEGER NOT NULL,
        ambiguous INTEGER NOT NULL,
        not_before REAL NOT NULL,
        source TEXT NOT NULL,
        digest TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        accepts INTEGER NOT NULL,
        forwarded INTEGER NOT NULL,
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        at REAL NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (partition, sort)
    ) WITHOUT ROWID
    """,
    """
    CREATE INDEX runs ON ledger (state, partition, at) WHERE partition >= 'R#' AND partition < 'R$'
    """,
)

_SECOND: Final = (
    """
    CREATE TABLE tasks (
        name TEXT PRIMARY KEY, plan TEXT NOT NULL, since REAL NOT NULL, accounted REAL NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE TABLE paused (name TEXT PRIMARY KEY, since REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE told (queue TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID",
    """
    CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY,
        at REAL NOT NULL,
        notifier TEXT NOT NULL,
        channel TEXT NOT NULL,
        recipient TEXT NOT NULL,
        message TEXT NOT NULL,
        content TEXT NOT NULL
    )
    """,
)

_THIRD: Final = ("CREATE TABLE payloads (name TEXT PRIMARY KEY, at REAL NOT NULL, body BLOB NOT NULL)",)

VERSIONS: Final = (_FIRST, _SECOND, _THIRD)


def upgrade(db: sqlite3.Connection, versions: Sequence[Sequence[str]] = VERSIONS) -> None:
    """Bring the schema to the present version, from nothing or from any version before."""
    [(version,)] = db.execute("PRAGMA user_version").fetchall()
    if version == len(versions):
        return
    for statements in versions[version:]:
        for statement in statements:
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {len(versions)}")
    db.execute(f"PRAGMA application_id = {APPLICATION}")
