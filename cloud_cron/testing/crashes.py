"""Every crash of one run and its deliveries, or every pair: what is promised must hold after each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.runtime import naming
from cloud_cron.testing.simulator.exploring import deaths, explored
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.judge import Judge
from cloud_cron.testing.simulator.services import in_memory
from cloud_cron.testing.simulator.story import CHANGED, story
from cloud_cron.testing.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.testing.answers import Line
    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.faults import CallPoint, Fault, Faults
    from cloud_cron.testing.simulator.services import Made
    from cloud_cron.testing.simulator.verdict import Verdict

_PATIENCE: Final = timedelta(days=2)
_BLOCKED: Final = timedelta(hours=1)
_REQUEST: Final = "01HCRASHEVERYWHERE00000000"


@dataclass(frozen=True)
class CrashReport:
    """What a crash test found, over all its worlds.

    `points` are the places where a worker could die (before and after each port call of the clean run), `crashes` how
    often one did. A delivery is one (notifier, message, recipient) of the clean run. `duplicates` are acceptances
    beyond the first of a delivery, and `max_acceptances` is the most that one delivery had. Deliveries in `doubt` may
    have been sent, and are in the dead-letter queue. `lost` is 0 in every report that is returned.
    """

    points: int
    crashes: int
    deliveries: int
    acceptances: int
    max_acceptances: int
    duplicates: int
    doubt: int
    lost: int


class Scenario(NamedTuple):
    """One run of one task, asked for by an event, and everything that follows; `script` is what providers answer.

    `prepare` is done to each world before anything happens.
    """

    setup: Setup
    now: datetime
    script: tuple[Line, ...]
    task: str
    event: Mapping[str, Any]
    services: Made = in_memory
    prepare: Callable[[World], object] = lambda _: None

    def play(self, faults: Faults) -> World:
        """The run, until all is quiet, or until only what is blocked is left, which comes back for weeks."""
        world = World(self.setup, self.now, faults, script=self.script, services=self.services, taped=True)
        self.prepare(world)
        at = self.event.get("scheduled_at")
        due = datetime.fromisoformat(at) if at else None
        world.expected.append(naming.run_key(self.task, due, _REQUEST))
        world.functions.invoke(self.setup.task(self.task), self.event, _REQUEST)
        blocking = [part.timeout for part in self.setup.model.notifiers if part.on_poison == "block"]
        world.settle(_BLOCKED + timedelta(seconds=24 * max(blocking)) if blocking else _PATIENCE)
        return world


def crash_everywhere(scenario: Scenario, *, depth: int = 1) -> CrashReport:
    """Play the scenario without a crash, then once for each point, or each `depth` points, one after the other.

    Raises the task's own exception when it fails without a crash, and AssertionError for the first broken guarantee, or
    when two worlds without a crash do not tell the same.
    """
    __tracebackhide__ = True
    clean = scenario.play(Plan())
    if clean.functions.errors:
        raise clean.functions.errors[0]
    verdicts, crashes = [_judged(scenario, clean, {})], 0
    _check_repeats(scenario, verdicts[0])
    for faults, world in explored(scenario.play, clean, [deaths] * depth):
        verdicts.append(_judged(scenario, world, faults))
        crashes += world.line.crashes
    counts = [count for verdict in verdicts for count in verdict.acceptances.values()]
    return CrashReport(
        points=sum(1 for call in clean.line.tape or () for _ in deaths(call)),
        crashes=crashes,
        deliveries=verdicts[0].deliveries,
        acceptances=sum(counts),
        max_acceptances=max(counts, default=0),
        duplicates=sum(count - 1 for count in counts),
        doubt=sum(verdict.doubt for verdict in verdicts),
        lost=sum(verdict.lost for verdict in verdicts),
    )


def _check_repeats(scenario: Scenario, clean: Verdict) -> None:
    """Without crashes everybody is told the same again; else worlds with crashes would show nothing."""
    __tracebackhide__ = True
    again = Judge(scenario.play(Plan())).verdict()
    if clean.acceptances != again.acceptances:
        before, after = clean.acceptances.total(), again.acceptances.total()
        message = f"crash_everywhere({scenario.task!r}): without any crash there were {before} deliveries, then {after}"
        raise AssertionError(f"{message}:\n{CHANGED}")


def _judged(scenario: Scenario, world: World, faults: Mapping[CallPoint, Fault]) -> Verdict:
    """The verdict on a world; AssertionError when there is anything to say against it."""
    __tracebackhide__ = True
    judge = Judge(world)
    verdict = judge.verdict()
    if verdict.problems:
        died = {0: "without any crash", 1: "after one crash"}.get(len(faults), f"after {len(faults)} crashes")
        headline = f"crash_everywhere({scenario.task!r}): a guarantee is broken {died}"
        raise AssertionError(story(headline, judge.names, verdict.problems, faults, world.line.tape or []))
    return verdict
