"""Next fire times, beside cronsim on the translated expression, in one run.

Prints computations per CPU second and microseconds per construction and per single question (construct and ask once),
each the median of several rounds, and the milliseconds for an expression that fires once in 28 years.
"""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

from cloud_cron.schedules import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from cronsim import CronSim
except ImportError:  # a dependency of development only
    CronSim = None  # type: ignore[assignment,misc]

ROUNDS = 7
STEPS = 400
START = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
EXPRESSIONS = {
    "cron(0 12 * * ? *)": "0 12 * * *",
    "cron(0/15 8-17 ? * MON-FRI *)": "0/15 8-17 * * 1-5",
    "cron(30 6 1 1,4,7,10 ? *)": "30 6 1 1,4,7,10 *",
    "cron(0 9 ? * 6#1 *)": "0 9 * * 5#1",
    "cron(0 18 L * ? *)": "0 18 L * *",
    "cron(0 0 29 2 ? *)": "0 0 29 2 *",
}
RARE = "cron(0 0 ? 2 1#5 *)"
AFTER_ONE = datetime(2060, 3, 1, tzinfo=UTC)


def microseconds(work: Callable[[], object], repeat: int = 1) -> float:
    """CPU microseconds of one piece of work, the median of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        began = process_time()
        for _ in range(repeat):
            work()
        rounds.append((process_time() - began) / repeat * 1e6)
    return median(rounds)


def walk(expression: str) -> None:
    """Ask for one fire time after another."""
    schedule, time = Schedule(expression), START
    for _ in range(STEPS):
        time = schedule.next(time) or START


def walk_cronsim(expression: str) -> None:
    """The same by cronsim; the range of 400 keeps even the 29th of February within the calendar of Python."""
    times = CronSim(expression, START)
    for _ in range(STEPS):
        next(times)


def row(expression: str, translated: str) -> list[str]:
    """One line of the table."""
    ours = [
        1e6 * STEPS / microseconds(lambda: walk(expression)),
        microseconds(lambda: Schedule(expression), STEPS),
        microseconds(lambda: Schedule(expression).next(START), STEPS),
    ]
    if CronSim is None:
        return [expression, *(f"{value:,.1f}" for value in ours)]
    theirs = [
        1e6 * STEPS / microseconds(lambda: walk_cronsim(translated)),
        microseconds(lambda: CronSim(translated, START), STEPS),
        microseconds(lambda: next(CronSim(translated, START)), STEPS),
    ]
    ratios = [ours[0] / theirs[0], theirs[1] / ours[1], theirs[2] / ours[2]]
    cells = [
        f"{own:,.1f} / {other:,.1f} ({ratio:.1f}x)" for own, other, ratio in zip(ours, theirs, ratios, strict=True)
    ]
    return [expression, *cells]


def main() -> None:
    """Print the table."""
    other = "" if CronSim is None else " / cronsim (times faster)"
    table = [["expression", f"next per CPU second{other}", f"construction us{other}", f"single question us{other}"]]
    table += [row(*pair) for pair in EXPRESSIONS.items()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    rare = microseconds(lambda: Schedule(RARE).next(AFTER_ONE)) / 1000
    print(f"\n{RARE}, from one fire time to the next, 28 years on: {rare:.3f} ms")


if __name__ == "__main__":
    main()
