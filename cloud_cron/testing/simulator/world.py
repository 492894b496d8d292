"""A world in which an app runs as on AWS, on virtual time: Scheduler, Lambda, topics, queues, provider, maintenance.

The app's own cores do the work, called as Lambda calls them. Everything else is a model of a service, and every call
between the two goes through a line on which it can fail. A worker that pauses sleeps inside its call, while the world
goes on around it: others take up what it holds, and then it wakes. Whatever happens follows from the faults alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.local import queues
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.ports import Ports
from cloud_cron.runs import instant
from cloud_cron.runtime import naming
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.maintenance.rounds import Desk
from cloud_cron.runtime.watching import Watch
from cloud_cron.testing.answers import Provider
from cloud_cron.testing.simulator.agenda import Agenda
from cloud_cron.testing.simulator.functions import Functions, Handle
from cloud_cron.testing.simulator.line import Line
from cloud_cron.testing.simulator.ports import Way, Wired
from cloud_cron.testing.simulator.services import in_memory
from cloud_cron.testing.simulator.witness import Witness
from cloud_cron.testing.simulator.workers import Workers
from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Received
    from cloud_cron.runtime.maintenance.hands import Failure
    from cloud_cron.runtime.reports import Delivery, RunReport
    from cloud_cron.testing.answers import Line as Scripted
    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.faults import Faults
    from cloud_cron.testing.simulator.services import Made

ROUND: Final = timedelta(minutes=5)
LOOK: Final = timedelta(hours=6)
_FIRST_LETTERS: Final = 10


class World:
    """Services, functions and time. `witness` and `outbox` are what happened, `expected` the runs that should be."""

    def __init__(  # noqa: PLR0913 - what a world follows from
        self,
        setup: Setup,
        now: datetime,
        faults: Faults,
        *,
        script: tuple[Scripted, ...] = (),
        services: Made = in_memory,
        skews: Sequence[timedelta] = (timedelta(0),),
        taped: bool = False,
    ) -> None:
        """`script` is what the provider answers before any fault; `taped` keeps every call for a timeline.

        `skews` are how wrong the clocks of workers are, by turns.
        """
        self.clock = VirtualClock(now)
        self.workers = Workers(self.clock, skews)
        self.line = Line(self.workers, faults, taped=taped)
        self.line.pause = lambda seconds: self.functions.sleep(seconds, self.run)
        self.outbox = setup.outbox()
        self.agenda = Agenda()
        self.expected: list[Key] = []
        self.scripted = bool(script)
        ids = RandomIds(Random(0))  # noqa: S311 - a world must be found again
        self.services = services(self.clock, ids)
        self.witness = Witness(self.services, self.outbox)
        way = Way(self.line, Provider(self.outbox, script), self.later)
        bus: Any = Wired(self.line, "bus", self.witness)
        ledger: Any = Wired(self.line, "ledger", self.services.ledger)
        payloads: Any = Wired(self.line, "payloads", self.services.payloads)
        self.ports = Ports(bus, ledger, self.workers, ids, setup.secrets, way, _Silence(), payloads=payloads)
        handle = self._deployed(setup)
        self.functions = Functions(handle, self.witness, self.line, self.later, self.workers)
        self.agenda.enter(now + ROUND, self._round, habit=True)

    @property
    def calls(self) -> int:
        """Calls of ports so far, looks at the clock included."""
        return self.line.calls + self.workers.looks

    def deploy(self, setup: Setup) -> None:
        """Let the functions be those of a setup from now on; the queues and what is in them stay."""
        self.functions.handle = self._deployed(setup)

    def schedule(self, until: datetime) -> None:
        """Let every task run at its times until then, and a person look at the dead letters."""
        for task in self.setup.model.tasks:
            if task.enabled and task.schedules:
                self._after(task, Timetable(task), self.clock.now(), until)
        self.agenda.enter(self.clock.now() + LOOK, self._look, habit=True)

    def run(self, until: datetime) -> None:
        """Let time pass, and everything happen that is due."""
        while self._step(until):
            pass
        self.clock.set(until)

    def settle(self, patience: timedelta) -> None:
        """Let everything happen until all is quiet, or patience ends."""
        until = self.clock.now() + patience
        while not self._is_quiet() and self._step(until):
            pass

    def queue(self, notifier: str) -> str:
        """The name of a notifier's queue."""
        return queues.queue(self.setup.model.name, self.setup.stage, notifier)

    def dead_letters(self, notifier: str) -> str:
        """The name of its dead-letter queue."""
        return queues.dead_letters(self.setup.model.name, self.setup.stage, notifier)

    def _deployed(self, setup: Setup) -> Handle:
        self.setup = setup
        model, stage, settings, ports = setup.model, setup.stage, setup.settings, self.ports
        arns = queues.wired(self.services.bus, model, stage)
        self._polled = [(part, self.queue(part.name)) for part in model.notifiers if part.enabled]
        self.witness.notifiers.update((queue, part.name) for part, queue in self._polled)
        runtime = Runtime(
            setup.app, model, ports, stage=stage, queues=arns, folder=setup.folder, horizon=settings.horizon
        )
        watch = Watch(ports.bus, ports.clock, model.name, stage, settings.watch)
        hands: Any = Wired(self.line, "hands", _Hands(self))
        return Handle(runtime.handle, Desk(model, stage, ports, watch, hands))

    def _step(self, until: datetime) -> bool:
        """Do what is due first, if anything is until then: what was entered, else what a queue has."""
        due, ready, look = self.agenda.next(), None, self.services.bus.next_visible
        for polled in self._polled:
            visible = look(polled[1])
            if visible and (due is None or visible < due):
                due, ready = visible, polled
        if due is None or due > until:
            return False
        self.clock.set(due)
        if ready:
            self.functions.poll(*ready)
        else:
            self.agenda.take()()
        return True

    def _is_quiet(self) -> bool:
        if not self.agenda.is_clear() or any(self.services.bus.next_visible(queue) for _, queue in self._polled):
            return False
        return not self.services.ledger.open_runs()

    def _after(self, task: TaskModel, table: Timetable, moment: datetime, until: datetime) -> None:
        """Enter the next fire time of a task."""
        following = table.next(moment)
        if following is None or following > until:
            return
        at = following.astimezone(UTC)

        def fire() -> None:
            self._after(task, table, at, until)
            self._fire(task, at)

        self.agenda.enter(at, fire)

    def _fire(self, task: TaskModel, at: datetime) -> None:
        """Scheduler calls the function: in time or late, once or twice, or not at all."""
        self.expected.append(naming.run_key(task.name, at, ""))
        event = {"task": task.name, "scheduled_at": instant(at), "attempt": "1", "schedule": task.schedules[0]}
        fault = self.line.strike("schedule", "fire", (task.name, instant(at)))
        kind = fault.kind if fault else "in time"
        if fault and kind in {"is late", "comes twice"}:
            self.later(fault.seconds, lambda: self.functions.invoke(task, event))
        if kind not in {"is late", "never comes"}:
            self.functions.invoke(task, event)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something in so many seconds."""
        self.agenda.enter(self.clock.now() + timedelta(seconds=seconds), action)

    def _round(self) -> None:
        self.agenda.enter(self.clock.now() + ROUND, self._round, habit=True)
        self.functions.round()

    def _look(self) -> None:
        """A person sometimes puts dead letters back, whatever the reason."""
        self.agenda.enter(self.clock.now() + LOOK, self._look, habit=True)
        for part, _ in self._polled:
            if self.line.strike("person", "look", part.name):
                self.services.bus.redrive(self.dead_letters(part.name))


class _Hands:
    """What maintenance needs beside the ports."""

    def __init__(self, world: World) -> None:
        self._world = world

    def invoke(self, task: str, event: Mapping[str, Any]) -> None:
        """Call a function, without waiting for it."""
        model, functions = self._world.setup.task(task), self._world.functions
        self._world.later(0.0, lambda: functions.invoke(model, event))

    def failures(self) -> Iterator[Failure]:
        """What Lambda gave up."""
        return iter(list(self._world.functions.failed))

    def unstarted(self) -> Iterator[Failure]:
        """Scheduler of this world always reaches Lambda, or forgets a time altogether."""
        return iter(())

    def settle(self, failure: Failure) -> None:
        """Take a failure out of its queue."""
        failed = self._world.functions.failed
        failed[:] = [each for each in failed if each.handle != failure.handle]

    def letters(self, notifier: str) -> tuple[int, list[Received]]:
        """The dead letters of a notifier."""
        bus, queue = self._world.services.bus, self._world.dead_letters(notifier)
        return sum(bus.counts(queue)), bus.peek(queue, _FIRST_LETTERS)


class _Silence:
    def note(self, report: RunReport | Delivery) -> None:
        """Reports are the app's own word; the world goes by what happened."""
