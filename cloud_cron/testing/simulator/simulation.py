"""Days of an app on virtual time, over and over, each time with other faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from cloud_cron.errors import DeclarationError, did_you_mean
from cloud_cron.testing.simulator.faults import Plan
from cloud_cron.testing.simulator.judge import Judge
from cloud_cron.testing.simulator.services import in_memory
from cloud_cron.testing.simulator.shrinking import shortest
from cloud_cron.testing.simulator.story import story, unrepeated
from cloud_cron.testing.simulator.weather import RATES, Climate, Weather
from cloud_cron.testing.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from cloud_cron.testing.answers import Line
    from cloud_cron.testing.setup import Setup
    from cloud_cron.testing.simulator.faults import CallPoint, Fault, Faults
    from cloud_cron.testing.simulator.services import Made
    from cloud_cron.testing.simulator.verdict import Verdict
    from cloud_cron.testing.simulator.weather import Level

PATIENCE: Final = timedelta(days=3)
WATCHED: Final = timedelta(hours=3)
"""How long after the last fire time a missed run must have been found: an hour and five minutes, and a round."""
BLOCKED: Final = timedelta(hours=2)
SKEWS: Final = tuple(timedelta(seconds=seconds) for seconds in (0, 2.5, -1, 1, -2.5))
"""No two clocks differ by more than five seconds."""


@dataclass(frozen=True)
class SimulationReport:
    """What a simulation found. An effect is one (notifier, message, recipient).

    `duplicates` are acceptances beyond the first of an effect, and `max_acceptances` is the most that one had. Effects
    in `doubt` may have been sent, and are in a dead-letter queue. `lost` and `order_breaks` are 0 in every report that
    is returned. `faults` were played, `crashes` of them were deaths of workers; `calls` are those of ports.
    `raised` counts attempts of tasks whose function raised.
    """

    seeds: int = 0
    runs: int = 0
    effects: int = 0
    crashes: int = 0
    lost: int = 0
    max_acceptances: int = 0
    duplicates: int = 0
    doubt: int = 0
    order_breaks: int = 0
    faults: int = 0
    calls: int = 0
    raised: int = 0

    def __add__(self, other: Self) -> Self:
        """Both together."""
        summed = {name: count + getattr(other, name) for name, count in vars(self).items()}
        return type(self)(**{**summed, "max_acceptances": max(self.max_acceptances, other.max_acceptances)})


class GuaranteeError(AssertionError):
    """A guarantee is broken; the message is the story. `report` has the worlds up to this one."""

    report: SimulationReport = SimulationReport()


class Episode(NamedTuple):
    """What is played again and again: some days of an app from `now` on.

    `deploys` are made after so long; `prepare` is done to each world before anything happens.
    """

    setup: Setup
    now: datetime
    days: float
    script: tuple[Line, ...] = ()
    services: Made = in_memory
    deploys: tuple[tuple[timedelta, Setup], ...] = ()
    prepare: Callable[[World], object] = lambda _: None

    def play(self, faults: Faults, *, taped: bool = False) -> World:
        """The days, and then as long without faults as it takes until all is quiet."""
        given: Any = {"script": self.script, "services": self.services, "skews": SKEWS, "taped": taped}
        world = World(self.setup, self.now, faults, **given)
        self.prepare(world)
        end = self.now + timedelta(days=self.days)
        world.schedule(end)
        for after, setup in self.deploys:
            world.later(after.total_seconds(), partial(world.deploy, setup))
        world.run(end)
        world.line.calm()
        if self.setup.settings.watch:
            world.run(end + WATCHED)
        blocks = any(part.on_poison == "block" for part in self.setup.model.notifiers)
        world.settle(BLOCKED if blocks else PATIENCE)
        return world

    def judge(self, world: World) -> Judge:
        """Who looks at such a world."""
        return Judge(world, self.setup, *(setup for _, setup in self.deploys))


def simulated(episode: Episode, level: Level, seeds: Iterable[int]) -> SimulationReport:
    """Play an episode in the weather of each seed; raises as `simulate` does.

    `DeclarationError` (CC733) for a level that there is not.
    """
    __tracebackhide__ = True
    if level not in RATES:
        hint = did_you_mean(str(level), RATES)
        raise DeclarationError("CC733", f"faults={level!r} is not one of {', '.join(RATES)}", hint=hint)
    climate = Climate(RATES[level], loses_runs=bool(episode.setup.settings.watch))
    report = SimulationReport()
    for seed in seeds:
        try:
            report += simulate(episode, climate, seed)
        except GuaranteeError as broken:
            broken.report += report
            raise
    return report


def simulate(episode: Episode, climate: Climate, seed: int) -> SimulationReport:
    """Play an episode in the weather of a seed; `GuaranteeError` with its shortest faults if something breaks."""
    __tracebackhide__ = True
    weather = Weather(climate, Random(seed))  # noqa: S311 - a seed is found again
    world = episode.play(weather)
    verdict = episode.judge(world).verdict()
    if verdict.problems:
        headline = f"seed {seed}: a guarantee is broken"
        broken = GuaranteeError(_told(episode, headline, verdict.problems, weather.decided))
        broken.report = reported(world, verdict)
        raise broken
    return reported(world, verdict)


def reported(world: World, verdict: Verdict) -> SimulationReport:
    """The figures of one world."""
    counts = verdict.acceptances.values()
    return SimulationReport(
        seeds=1,
        runs=world.functions.runs,
        effects=verdict.deliveries,
        crashes=world.line.crashes,
        lost=verdict.lost,
        max_acceptances=max(counts, default=0),
        duplicates=sum(counts) - len(counts),
        doubt=verdict.doubt,
        order_breaks=verdict.order_breaks,
        faults=world.line.struck,
        calls=world.calls,
        raised=len(world.functions.errors),
    )


def _told(episode: Episode, headline: str, broken: Sequence[str], decided: Mapping[CallPoint, Fault]) -> str:
    """The story of the shortest list of faults that breaks something; what is `broken`, if playing again does not."""

    def problems(faults: Mapping[CallPoint, Fault]) -> list[str]:
        return episode.judge(episode.play(Plan(faults))).verdict().problems

    if not problems(decided):
        return unrepeated(headline, broken)
    faults = shortest(decided, lambda fewer: bool(problems(fewer)))
    world = episode.play(Plan(faults), taped=True)
    judge = episode.judge(world)
    found = judge.verdict().problems
    return story(headline, judge.names, found, faults, world.line.tape or []) if found else unrepeated(headline, broken)
