"""What a part of the campaign found."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from cloud_cron.testing.simulator.judge import Judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron.testing.simulator.world import World


@dataclass(frozen=True)
class Figures:
    """Sums over worlds; `most` is the most acceptances that one effect had."""

    worlds: int = 0
    effects: int = 0
    faults: int = 0
    crashes: int = 0
    calls: int = 0
    lost: int = 0
    most: int = 0
    duplicates: int = 0
    doubt: int = 0
    order_breaks: int = 0
    healthy: int = 0
    problems: int = 0

    def __add__(self, other: Figures) -> Figures:
        summed = {field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        return Figures(**{**summed, "most": max(self.most, other.most)})


def judged(world: World, judge: Judge | None = None) -> Figures:
    """The figures of one world, problems included: the campaign counts them all, and fails in the end."""
    verdict = (judge or Judge(world)).verdict()
    counts = verdict.acceptances.values()
    return Figures(
        worlds=1,
        effects=verdict.deliveries,
        faults=world.line.struck,
        crashes=world.line.crashes,
        calls=world.calls,
        lost=verdict.lost,
        most=max(counts, default=0),
        duplicates=sum(counts) - len(counts),
        doubt=verdict.doubt,
        order_breaks=verdict.order_breaks,
        healthy=verdict.healthy,
        problems=len(verdict.problems),
    )


def total(figures: Iterable[Figures]) -> Figures:
    """All of them together."""
    return sum(figures, Figures())
