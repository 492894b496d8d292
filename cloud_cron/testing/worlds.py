"""One world of a crash test: a store and a provider that outlive processes, and what happens in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self, cast

from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.store import Store
from cloud_cron.testing.answers import Line, Provider
from cloud_cron.testing.faults import Crash, Point, Probe, ProbedSenders, Tape
from cloud_cron.testing.setup import Published, Setup
from cloud_cron.testing.steps import steps

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.local.engine import Engine
    from cloud_cron.local.host import Queues
    from cloud_cron.ports import Ledger, Outgoing, Payloads

RESTART: Final = timedelta(seconds=60)
PATIENCE: Final = timedelta(days=2)
BLOCKED: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Scenario:
    """One run of one task and everything that follows from it; `script` is what providers answer."""

    setup: Setup
    now: datetime
    script: tuple[Line, ...]
    task: str
    at: datetime | None = None
    given: Any = None

    def alone(self) -> Scenario:
        """The same in a place of its own, where no other run is due."""
        setup = self.setup
        quiet = replace(setup.model, tasks=tuple(replace(task, enabled=False) for task in setup.model.tasks))
        return replace(self, setup=replace(setup, model=quiet, backend=setup.backend.apart()))


class World:
    """Plays a scenario once, with at most one crash."""

    def __init__(self, scenario: Scenario) -> None:
        """Begin with an empty store."""
        self.scenario = scenario
        self.tapes: list[Tape] = []
        self.log: dict[str, tuple[str, Outgoing]] = {}
        self.outbox = scenario.setup.outbox()
        self._store = Store()
        self._clock = VirtualClock(scenario.now)
        self._ids = RandomIds(Random(0))  # noqa: S311 - a crash must be found again
        self._request = self._ids.ulid(scenario.now)
        self._provider = Provider(self.outbox, scenario.script)
        self._answered = False

    def __enter__(self) -> Self:
        """The world ends with the block; what was noted of it stays."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget the store."""
        self._store.close()

    def play(self, point: Point | None = None) -> None:
        """Run and deliver until all is quiet; after a crash at `point`, begin again on what the store kept.

        Without a point, the task's own exception comes through as it is.
        """
        try:
            self._live(Tape(self._clock, point))
        except Crash:
            self._clock.set(self._clock.now() + RESTART)
            self._live(Tape(self._clock))

    def look(self) -> tuple[Queues, Ledger, Engine]:
        """The bus and the ledger as they are now, and an engine that knows their names."""
        setup = self.scenario.setup
        bus, ledger = setup.backend.connect(self._store, self._clock, self._ids)
        payloads = SqlitePayloads(self._store, self._clock)
        return bus, ledger, setup.engine(bus, ledger, payloads, self._clock, self._ids, self._provider)

    def _live(self, tape: Tape) -> None:
        """One process, from its start to its end."""
        self.tapes.append(tape)
        setup = self.scenario.setup
        bus, ledger = setup.backend.connect(self._store, self._clock, self._ids)
        ports = {
            "bus": Published(bus, self.log),
            "ledger": ledger,
            "payloads": SqlitePayloads(self._store, self._clock),
        }
        probes = tuple(Probe(tape, name, port) for name, port in ports.items())
        queues, records, payloads = cast("tuple[Queues, Ledger, Payloads]", probes)
        senders = ProbedSenders(tape, self._provider)
        engine = setup.engine(queues, records, payloads, self._clock, self._ids, senders)
        tape.start()
        if not self._answered:
            self._run(engine, tape)
        self._settle(engine)

    def _run(self, engine: Engine, tape: Tape) -> None:
        """The invocation; one that nobody answered is repeated with the same request id, as Lambda does."""
        scenario = self.scenario
        try:
            engine.run(scenario.task, scenario.at, scenario.given, self._request)
        except Exception:
            if tape.point is None and len(self.tapes) == 1:
                raise
        self._answered = True

    def _settle(self, engine: Engine) -> None:
        """From event to event until nothing is left to do, or only what is blocked, which comes back for weeks."""
        blocking = [part.timeout for part in self.scenario.setup.model.notifiers if part.on_poison == "block"]
        patience = BLOCKED + timedelta(seconds=24 * max(blocking)) if blocking else PATIENCE
        for _ in steps(engine, self._clock, self._clock.now() + patience):
            engine.work()
