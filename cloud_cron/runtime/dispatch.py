"""Finds the function that a handler name stands for, and gives it the event.

Which function is never guessed from an event: the handler is named when it is called.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final, Protocol

from cloud_cron.errors import ConfigError, EventError, did_you_mean
from cloud_cron.runtime.secrets import SecretValues

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from cloud_cron.app import CloudCron
    from cloud_cron.model import AppModel, NotifierModel, TaskModel
    from cloud_cron.ports import Ports

    Handler = Callable[[object, "LambdaContext"], dict[str, Any]]

HORIZON: Final = 35 * 86_400.0


class LambdaContext(Protocol):
    """What Lambda tells of an invocation (Lambda Developer Guide, "Using the Lambda context object")."""

    @property
    def aws_request_id(self) -> str:
        """The same for every retry of one request."""
        ...

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is cut off."""
        ...


class Runtime:
    """An app on one host: lives as long as the process, and keeps what is the same for every invocation.

    `model` is the app's model with the configuration applied; `folder` holds the templates; `queues` names the ARN of
    each notifier's queue; `horizon` is in seconds.
    """

    def __init__(  # noqa: PLR0913 - a host is this many things
        self,
        app: CloudCron,
        model: AppModel,
        ports: Ports,
        *,
        stage: str,
        queues: Mapping[str, str],
        folder: Path | None = None,
        horizon: float = HORIZON,
    ) -> None:
        """Prepare nothing yet: a handler is set up when it is first called."""
        self._app = app
        self._model = model
        self._ports = ports
        self._stage = stage
        self._queues = queues
        self._folder = folder
        self._horizon = horizon
        self._handlers: dict[str, Handler] = {}

    def handle(self, handler: str, event: object, context: LambdaContext) -> dict[str, Any]:
        """Run a task or deliver a batch; what Lambda is answered.

        Raises the user's exception from a task, `ResultError` for what it returned, `EventError` for an event that is
        not of the handler's kind.
        """
        self.prepare(handler)
        return self._handlers[handler](event, context)

    def prepare(self, handler: str) -> None:
        """Set a handler up now rather than at its first event; raises EventError: CC620, CC603."""
        if handler not in self._handlers:
            self._handlers[handler] = self._prepared(handler)

    def _prepared(self, name: str) -> Handler:
        """Set a handler up: CC620 for one that the app does not have, CC603 for a notifier without its queue."""
        task, notifier = self._model.task(name), self._model.notifier(name)
        if task:
            return self._task(task)
        if notifier:
            return self._notifier(notifier)
        names = [*self._app.tasks, *self._app.notifiers]
        raise EventError("CC620", f"app {self._model.name!r} has no handler {name!r}", hint=did_you_mean(name, names))

    def _task(self, task: TaskModel) -> Handler:
        """What runs a task; a notifier does not load what claims and publishes."""
        from cloud_cron.runtime.invocations import invocation  # noqa: PLC0415
        from cloud_cron.runtime.running import Bench  # noqa: PLC0415
        from cloud_cron.runtime.task import run_task  # noqa: PLC0415

        function = self._app.tasks[task.name].function
        secrets = SecretValues(task.secrets, self._ports.secrets)
        bench = Bench(self._model.name, self._stage, task, function, secrets, self._ports)

        def run(event: object, context: LambdaContext) -> dict[str, Any]:
            asked = invocation(event, task.name, self._ports.clock.now(), list(self._app.tasks))
            report = run_task(bench, asked, context.aws_request_id, _left(context))
            return {"run": report.run.id, "state": report.state, "published": len(report.messages)}

        return run

    def _notifier(self, notifier: NotifierModel) -> Handler:
        """What delivers batches to a notifier; a task does not load what delivers and renders."""
        from cloud_cron import channels  # noqa: PLC0415
        from cloud_cron.rendering import NotifierParts, Templates  # noqa: PLC0415
        from cloud_cron.runtime import events  # noqa: PLC0415
        from cloud_cron.runtime.attempt import Desk  # noqa: PLC0415
        from cloud_cron.runtime.batch import deliver_batch  # noqa: PLC0415

        name, queue = notifier.name, self._queues.get(notifier.name)
        function, channel = self._app.notifiers[name].function, channels.find(notifier.channel)
        folder = self._folder / self._model.templates if self._folder else None
        parts = NotifierParts(notifier, self._model.name, Templates(folder))
        if not queue:
            hint = f'give it: queues={{"{name}": "arn:aws:sqs:..."}}'
            raise EventError("CC603", f"the queue of notifier {name!r} is not known here", hint=hint)
        place = (self._model.name, self._stage, notifier, function, channel, parts, queue)
        desk = Desk(*place, self._horizon, SecretValues(notifier.secrets, self._ports.secrets), self._ports)
        return lambda event, context: dict(deliver_batch(desk, events.batch(event, name), _left(context)))


def _left(context: LambdaContext) -> Callable[[], float]:
    """The seconds that are left, whenever it is asked."""
    return lambda: context.get_remaining_time_in_millis() / 1000


def handle(  # noqa: PLR0913 - everything that Lambda would take from its environment can be given
    app: CloudCron,
    event: object,
    context: LambdaContext,
    ports: Ports,
    *,
    handler: str | None = None,
    stage: str | None = None,
    queues: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> dict[str, Any]:
    """One invocation on injected ports; what is not given is read from CLOUD_CRON_HANDLER and CLOUD_CRON_STAGE.

    Sets the handler up anew for each call; keep a `Runtime` where there are several. Raises as `Runtime.handle` does,
    and `ConfigError` (CC521) for a variable that is not set.
    """
    name = handler or _variable("CLOUD_CRON_HANDLER")
    stage = stage or _variable("CLOUD_CRON_STAGE")
    runtime = Runtime(app, app.model(), ports, stage=stage, queues=queues or {}, folder=folder)
    return runtime.handle(name, event, context)


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ConfigError("CC521", f"environment variable {name} is not set", hint="set it on the function, or pass it")
    return value
