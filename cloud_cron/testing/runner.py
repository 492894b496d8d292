"""The runner: one app on virtual time, driven by hand."""

from __future__ import annotations

import json
import weakref
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from cloud_cron.errors import EventError, NotFound, Outcome
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.store import Store
from cloud_cron.messages import Message, elsewhere, opened
from cloud_cron.runtime import events
from cloud_cron.testing.answers import Answer, Provider, line
from cloud_cron.testing.backends import Backend, InMemory
from cloud_cron.testing.durations import duration, instant
from cloud_cron.testing.setup import Published, set_up
from cloud_cron.testing.steps import steps

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from cloud_cron.app import CloudCron
    from cloud_cron.local.host import RunResult
    from cloud_cron.local.outbox import Sent
    from cloud_cron.ports import Received
    from cloud_cron.runtime.reports import Delivery
    from cloud_cron.testing.crashes import CrashReport
    from cloud_cron.testing.simulator.simulation import SimulationReport
    from cloud_cron.testing.simulator.weather import Level

START: Final = datetime(2030, 1, 1, tzinfo=UTC)


class DeadLetter(NamedTuple):
    """A message that was given up, with the code and the reason that a person will read.

    `code` is one of ours, such as `CC301`, or a word: `permanent`, `attempts`, `expired`, `receives`.
    """

    message: Message
    code: str
    reason: str


class CronRunner:
    """One app, on a clock that moves when it is told to, with an outbox where providers would be.

    `errors` keeps every exception that user code raised in `deliver` and `advance`; `secrets` is where a test puts what
    references would be resolved to (CC507 for one that it did not put there); `seed` is the only one that `simulate`
    plays, if it is given. It works without pytest; close it, or use it as a context manager.

    Names of tasks, notifiers and topics that there are not are `NotFound` everywhere: CC720, CC721, CC722.
    """

    def __init__(
        self,
        app: CloudCron,
        stage: str = "test",
        *,
        folder: Path | None = None,
        now: datetime = START,
        backend: Backend | None = None,
    ) -> None:
        """`folder` is the project's: its cloud-cron.toml is read, and its templates are used; None has neither."""
        self.secrets: dict[str, str] = {}
        self.errors: list[Exception] = []
        self.seed: int | None = None
        self._setup = set_up(app, stage, folder, self.secrets, backend or InMemory())
        self._clock = VirtualClock(now)
        ids = RandomIds(Random(0))  # noqa: S311 - a test repeats itself
        store = Store()
        self.close = weakref.finalize(self, store.close)
        bus, ledger = self._setup.backend.connect(store, self._clock, ids)
        self._published = Published(bus)
        self._bus = self._published.as_queues()
        self._outbox = self._setup.outbox()
        self._provider = Provider(self._outbox)
        self._payloads = SqlitePayloads(store, self._clock)
        self._engine = self._setup.engine(self._bus, ledger, self._payloads, self._clock, ids, self._provider)

    def __enter__(self) -> Self:
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    @property
    def now(self) -> datetime:
        """What time it is in the test, aware, in UTC."""
        return self._clock.now()

    @property
    def outbox(self) -> list[Sent]:
        """Everything that a provider accepted so far, in order."""
        return list(self._outbox.sent)

    def run(self, name: str, at: datetime | str | None = None, input: object = None) -> RunResult:  # noqa: A002 - the language's own word
        """One attempt of one run: it publishes, and delivers nothing.

        `at` on a fire time is that run, at any other instant a run on demand as of then (None: now); a naive one is in
        the task's zone. Raises the function's own exception, after it was recorded, `NotFound` (CC720) for a task that
        is not there, and `DeclarationError` (CC731) for an `at` that is no time.
        """
        __tracebackhide__ = True
        self._setup.task(name)
        return self._engine.run(name, instant("at", at), input)

    def deliver(self, *, raises: bool = True) -> list[Sent]:
        """Handle every message that is visible now, without moving the clock; what was sent.

        When all is done, the first exception of a notifier's code is raised again, unless `raises` is False. What a
        notifier or provider says on purpose (`SKIP`, `Retry`, `Permanent`, a scripted answer) is no such exception.
        """
        __tracebackhide__ = True
        before = len(self._outbox.sent)
        errors = self._unexpected(self._engine.deliver())
        self.errors += errors
        if errors and raises:
            raise errors[0]
        return self._outbox.sent[before:]

    def advance(self, by: str | timedelta, *, raises: bool = True) -> None:
        """Move the clock, `"2 days"` or a timedelta, from event to event: runs, retries and deliveries, in order.

        What user code raised meanwhile comes at the end as an `ExceptionGroup`, unless `raises` is False. Raises
        `DeclarationError` (CC730) for what is no span of time, or goes back.
        """
        __tracebackhide__ = True
        until = self.now + duration(by)
        errors: list[Exception] = []
        for _ in steps(self._engine, self._clock, until):
            errors += self._work()
        self._clock.set(until)
        self.errors += errors
        if errors and raises:
            message = f"{len(errors)} exceptions on the way to {until:%Y-%m-%dT%H:%M:%SZ}"
            raise ExceptionGroup(message, errors)

    def published(self, topic: str) -> list[Message]:
        """Everything published to the topic so far, in order; CC722 for a topic that is not there."""
        self._setup.topic(topic)
        bodies = [json.loads(sent.body) for name, sent in self._published.log.values() if name == topic]
        return [events.whole(events.Carried(opened(body), elsewhere(body)), self._payloads) for body in bodies]

    def queue(self, notifier: str) -> list[Message]:
        """What waits for the notifier, in flight or not, in order; CC721 for one that is not there."""
        self._setup.notifier(notifier)
        return [self._message(notifier, found) for found in self._bus.peek(self._engine.queue(notifier))]

    def dlq(self, notifier: str) -> list[DeadLetter]:
        """What was given up for the notifier, in order; CC721 for one that is not there."""
        self._setup.notifier(notifier)
        return [self._dead(notifier, found) for found in self._bus.peek(self._engine.dead_letters(notifier))]

    def redrive(self, notifier: str) -> int:
        """Put the notifier's dead letters back into its queue, as an operator does after a fix; how many.

        Raises `NotFound` (CC721) for a notifier that is not there.
        """
        self._setup.notifier(notifier)
        return self._bus.redrive(self._engine.dead_letters(notifier))

    def answer(self, notifier: str, answer: Answer, times: int = 1, recipient: str | None = None) -> None:
        """Script the provider: what the next `times` calls for the notifier (and `recipient`) are answered.

        An exception (`Permanent`, `Retry`, `Ambiguous`, `ChannelDown`, any other) is raised, and nothing is accepted.
        `Accepted()` accepts; `Accepted(but=Ambiguous("read timeout"))` accepts, and the answer is lost. Answers are
        used in the order in which they were given; afterwards everything is accepted again. Raises `NotFound` (CC721)
        for a notifier that is not there, `DeclarationError` (CC732) for what no provider answers, and `RecipientError`
        for a recipient that the channel does not know.
        """
        model = self._setup.notifier(notifier)
        if recipient is not None:
            from cloud_cron.channels import find  # noqa: PLC0415 - the runner itself knows no channel

            recipient = find(model.channel).normalise(recipient)
        self._provider.script.append(line(notifier, answer, times, recipient))

    def crash_everywhere(
        self,
        name: str,
        at: datetime | str | None = None,
        input: object = None,  # noqa: A002 - as in run
        *,
        pairs: bool = False,
    ) -> CrashReport:
        """Run the task and deliver, once cleanly, then once for every port call with a crash before and after it.

        With `pairs`, once for every two crashes, one after the other: a hundred times as many worlds. The app runs as
        on AWS: after a crash Lambda calls it again, and virtual time goes on until all is quiet. Each happens in a
        world of its own, with the secrets and the scripted answers of this runner. Raises AssertionError with a
        timeline when a run or a delivery is lost, is unaccounted for, comes out of order, or is accepted more than
        `1 + max_ambiguous` times, and when the app does not do the same twice, though nothing crashes. Raises
        `NotFound` (CC720) for a task that is not there.
        """
        __tracebackhide__ = True
        from cloud_cron.local.engine import asked  # noqa: PLC0415 - few tests crash
        from cloud_cron.testing.crashes import Scenario, crash_everywhere  # noqa: PLC0415 - the same

        event = asked(self._setup.task(name), instant("at", at), input)
        scenario = Scenario(self._setup, self.now, tuple(self._provider.script), name, event, self._setup.backend.apart)
        return crash_everywhere(scenario, depth=2 if pairs else 1)

    def simulate(
        self, days: float = 7, faults: Level = "mild", *, seeds: int = 3, seed: int | None = None
    ) -> SimulationReport:
        """Let the whole app run for some virtual days, `seeds` times, each time with other faults.

        Workers die and pause, calls fail before and after they took effect, providers answer in every way, schedules
        are late or come twice, clocks are wrong, dead letters are redriven: at one call in a thousand with `mild`
        faults, at one in twenty with `rough` ones, at none with `none`. Then nothing goes wrong any more, and when all
        is quiet, every run and every delivery must be accounted for. The app runs as on AWS. Raises AssertionError with
        the seed, the shortest list of faults that does it, and a timeline, when a guarantee is broken; `seed`, or
        `pytest --sim-seed N`, plays that one again. Raises `DeclarationError` (CC733) for a level that there is not.
        """
        __tracebackhide__ = True
        from cloud_cron.testing.simulator.simulation import Episode, simulated  # noqa: PLC0415 - few tests simulate

        episode = Episode(self._setup, self.now, days, tuple(self._provider.script), self._setup.backend.apart)
        again = self.seed if seed is None else seed
        return simulated(episode, faults, range(seeds) if again is None else [again])

    def _work(self) -> list[Exception]:
        """Everything that is due now; what user code raised."""
        deliveries, raised = self._engine.work()
        intended = [delivery.error for delivery in deliveries if self._intended(delivery.error)]
        return [error for error in raised if not any(error is meant for meant in intended)]

    def _unexpected(self, deliveries: list[Delivery]) -> list[Exception]:
        errors = [delivery.error for delivery in deliveries if not self._intended(delivery.error)]
        return [error for error in errors if isinstance(error, Exception)]

    def _intended(self, error: BaseException | None) -> bool:
        """Whether a notifier or a provider said so on purpose."""
        return error is None or isinstance(error, Outcome) or self._provider.is_scripted(error)

    def _message(self, notifier: str, received: Received) -> Message:
        """The message in a queue; one that cannot be read has no topic and no payload, a lost payload is empty."""
        topics = self._setup.notifier(notifier).topics
        try:
            found = events.carried(received, topics, received.queue)
        except EventError:
            return Message("", {}, received.attributes.get("cc_message_id") or received.id)
        try:
            return events.whole(found, self._payloads)
        except (EventError, NotFound):
            return found.message

    def _dead(self, notifier: str, received: Received) -> DeadLetter:
        told: dict[str, Any] = dict(received.attributes)
        code = told.get("cc_error_code", "receives")
        reason = told.get("cc_error", f"received {received.receives} times, and never settled")
        return DeadLetter(self._message(notifier, received), code, reason)
