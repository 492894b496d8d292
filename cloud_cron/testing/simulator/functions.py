"""Lambda: workers that are called with events, die, sleep, run out of time, and are called again."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import BusError, StoreError
from cloud_cron.local import lambdas
from cloud_cron.local.environment import applied
from cloud_cron.runtime.maintenance.hands import Failure
from cloud_cron.runtime.maintenance.rounds import maintain
from cloud_cron.runtime.wording import told
from cloud_cron.testing.simulator.faults import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from cloud_cron.model import NotifierModel, TaskModel
    from cloud_cron.ports import Received
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.runtime.maintenance.rounds import Desk
    from cloud_cron.testing.simulator.line import Line
    from cloud_cron.testing.simulator.ports import Later
    from cloud_cron.testing.simulator.witness import Witness
    from cloud_cron.testing.simulator.workers import Workers

AGAIN: Final = 60.0
"""Lambda tries an event again after one minute, then after two (Developer Guide, "Error handling for asynchronous
invocation")."""
_DEEPEST: Final = 4
_ROUND_TIMEOUT: Final = 240.0


class Handle(NamedTuple):
    """What Lambda runs: the app's functions by name, and its maintenance."""

    function: Callable[[str, object, LambdaContext], dict[str, Any]]
    desk: Desk


class Functions:
    """The functions of one app. `runs` counts requests, `errors` are what tasks raised, `failed` was given up."""

    def __init__(self, handle: Handle, bus: Witness, line: Line, later: Later, workers: Workers) -> None:
        """Nothing was called yet."""
        self.handle = handle
        self.runs = 0
        self.errors: list[Exception] = []
        self.failed: list[Failure] = []
        self._bus = bus
        self._line = line
        self._later = later
        self._workers = workers
        self._requests = count()

    def invoke(self, task: TaskModel, event: Mapping[str, Any], request: str | None = None, attempt: int = 1) -> None:
        """Call a task's function with an event; when it fails, again with the same request, and then give it up."""
        self.runs += attempt == 1
        request = request or self._request()

        def ended(error: BaseException) -> None:
            if attempt <= task.retries:
                self._later(AGAIN * attempt, lambda: self.invoke(task, event, request, attempt + 1))
                return
            code, reason, handle = type(error).__name__, told(error), f"{request}/{next(self._workers.numbers)}"
            self.failed.append(Failure(task.name, event, request, code, reason, handle))

        name = f"{task.name}, attempt {attempt}"
        with self._workers.called(name, request, task.timeout, lambda: ended(TimeoutError("timed out"))) as invocation:
            try:
                with applied(task.env):
                    self.handle.function(task.name, event, invocation)
            except (Exception, Crash) as error:  # noqa: BLE001 - whatever the user's function raises
                if isinstance(error, Exception) and not isinstance(error, (BusError, StoreError)):
                    self.errors.append(error)
                if not invocation.over:
                    ended(error)

    def poll(self, part: NotifierModel, queue: str) -> None:
        """Hand over one batch of a queue, and delete what is done with, as the event source mapping does."""
        batch = self._bus.receive(queue, part.batch_size)
        if not batch:
            return
        with self._workers.called(part.name, self._request(), part.timeout) as invocation:
            try:
                with applied(part.env):
                    answer = self.handle.function(part.name, lambdas.event(batch), invocation)
            except (Exception, Crash):  # noqa: BLE001 - then the whole batch comes back
                return
        if not invocation.over:
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            self._delete([received for received in batch if received.id not in failed])

    def round(self) -> None:
        """One round of maintenance; one that fails leaves everything to the next."""
        try:
            with self._workers.called("maintenance", self._request(), _ROUND_TIMEOUT) as invocation:
                maintain(self.handle.desk, invocation)
        except (Exception, Crash):  # noqa: BLE001 - whatever stopped it
            return

    def sleep(self, seconds: float, run: Callable[[datetime], None]) -> None:
        """The present worker sleeps while the world runs; beyond its time nobody waits for it, and yet it wakes."""
        stack, now = self._workers.stack, self._workers.clock.instant
        if len(stack) > _DEEPEST:
            return
        until = now + timedelta(seconds=seconds)
        for invocation in stack:
            if not invocation.is_timed and invocation.deadline < until:
                invocation.is_timed = True
                self._later(max(0.0, (invocation.deadline - now).total_seconds()), invocation.expire)
        run(until)

    def _request(self) -> str:
        return f"request-{next(self._requests)}"

    def _delete(self, done: list[Received]) -> None:
        for received in done:
            if self._line.strike("queue", "delete", (received.queue, received.dedup)) is None:
                with suppress(BusError):
                    self._bus.delete(received)
