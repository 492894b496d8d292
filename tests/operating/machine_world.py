"""The app on one machine."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cloud_cron.config import Settings
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.log import read
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.site import log_file
from cloud_cron.local.store import Store
from cloud_cron.ports import Outgoing
from cloud_cron_cli.machine import Machine
from cloud_cron_cli.operating.machine_place import MachinePlace
from cloud_cron_cli.project import Project
from tests.operating.app import Senders, application, due, lost, message_of

if TYPE_CHECKING:
    from pathlib import Path


class Local:
    """One machine: an engine on a database, whose clock goes on from now."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.senders, self.calls, self.broken = Senders(), list[str](), list[Exception]()
        self.path = folder / "dev.db"
        store, ids, self.clock = Store(self.path), RandomIds(), VirtualClock(datetime.now(UTC))
        app = application(self, **options)
        self.project = Project(folder, "dev", Settings("dev"), app, app.model())
        self.bus, self.ledger = LocalBus(store, self.clock, ids), SqliteLedger(store)
        self.machine = Machine(self.path, store, self.bus, self.ledger, Book(store), ids)
        ports = (self.bus, self.ledger, self.clock, ids, MachineSecrets(), self.senders)
        host = Host("dev", folder, *ports, payloads=SqlitePayloads(store, self.clock))
        self.engine = Engine(app, app.model(), host)
        self.place = self.again()

    def run(self, hour: int = 1) -> str:
        self.engine.run("export", datetime.fromisoformat(due(hour)))
        return message_of(hour)

    def settle(self) -> None:
        until = self.clock.now() + timedelta(hours=1)
        while (at := self.engine.next_event()) and at <= until:
            self.clock.set(at)
            self.engine.work()
        self.clock.set(until)
        for key, record in self.ledger.open_runs("R#export"):
            if record.state == "RETRY":
                with suppress(ValueError):  # it is recorded, and the host goes on
                    self.run(int(key.sort[11:13]))

    def schedule(self) -> None:
        """The host knows the schedules of the app."""

    def take_up(self) -> None:
        self.settle()

    def lose(self, state: str, hour: int = 1, *, event: Any = None) -> None:
        key, record = lost(state, hour, event)
        assert self.ledger.create(key, record) is None

    def put_dead(self, notifier: str, body: str, **attributes: str) -> None:
        queue = f"shop-dev-{notifier}-dead"
        if queue not in self.bus.queues():
            self.bus.create_queue(queue, visibility=30, max_receives=9, dead_letter=None)
        unique = f"m{len(self.bus.peek(queue))}"
        self.bus.send(queue, Outgoing(unique, "g", body), attributes)

    def again(self) -> MachinePlace:
        """The place, as another command would find it."""
        return MachinePlace(self.project, self.machine)

    def done(self) -> list[tuple[str, str]]:
        """What the log says that a person did, and to whom."""
        entries = [entry for entry in read(log_file(self.path)) if entry.get("event") == "operator"]
        assert all(entry["by"] for entry in entries)
        return [(entry["status"], entry.get("notifier") or entry.get("task", "")) for entry in entries]
