"""A store in memory, a bus on it, and a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.ports import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cloud_cron.ports import Received

START = datetime(2030, 1, 1, tzinfo=UTC)


class Desk:
    """One queue "q" (30 s, three receives) with its dead-letter queue "d", and short words for what tests do to it."""

    def __init__(self, store: Store) -> None:
        self.clock = VirtualClock(START)
        self.bus = LocalBus(store, self.clock, RandomIds())
        self.bus.create_queue("d", visibility=30, max_receives=0, dead_letter=None)
        self.bus.create_queue("q", visibility=30, max_receives=3, dead_letter="d")

    def pass_time(self, seconds: float) -> None:
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))

    def send(self, *bodies: str) -> None:
        """Send `a1` and the like: the letters before the figure are the group, and the whole is body and id."""
        for body in bodies:
            self.bus.send("q", Outgoing(body, body.rstrip("0123456789"), body), {})

    def receive(self, limit: int = 10, visibility: int | None = None) -> list[Received]:
        return self.bus.receive("q", limit, visibility)

    def bodies(self, limit: int = 10, visibility: int | None = None) -> list[str]:
        return [received.body for received in self.receive(limit, visibility)]

    def delete(self, *received: Received) -> None:
        for each in received:
            self.bus.delete("q", each.handle)

    def left(self, queue: str = "q") -> list[str]:
        return [received.body for received in self.bus.peek(queue)]

    def wear_out(self, times: int = 3) -> None:
        """Receive everything so often, and delete nothing."""
        for _ in range(times):
            self.receive()
            self.pass_time(30)

    def publish(self, topic: str, messages: Sequence[tuple[str, str]]) -> None:
        """Publish (id, group) pairs; the id is the body, too."""
        self.bus.publish(topic, [Outgoing(name, group, name) for name, group in messages])


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as store:
        yield store


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


@pytest.fixture
def ledger(store: Store) -> SqliteLedger:
    return SqliteLedger(store)
