"""Every single crash of one run and its deliveries: what is promised must hold after each of them."""

from __future__ import annotations

from dataclasses import dataclass

from cloud_cron.testing.faults import SIDES, Point
from cloud_cron.testing.timeline import story
from cloud_cron.testing.verdict import Judge, Verdict
from cloud_cron.testing.worlds import Scenario, World

__all__ = ["CrashReport", "Scenario", "crash_everywhere"]


@dataclass(frozen=True)
class CrashReport:
    """What a crash test found, over all its worlds.

    `points` are the places where the process could die (before and after each port call of the clean run), `crashes`
    how often it did. A delivery is one (notifier, message, recipient) of the clean run. `duplicates` are acceptances
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


def crash_everywhere(scenario: Scenario) -> CrashReport:
    """Play the scenario without a crash, then once for each point; AssertionError for the first broken guarantee."""
    __tracebackhide__ = True
    scenario = scenario.alone()
    clean, expected = _judged(scenario)
    points = [Point(call, side) for call in range(len(clean.tapes[0].calls)) for side in SIDES]
    verdicts, crashes = [expected], 0
    for point in points:
        world, verdict = _judged(scenario, point, expected)
        verdicts.append(verdict)
        crashes += len(world.tapes) > 1
    counts = [count for verdict in verdicts for count in verdict.acceptances.values()]
    return CrashReport(
        points=len(points),
        crashes=crashes,
        deliveries=sum(map(len, expected.keys.values())),
        acceptances=sum(counts),
        max_acceptances=max(counts, default=0),
        duplicates=sum(count - 1 for count in counts),
        doubt=sum(verdict.doubt for verdict in verdicts),
        lost=sum(verdict.lost for verdict in verdicts),
    )


def _judged(scenario: Scenario, point: Point | None = None, clean: Verdict | None = None) -> tuple[World, Verdict]:
    """A world after it was played, and the verdict on it; AssertionError when there is anything to say against it."""
    __tracebackhide__ = True
    with World(scenario) as world:
        world.play(point)
        judge = Judge(world, clean)
        verdict = judge.verdict()
        if verdict.problems:
            raise AssertionError(story(world, judge.names, point, verdict))
    return world, verdict
