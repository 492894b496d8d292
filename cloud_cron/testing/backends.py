"""What the queues of a test are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ledger import SqliteLedger

if TYPE_CHECKING:
    from cloud_cron.local.clock import VirtualClock
    from cloud_cron.local.host import Queues
    from cloud_cron.local.store import Store
    from cloud_cron.ports import Ids, Ledger


class Backend(Protocol):
    """Connects one process of an app to its bus and its ledger; whatever outlives a process is in the store."""

    def connect(self, store: Store, clock: VirtualClock, ids: Ids) -> tuple[Queues, Ledger]:
        """The bus and the ledger of a process that starts now."""
        ...

    def apart(self) -> Backend:
        """A backend for worlds of their own, each with a store of its own, as crash tests need them."""
        ...


class InMemory:
    """Topics, queues and ledger in the store of the test."""

    def connect(self, store: Store, clock: VirtualClock, ids: Ids) -> tuple[Queues, Ledger]:
        """The local bus, and the ledger beside it."""
        return LocalBus(store, clock, ids), SqliteLedger(store)

    def apart(self) -> InMemory:
        """The same: nothing is kept here."""
        return self
