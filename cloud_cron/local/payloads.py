"""Large payloads in the database of one machine: the port `Payloads` on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import NotFound
from cloud_cron.ports import Location

if TYPE_CHECKING:
    from cloud_cron.local.store import Store
    from cloud_cron.ports import Clock

_PUT: Final = """
    INSERT INTO payloads (name, at, body) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)
"""
_PRUNE: Final = """
    DELETE FROM payloads WHERE name IN (
        SELECT name FROM payloads WHERE at < ? AND name NOT IN (
            SELECT digest FROM ledger WHERE partition IN (SELECT value FROM json_each(?))
            UNION SELECT digest FROM ledger
            WHERE state IN ('CLAIMED', 'RECORDED', 'RETRY') AND partition >= 'R#' AND partition < 'R$'
        ) LIMIT 100
    )
"""


class SqlitePayloads:
    """Payloads by name in a `Store`; raises `StoreError` when the database cannot be used."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep the payloads in `store`, each with the time at which it was put there last."""
        self._store = store
        self._clock = clock

    def locate(self, name: str) -> Location:
        """Beside everything else of the stage: there are no buckets."""
        return Location("", name)

    def put(self, name: str, body: bytes) -> None:
        """Keep the body; what is there already is not written again, and counts as new."""
        self._store.change(_PUT, (name, self._clock.now().timestamp(), body))

    def get(self, name: str) -> bytes:
        """The body; NotFound (CC613) when there is none of that name."""
        rows = self._store.rows("SELECT body FROM payloads WHERE name = ?", (name,))
        if not rows:
            message = f"payload {name} is not in the database"
            raise NotFound("CC613", message, where=self._store.path, hint="it is kept for a horizon after its run")
        body: bytes = rows[0][0]
        return body


def prune(store: Store, before: float, kept: str) -> None:
    """Forget payloads that were put before then (epoch seconds), except those that a record still leads to.

    Such records are open runs and those of the partitions in `kept`, a JSON array.
    """
    store.change(_PRUNE, (before, kept))
