"""The ports of one worker process, and what it tells its host."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cloud_cron import config
from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.loader import load_app
from cloud_cron.local import queues
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.chaos import Chaos
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.mailbox import StoredOutbox
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.store import Store
from cloud_cron.ports import Ports
from cloud_cron.runtime import logs
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.machine import SystemClock
from cloud_cron.runtime.senders import RealSenders, ways

if TYPE_CHECKING:
    import socket

    from cloud_cron.app import CloudCron
    from cloud_cron.config import Settings
    from cloud_cron.local.log import Log
    from cloud_cron.local.site import Site
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Clock, Senders
    from cloud_cron.runtime.reports import Delivery, RunReport


@dataclass(frozen=True)
class Loaded:
    """The user's app at one stage; `model` has the configuration applied."""

    app: CloudCron
    model: AppModel
    settings: Settings


def load(site: Site) -> Loaded:
    """Import the app and apply the configuration; raises what finding, loading and checking them raise.

    Where content is really sent, every notifier that is enabled must have a channel that can send.
    """
    settings = config.load(site.home, site.stage)
    entry = site.entry or settings.entry
    app = load_app(site.home, entry)
    settings = replace(settings, entry=entry)
    loaded = Loaded(app, config.resolve(app.model(), settings), settings)
    if site.sends:
        _can_send(loaded)
    return loaded


def _can_send(loaded: Loaded) -> None:
    """Every notifier that is enabled has a channel that can send; raises what the channel says."""
    clock, ids = SystemClock(), RandomIds()
    with Store() as store:
        outbox = StoredOutbox(store, clock, {})
        bus, ledger, diary = LocalBus(store, clock, ids), SqliteLedger(store), Nobody()
        real = RealSenders(ways(part for part in loaded.model.notifiers if part.enabled))
        place = (bus, ledger, clock, ids, MachineSecrets(), outbox, diary, MachineClients())
        real.connect(Ports(*place, payloads=SqlitePayloads(store, clock)))


class Nobody:
    """A journal that nobody reads."""

    def note(self, report: RunReport | Delivery) -> None:
        """Forget it."""


class Reports:
    """What a worker tells its host at once, as datagrams; a host that has gone is not told."""

    def __init__(self, pipe: socket.socket, job: str) -> None:
        """`job` is what the host calls this worker's work."""
        self._pipe = pipe
        self._job = job

    def tell(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """One small message."""
        with suppress(OSError):
            self._pipe.send(json.dumps({"job": self._job, **fields}).encode())


class Diary:
    """The journal of a worker: a line in the log, and a word to the host."""

    def __init__(self, log: Log, reports: Reports, *, sends: bool) -> None:
        """`sends` decides about the word for what was accepted."""
        self._log = log
        self._reports = reports
        self._sends = sends

    def note(self, report: RunReport | Delivery) -> None:
        """Write the line and tell the host."""
        fields = logs.line(report)
        if fields["status"] == "sent" and not self._sends:
            fields["status"] = "outbox"
        error = report.error
        if error is not None and _is_users(error):
            self._log.error(error, **fields)
        else:
            self._log.write(**fields)
        told = {"event", "task", "notifier", "run_id", "status", "reason", "attempt", "messages"}
        self._reports.tell(**{name: value for name, value in fields.items() if name in told})


def runtime(  # noqa: PLR0913, PLR0917 - a worker is this many things
    site: Site, loaded: Loaded, store: Store, clock: Clock, log: Log, reports: Reports, *, notifier: str | None = None
) -> tuple[Runtime, Ports]:
    """The runtime of one worker on this database; only a notifier's needs a way out."""
    ids, clients = RandomIds(), MachineClients()
    senders = _senders(site, loaded, store, clock, notifier)
    ports = Ports(
        LocalBus(store, clock, ids),
        SqliteLedger(store),
        clock,
        ids,
        MachineSecrets(AwsSecrets(clients, clock)),
        senders,
        Diary(log, reports, sends=site.sends),
        services=clients,
        payloads=SqlitePayloads(store, clock),
    )
    if isinstance(senders, RealSenders):
        senders.connect(ports)
    if site.chaos:
        ports = Chaos(site.chaos, log).around(ports)
    arns = {part.name: queues.queue(loaded.model.name, site.stage, part.name) for part in loaded.model.notifiers}
    made = Runtime(
        loaded.app,
        loaded.model,
        ports,
        stage=site.stage,
        queues=arns,
        folder=site.home,
        horizon=loaded.settings.horizon,
    )
    return made, ports


def _senders(site: Site, loaded: Loaded, store: Store, clock: Clock, notifier: str | None) -> Senders:
    part = loaded.model.notifier(notifier) if notifier else None
    if part is None or not site.sends:
        return StoredOutbox(store, clock, {part.name: part.channel for part in loaded.model.notifiers})
    return RealSenders(ways([part]))


def _is_users(error: BaseException) -> bool:
    """Whether the traceback tells the user something that the reason does not."""
    from cloud_cron.errors import CloudCronError, Outcome  # noqa: PLC0415 - beside its one use

    return error.__traceback__ is not None and not isinstance(error, (CloudCronError, Outcome))
