"""The local engine: schedules, queues and functions of one app in one process, on one database.

It stands where EventBridge Scheduler, Lambda's asynchronous retries and the SQS event source mapping stand in AWS, and
calls the same entrypoint with the same events. On a virtual clock it moves from one event to the next, without waiting.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from cloud_cron.encoding import dumps, plain
from cloud_cron.errors import BusError, NotFound, StoreError, did_you_mean
from cloud_cron.local import queues
from cloud_cron.local.environment import applied
from cloud_cron.local.host import Host, Invoked, Notebook, RunResult
from cloud_cron.local.outbox import Outbox
from cloud_cron.local.watch import Watch
from cloud_cron.ports import Ports
from cloud_cron.runs import BACKFILL, SCHEDULE, instant
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.app import CloudCron
    from cloud_cron.model import AppModel, NotifierModel, TaskModel
    from cloud_cron.ports import Key, Record
    from cloud_cron.runs import Run
    from cloud_cron.runtime.reports import Delivery


class Engine:
    """Runs one app at one place."""

    def __init__(self, app: CloudCron, model: AppModel, host: Host) -> None:
        """`model` is the app's model with the configuration applied; queues and subscriptions are made if need be."""
        self.model = model
        self.outbox = Outbox({notifier.name: notifier.channel for notifier in model.notifiers})
        self._host = host
        self._watch = Watch(model.name, host.stage, host.watch) if host.watch else None
        self._notebook = Notebook("sent" if host.senders else "outbox", self._watch)
        senders = host.senders or self.outbox
        place = (host.bus, host.ledger, host.clock, host.ids, host.secrets, senders, self._notebook)
        self.ports = Ports(*place, payloads=host.payloads)
        arns = queues.wired(host.bus, model, host.stage)
        self._runtime = Runtime(
            app, model, self.ports, stage=host.stage, queues=arns, folder=host.folder, horizon=host.horizon
        )
        self._timetables = {task.name: Timetable(task) for task in model.tasks}
        self._fired = host.clock.now()

    def queue(self, notifier: str) -> str:
        """The name of a notifier's queue."""
        return queues.queue(self.model.name, self._host.stage, notifier)

    def dead_letters(self, notifier: str) -> str:
        """The name of a notifier's dead-letter queue."""
        return queues.dead_letters(self.model.name, self._host.stage, notifier)

    def run(
        self, name: str, at: datetime | None = None, given: object = None, request_id: str | None = None
    ) -> RunResult:
        """One attempt of one run; it publishes, and delivers nothing.

        `at` on a fire time is that run; any other instant, or None, is a run on demand as of then. A naive `at` is in
        the task's zone. `request_id` repeats a request whose worker died, as Lambda does; None is a request of its own.
        Raises the function's exception as it is, after it was recorded, and NotFound (CC720) for a task that is not
        there.
        """
        task = self.model.task(name)
        if task is None:
            names = [task.name for task in self.model.tasks]
            raise NotFound("CC720", f"there is no task {name!r}", hint=did_you_mean(name, names))
        self._notebook.turn()
        self._invoke(task, asked(task, at, given), request_id or self._host.ids.ulid(self._host.clock.now()))
        report = self._notebook.turn()[0][-1]
        return RunResult(report.run, report.result, list(report.messages))

    def deliver(self) -> list[Delivery]:
        """Handle every message that is visible now; what became of each recipient, in order."""
        self._notebook.turn()
        enabled = [notifier for notifier in self.model.notifiers if notifier.enabled]
        while any([self._drain(notifier) for notifier in enabled]):  # noqa: C419 - every queue gets its turn
            pass
        return self._notebook.turn()[1]

    @property
    def last_attempt(self) -> Run | None:
        """The run whose function `run` called last; None when it did not come to that."""
        return self._notebook.runs[-1].run if self._notebook.runs else None

    def work(self) -> tuple[list[Delivery], list[Exception]]:
        """Run and deliver everything that is due now; what became of it, and what functions raised."""
        raised = list(self._run_due(self._host.clock.now()))
        deliveries = self.deliver()
        told = [delivery.error for delivery in deliveries if isinstance(delivery.error, Exception)]
        return deliveries, raised + told

    def next_event(self) -> datetime | None:
        """When something is due next: a fire time, a further attempt of a run, a message."""
        fires = [table.next(self._fired) for table in self._enabled().values()]
        runs = [_due(run) for key, run in self._host.ledger.open_runs() if self.model.task(_task_of(key))]
        enabled = [notifier for notifier in self.model.notifiers if notifier.enabled]
        messages = [self._host.bus.next_visible(self.queue(notifier.name)) for notifier in enabled]
        times = [time.astimezone(UTC) for time in (*fires, *runs, *messages) if time]
        return min(times, default=None)

    def _enabled(self) -> dict[str, Timetable]:
        return {task.name: self._timetables[task.name] for task in self.model.tasks if task.enabled}

    def _run_due(self, now: datetime) -> Iterator[Exception]:
        """Fire what came due since the last time, then try again what is to be tried again."""
        fires = [
            (time.astimezone(UTC), name)
            for name, table in self._enabled().items()
            for time in table.fires(self._fired, now)
        ]
        self._fired = max(self._fired, now)
        for time, name in sorted(fires):
            event = {"task": name, "scheduled_at": instant(time), "trigger": SCHEDULE}
            yield from self._tried(name, event, self._host.ids.ulid(now))
        for key, run in self._host.ledger.open_runs():
            name = _task_of(key)
            if _due(run) <= now and self.model.task(name):
                yield from self._tried(name, json.loads(run.data)["event"], run.source)

    def _tried(self, name: str, event: dict[str, Any], request_id: str) -> Iterator[Exception]:
        """One invocation whose exception, as on Lambda, does not stop the others."""
        task = self.model.task(name)
        assert task is not None  # noqa: S101 - the callers looked it up
        try:
            self._invoke(task, event, request_id)
        except Exception as error:  # noqa: BLE001 - whatever the user's function raises
            yield error

    def _invoke(self, task: TaskModel, event: dict[str, Any], request_id: str) -> None:
        """Call the entrypoint as Lambda would; the event takes the way through JSON."""
        try:
            with applied(task.env):
                self._runtime.handle(task.name, json.loads(dumps(event)), self._context(task, request_id))
        except Exception:
            self._tell()
            raise
        self._tell()

    def _tell(self) -> None:
        """Let the watch say what went wrong; what cannot be published now it says the next time."""
        if self._watch:
            with suppress(BusError, StoreError):
                self._watch.tell(self.ports)

    def _context(self, part: TaskModel | NotifierModel, request_id: str) -> Invoked:
        clock = self._host.clock
        return Invoked(request_id, clock.now().timestamp() + part.timeout, clock)

    def _drain(self, notifier: NotifierModel) -> bool:
        """One batch of one notifier; whether there was any."""
        bus, queue = self._host.bus, self.queue(notifier.name)
        context = self._context(notifier, self._host.ids.ulid(self._host.clock.now()))
        with applied(notifier.env):
            batch, done = queues.handed_over(bus, queue, self._runtime, notifier, context)
        queues.delete(bus, queue, done)
        if batch:
            self._tell()
        return bool(batch)


def asked(task: TaskModel, at: datetime | None, given: object) -> dict[str, Any]:
    """The event of a run that a person asks for; `at` and `given` as `Engine.run` takes them."""
    extra = {} if given is None else {"input": plain(given, "input")}
    if at is None:
        return extra
    moment = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(task.timezone))
    if Timetable(task).is_fire(moment):
        return {"task": task.name, "scheduled_at": instant(moment), "trigger": BACKFILL, **extra}
    return {"as_of": instant(moment), **extra}


def _task_of(key: Key) -> str:
    """The task of a run."""
    return key.partition.removeprefix("R#")


def _due(run: Record) -> datetime:
    """When an open run is to be taken up again: after its back-off, or when its worker has not come back."""
    return datetime.fromtimestamp(run.not_before if run.state == "RETRY" else run.lease, UTC)
