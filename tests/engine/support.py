"""A place for an engine: a store, a virtual clock, and as many starts on that store as a test wants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.payloads import SqlitePayloads

if TYPE_CHECKING:
    from cloud_cron import CloudCron
    from cloud_cron.local.store import Store

START = datetime(2030, 1, 1, tzinfo=UTC)


class NoSecrets:
    """A test that needs a secret says so."""

    def get(self, name: str, reference: str) -> str:
        raise LookupError(name)

    def forget(self, reference: str) -> None: ...


class Place:
    """One machine."""

    def __init__(self, store: Store, start: datetime = START) -> None:
        self.clock = VirtualClock(start)
        self.ids = RandomIds(Random(5))
        self.bus = LocalBus(store, self.clock, self.ids)
        self.ledger = SqliteLedger(store)
        self.payloads = SqlitePayloads(store, self.clock)

    def engine(self, app: CloudCron, **options: Any) -> Engine:
        """Start the app here."""
        ports = (self.bus, self.ledger, self.clock, self.ids, NoSecrets())
        return Engine(app, app.model(), Host("dev", None, *ports, **options, payloads=self.payloads))

    def move(self, **span: float) -> None:
        """Let time pass, and do nothing."""
        self.clock.set(self.clock.now() + timedelta(**span))

    def steps(self, engine: Engine, **span: float) -> list[Exception]:
        """Go from event to event for a span of time; what functions raised on the way."""
        until, raised = self.clock.now() + timedelta(**span), list[Exception]()
        for _ in range(1000):
            event = engine.next_event()
            if event is None or event > until:
                self.clock.set(until)
                return raised
            self.clock.set(event)
            raised += engine.work()[1]
        return pytest.fail("the engine never came to rest")
