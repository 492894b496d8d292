"""What outlives every worker of a world."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cloud_cron.testing.simulator.bus import MemoryBus
from cloud_cron.testing.simulator.ledger import MemoryLedger
from cloud_cron.testing.simulator.payloads import MemoryPayloads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.local.host import Queues
    from cloud_cron.ports import Clock, Ids, Ledger, Payloads, Received


class Services(NamedTuple):
    """The services that an app stands on; `buried` is what a bus tells that it gave up, as it goes on."""

    bus: Queues
    ledger: Ledger
    payloads: Payloads
    buried: Sequence[Received] = ()


class Made(Protocol):
    """Makes the services of a world."""

    def __call__(self, clock: Clock, ids: Ids) -> Services:
        """Services in which nothing happened yet."""
        ...


def in_memory(clock: Clock, ids: Ids) -> Services:  # noqa: ARG001 - the protocol
    """Services of dictionaries."""
    bus = MemoryBus(clock)
    return Services(bus, MemoryLedger(), MemoryPayloads(), bus.buried)
