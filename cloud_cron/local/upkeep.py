"""What keeps the database from growing: old records, payloads and letters, expired messages, free pages.

It walks a little at a time, in the order of the primary key, so that no index has to be kept up for it, and nobody
waits for long. What is not over is never forgotten, nor is the run of an `at()` expression, which would happen again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cloud_cron.local import mailbox, payloads
from cloud_cron.local.fifo import SECOND

if TYPE_CHECKING:
    from cloud_cron.local.store import Store
    from cloud_cron.model import AppModel

STEP: Final = 2000
STEPS: Final = 10

_WALK: Final = """
    SELECT partition, sort FROM ledger WHERE (partition, sort) > (?, ?) ORDER BY partition, sort LIMIT 1 OFFSET ?
"""
_OVER: Final = """
    DELETE FROM ledger WHERE (partition, sort) > (?, ?) AND (partition, sort) <= (?, ?) AND at < ?
    AND partition NOT LIKE 'L#%' AND state NOT IN ('CLAIMED', 'RECORDED', 'RETRY')
    AND partition NOT IN (SELECT value FROM json_each(?))
"""
_LAST: Final = ("\U0010ffff", "")
_EXPIRED: Final = """
    DELETE FROM messages WHERE seq IN (
        SELECT m.seq FROM messages m JOIN queues q ON q.name = m.queue
        WHERE m.sent_at <= ? - q.retention ORDER BY m.seq LIMIT 500
    )
"""


class Upkeep:
    """Keeps one database small; `horizon` in seconds is how long a record that is over is kept."""

    def __init__(self, store: Store, model: AppModel, horizon: float) -> None:
        """Begin at the first record."""
        self._store = store
        self._horizon = horizon
        once = [task.name for task in model.tasks if any(text.startswith("at(") for text in task.schedules)]
        self._kept = json.dumps([f"R#{name}" for name in once])
        self._place = ("", "")

    def step(self, now: float) -> int:
        """A little of everything; how many records were forgotten. Raises `StoreError`."""
        forgotten = sum(self._walk(now) for _ in range(STEPS))
        self._store.change(_EXPIRED, (int(now * SECOND),))
        mailbox.prune(self._store)
        payloads.prune(self._store, now - self._horizon, self._kept)
        self._store.give_back()
        return forgotten

    def _walk(self, now: float) -> int:
        """Look at the next records; at the end begin again."""
        rows = self._store.rows(_WALK, (*self._place, STEP - 1))
        end = rows[0] if rows else _LAST
        forgotten = self._store.change(_OVER, (*self._place, *end, now - self._horizon, self._kept))
        self._place = (end[0], end[1]) if rows else ("", "")
        return forgotten
