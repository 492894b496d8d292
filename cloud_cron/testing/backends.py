"""What the queues of a test are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.testing.simulator.services import in_memory

if TYPE_CHECKING:
    from cloud_cron.local.clock import VirtualClock
    from cloud_cron.local.host import Queues
    from cloud_cron.local.store import Store
    from cloud_cron.ports import Clock, Ids, Ledger
    from cloud_cron.testing.simulator.services import Services


class Backend(Protocol):
    """Connects one process of an app to its bus and its ledger; whatever outlives a process is in the store."""

    def connect(self, store: Store, clock: VirtualClock, ids: Ids) -> tuple[Queues, Ledger]:
        """The bus and the ledger of a process that starts now."""
        ...

    def apart(self, clock: Clock, ids: Ids) -> Services:
        """What a world of its own stands on, such as crash tests make by the hundred."""
        ...


class InMemory:
    """Topics, queues and ledger in the store of the test."""

    def connect(self, store: Store, clock: VirtualClock, ids: Ids) -> tuple[Queues, Ledger]:
        """The local bus, and the ledger beside it."""
        return LocalBus(store, clock, ids), SqliteLedger(store)

    def apart(self, clock: Clock, ids: Ids) -> Services:
        """Dictionaries, by the same rules: a store would take most of the time."""
        return in_memory(clock, ids)
