"""What a part of the campaign found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cloud_cron.testing.simulator.judge import Judge
from cloud_cron.testing.simulator.simulation import SimulationReport, reported

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron.testing.simulator.world import World


@dataclass(frozen=True)
class Figures(SimulationReport):
    """What a simulation reports, and what it would raise for: `healthy` messages given up, and all `problems`.

    At each of the `points` a worker could have died.
    """

    points: int = 0
    healthy: int = 0
    problems: int = 0


def judged(world: World, judge: Judge | None = None) -> Figures:
    """The figures of one world, problems included: the campaign counts them all, and fails in the end."""
    verdict = (judge or Judge(world)).verdict()
    found = {"points": world.line.points(), "healthy": verdict.healthy, "problems": len(verdict.problems)}
    return Figures(**vars(reported(world, verdict)), **found)


def total(figures: Iterable[Figures]) -> Figures:
    """All of them together."""
    return sum(figures, Figures())
