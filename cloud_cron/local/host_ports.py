"""The database of a host, and what stands on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.local.book import Book
    from cloud_cron.local.bus import LocalBus
    from cloud_cron.local.ids import RandomIds
    from cloud_cron.local.jumps import Jumps
    from cloud_cron.local.ledger import SqliteLedger
    from cloud_cron.local.log import Log
    from cloud_cron.local.store import Store
    from cloud_cron.ports import Clock


@dataclass(frozen=True)
class HostPorts:
    """What a host works with: one store with bus, ledger and book on it, a clock, and a log."""

    store: Store
    bus: LocalBus
    ledger: SqliteLedger
    book: Book
    clock: Clock
    ids: RandomIds
    log: Log
    jumps: Jumps
