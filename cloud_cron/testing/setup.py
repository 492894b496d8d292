"""What stays the same in every world that a runner makes: the app, its configuration, its secrets, its backend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from cloud_cron import config
from cloud_cron.errors import NotFound, did_you_mean
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from cloud_cron.app import CloudCron
    from cloud_cron.config import Settings
    from cloud_cron.local.clock import VirtualClock
    from cloud_cron.local.host import Queues
    from cloud_cron.model import AppModel, NotifierModel, TaskModel
    from cloud_cron.ports import Ids, Ledger, Outgoing, Payloads, Secrets, Senders
    from cloud_cron.testing.backends import Backend


@dataclass(frozen=True)
class Setup:
    """One app as its tests see it. `model` has the configuration applied; `settings` are those of the stage."""

    app: CloudCron
    model: AppModel
    settings: Settings
    folder: Path | None
    secrets: Secrets
    backend: Backend

    def outbox(self) -> Outbox:
        """An empty outbox."""
        return Outbox({notifier.name: notifier.channel for notifier in self.model.notifiers})

    def engine(  # noqa: PLR0913, PLR0917 - the ports
        self, bus: Queues, ledger: Ledger, payloads: Payloads, clock: VirtualClock, ids: Ids, senders: Senders
    ) -> Engine:  # fmt: skip
        """The engine of one process on these ports."""
        settings = self.settings
        place = (self.stage, self.folder, bus, ledger, clock, ids, self.secrets, senders)
        host = Host(*place, horizon=settings.horizon, watch=settings.watch, payloads=payloads)
        return Engine(self.app, self.model, host)

    @property
    def stage(self) -> str:
        """The name of the stage."""
        return self.settings.stage

    def task(self, name: str) -> TaskModel:
        """The task of that name; NotFound (CC720) with the closest one."""
        task = self.model.task(name)
        if task is None:
            raise _unknown("CC720", "task", name, [task.name for task in self.model.tasks])
        return task

    def notifier(self, name: str) -> NotifierModel:
        """The notifier of that name; NotFound (CC721) with the closest one."""
        notifier = self.model.notifier(name)
        if notifier is None:
            raise _unknown("CC721", "notifier", name, [notifier.name for notifier in self.model.notifiers])
        return notifier

    def topic(self, name: str) -> str:
        """The same name, when there is such a topic; NotFound (CC722) with the closest one."""
        topics = {*self.model.topics, *((self.settings.watch,) if self.settings.watch else ())}
        if name not in topics:
            raise _unknown("CC722", "topic", name, topics)
        return name


def set_up(app: CloudCron, stage: str, folder: Path | None, secrets: dict[str, str], backend: Backend) -> Setup:
    """Read the configuration of the stage from the folder, if there is one, and apply it."""
    settings = config.load(folder, stage) if folder else config.Settings(stage)
    return Setup(app, config.resolve(app.model(), settings), settings, folder, GivenSecrets(secrets), backend)


def _unknown(code: str, kind: str, name: object, known: Iterable[str]) -> NotFound:
    return NotFound(code, f"there is no {kind} {name!r}", hint=did_you_mean(str(name), known))


class GivenSecrets:
    """The port `Secrets` over what a test set; a reference is never looked up."""

    def __init__(self, values: dict[str, str]) -> None:
        """`values` by the names that the app's code uses."""
        self._values = values

    def get(self, name: str, reference: str) -> str:  # noqa: ARG002 - the port
        """The value that the test set; NotFound (CC507) when it set none."""
        try:
            return self._values[name]
        except KeyError:
            hint = f'set it first: cron.secrets["{name}"] = "..."'
            raise NotFound("CC507", f"the test set no secret {name!r}, and tests resolve none", hint=hint) from None

    def forget(self, reference: str) -> None:
        """Nothing is kept."""


class Published:
    """A bus that remembers what was published, each message once, in order."""

    def __init__(self, bus: Queues, log: dict[str, tuple[str, Outgoing]] | None = None) -> None:
        """Everything goes on to `bus`; `log` is that of an earlier process, to be continued."""
        self.log = {} if log is None else log
        self._bus = bus

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Publish, and remember what was taken."""
        self._bus.publish(topic, messages)
        for message in messages:
            self.log.setdefault(message.id, (topic, message))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the bus has under that name
        """Everything else is the bus's own."""
        return getattr(self._bus, name)

    def as_queues(self) -> Queues:
        """The same bus, for those who ask for its protocol."""
        return cast("Queues", self)
