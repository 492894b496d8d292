"""A project with a database, and an engine on it where runs and deliveries are needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.log import Log, read
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.site import database, log_file
from cloud_cron.local.store import Store
from cloud_cron.ports import Receipt
from cloud_cron_cli.options import Choices
from cloud_cron_cli.project import opened

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron.messages import Message

APP = """
from cloud_cron import CloudCron

app = CloudCron("weather")


@app.schedule("cron(0 8 * * ? 2020)", topics=["reports"], timezone="Europe/Berlin")
def morning(run):
    return {"reports": {"station": "KSEA", "run": run.id}}


@app.schedule("cron(0 8 * * ? 2199)", timezone="Europe/Berlin")
def later(): ...


@app.schedule()
def by_hand():
    raise ValueError("no such station")


@app.notifier("email", topics=["reports"], recipients=["Ada@EXAMPLE.org", "bob@example.org"])
def mail(message):
    return message.payload
"""


class Senders:
    """Accepts everything, but for whom an answer was prepared: that is raised, for one call each."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.answers: dict[str, list[Exception]] = {}

    def sender(self, notifier: str, message: Message) -> Senders:
        return self

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:
        answers = self.answers.get(recipient)
        if answers:
            raise answers.pop(0)
        self.accepted.append(recipient)
        return Receipt(f"id-{len(self.accepted)}")


class Ground:
    """What is on disk for one stage of the project in `folder`, the current one."""

    def __init__(self, folder: Path, *, sends: bool) -> None:
        self.path = database(folder, "dev", sends=sends)
        self.store = Store(self.path)
        self.clock = VirtualClock(datetime.now(UTC))
        self.ids = RandomIds()
        self.bus = LocalBus(self.store, self.clock, self.ids)
        self.ledger = SqliteLedger(self.store)
        self.payloads = SqlitePayloads(self.store, self.clock)
        self.book = Book(self.store)
        self.senders = Senders()

    def engine(self) -> Engine:
        """Start the app here."""
        project = opened(Choices())
        ports = (self.bus, self.ledger, self.clock, self.ids, MachineSecrets(), self.senders)
        return Engine(project.app, project.model, Host("dev", project.folder, *ports, payloads=self.payloads))

    def settle(self, engine: Engine, hours: float = 1.0) -> None:
        """Go from event to event, for that long."""
        until = self.clock.now() + timedelta(hours=hours)
        while (event := engine.next_event()) and event <= until:
            self.clock.set(event)
            engine.work()
        self.clock.set(until)

    def log(self, **fields: Any) -> None:
        """One line in the log."""
        log = Log(log_file(self.path), style="")
        log.write(**fields)
        log.close()

    def done(self) -> list[dict[str, Any]]:
        """What the log says that persons did, without times and names."""
        lines = [entry for entry in read(log_file(self.path)) if entry.get("event") == "operator"]
        return [{name: entry[name] for name in entry.keys() - {"time", "level", "event", "by"}} for entry in lines]
