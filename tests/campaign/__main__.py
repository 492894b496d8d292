"""`python -m tests.campaign`: everything that can go wrong, played through, and the figures of it as tables.

`--short` is for every change, and takes minutes; without it the campaign goes through every triple of crashes and a
million effects, which takes a night. Exit code 1 when a guarantee was broken, or a planted bug was not caught.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import groupby
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

from tests.campaign import comparison
from tests.campaign.apps import PEOPLE, clinic, shop
from tests.campaign.figures import Figures, total
from tests.campaign.parts import again, crashes, dense, faults_and_crashes, ledgers, seeds
from tests.campaign.peers import COMPETITORS
from tests.campaign.planted import BUGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.campaign.comparison import Tally

BOUNDS = (0, 1, 2, 5)
CORES = os.cpu_count() or 2
GUARANTEES = "{:30} {:>8} {:>11} {:>9} {:>9} {:>9} {:>5} {:>5} {:>7} {:>7} {:>6} {:>7} {:>7} {:>8}"
HEADS = (
    "worlds",
    "points",
    "effects",
    "faults",
    "crashes",
    "lost",
    "most",
    "again",
    "doubt",
    "order",
    "healthy",
    "broken",
    "calls/s",
)
COMPARED = "{:26} {:26} {:>7} {:>5} {:>5} {:>8} {:>7} {:>7}"


class Size(NamedTuple):
    """How much is played: seeds of each kind, for each bound; rounds of SIGKILL."""

    rough: int
    mild: int
    dense: int
    same: int
    compared: int
    deepest: int
    kills: int


SHORT = Size(rough=12, mild=8, dense=100, same=10, compared=10, deepest=2, kills=0)
LONG = Size(rough=700, mild=700, dense=20_000, same=200, compared=1_000, deepest=3, kills=500)


class Part(NamedTuple):
    """One row of the table: what is played, for one bound."""

    name: str
    bound: int
    size: Size

    def play(self) -> tuple[Figures, float]:
        """The figures, and the seconds of a core that they took."""
        begun = process_time()
        return self._played(), process_time() - begun

    def _played(self) -> Figures:
        bound, size = self.bound, self.size
        match self.name:
            case "every two crashes":
                return crashes(shop(bound), 2)
            case "every three crashes":
                return crashes(shop(bound, messages=1), 3)
            case "every fault, every crash":
                return faults_and_crashes(shop(bound, messages=1, people=PEOPLE[:1]))
            case "a fault at every fourth call":
                return dense(shop(bound), range(size.dense))
            case "rough days":
                return seeds(bound, "rough", range(size.rough))
            case "mild days":
                return seeds(bound, "mild", range(size.mild))
            case ledger:
                with ledgers(ledger.rpartition(" ")[2]) as services:
                    return crashes(shop(bound), 1, services)


def main() -> int:
    """Play everything, print everything."""
    size = SHORT if "--short" in sys.argv[1:] else LONG
    begun = perf_counter()
    with ProcessPoolExecutor(CORES, initializer=collect_seldom) as pool:
        held = guarantees(size, pool)
        same, count = pool.submit(again, clinic, range(size.same)).result()
        print(f"\nthe same seed twice, and the same calls: {same} of {count}\n")
        compared(size, pool)
    survived = size.kills == 0 or killed(size.kills)
    with ThreadPoolExecutor(1) as beside:
        inputs = beside.submit(bad_inputs)
        missed = planted()
    right, figures = inputs.result()
    caught = len(BUGS) - len({*missed} - {"clean"})
    print(f"\n{figures}\nplanted bugs caught: {caught} of {len(BUGS)}; {perf_counter() - begun:.0f} s in all")
    return 0 if held and survived and right and same == count and not missed else 1


def collect_seldom() -> None:
    """Worlds are full of cycles and soon over: look for them now and then, and never at what was there before them."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def parts(size: Size) -> Iterator[Part]:
    """Every part of the campaign, for every bound; DynamoDB's emulator is slow, and has no part in bounds."""
    names = ["every two crashes"] + ["every three crashes"] * (size.deepest > 2)
    names += ["every fault, every crash", "a fault at every fourth call", "rough days", "mild days"]
    names += ["every crash, memory", "every crash, sqlite"]
    yield Part("every crash, dynamodb", 1, size)
    yield from (Part(name, bound, size) for name in names for bound in BOUNDS)


def guarantees(size: Size, pool: ProcessPoolExecutor) -> bool:
    """A row for each kind of part as soon as it is played, and the sum; whether everything held."""
    several = list(parts(size))
    played: list[tuple[Part, Figures, float]] = []
    print(GUARANTEES.format("A = 0, 1, 2, 5", *HEADS), flush=True)
    found = zip(several, pool.map(Part.play, several), strict=True)
    for name, kind in groupby(found, key=lambda pair: pair[0].name):
        mine = [(part, *outcome) for part, outcome in kind]
        row(name, mine)
        played += mine
    row("sum", played)
    over = [part for part, figures, _ in played if figures.max_acceptances > 1 + part.bound]
    print(f"told too often: {over}" if over else "nobody was told more than 1 + A times")
    return not over and not any(figures.problems for _, figures, _ in played)


def row(name: str, played: Sequence[tuple[Part, Figures, float]]) -> None:
    """One line of the table: what was played, what was found, and the seconds that it took."""
    found, seconds = total(figures for _, figures, _ in played), sum(seconds for _, _, seconds in played)
    counts = [f"{count:,}" for count in (found.seeds, found.points, found.effects, found.faults, found.crashes)]
    kinds = (found.lost, found.max_acceptances, found.duplicates, found.doubt, found.order_breaks)
    ends = [f"{count:,}" for count in (*kinds, found.healthy, found.problems)]
    print(GUARANTEES.format(name, *counts, *ends, f"{found.calls / seconds:,.0f}"), flush=True)


def compared(size: Size, pool: ProcessPoolExecutor) -> None:
    """What the ledger buys, and what it costs, of 10,000 effects with A = 1."""
    plays: dict[str, tuple[Callable[..., Tally], tuple[float, ...]]] = {
        "every crash": (comparison.crashed, (1,)),
        "every two crashes": (comparison.crashed, (2,)),
        "every fault, every crash": (comparison.struck, ()),
        "days, 5 % faults": (comparison.weathered, (0.05, size.compared)),
        "days, 0.1 % faults": (comparison.weathered, (0.001, 10 * size.compared)),
    }
    asked = {
        (what, name): pool.submit(play, name, *given) for what, (play, given) in plays.items() for name in COMPETITORS
    }
    heads = ("again", "most", "lost", "healthy", "doubt", "writes")
    print(COMPARED.format("of 10,000 effects, A = 1", "", *heads))
    for (what, name), future in asked.items():
        found = future.result()
        rates = [10_000 * count / found.effects for count in (found.lost, found.healthy, found.doubt)]
        again_ = f"{10_000 * found.duplicates / found.effects:.0f}"
        each = f"{found.writes / found.effects:.2f}"
        print(COMPARED.format(what, name, again_, found.most, *(f"{rate:.0f}" for rate in rates), each))


def killed(rounds: int) -> bool:
    """Real processes, killed so often; whether what is promised held."""
    node = "tests/host/test_kill.py::test_many_kills"
    command = [sys.executable, "-m", "pytest", "-qs", "-m", "", node]
    done = subprocess.run(
        command, env={**os.environ, "KILLS": str(rounds)}, capture_output=True, text=True, check=False
    )
    print(next((line for line in done.stdout.splitlines() if " kills, " in line), done.stdout[-2_000:]))
    return done.returncode == 0


def bad_inputs() -> tuple[bool, str]:
    """Every row of the catalogue of bad inputs, met: whether each was told as it should be, and how many were."""
    done = subprocess.run([sys.executable, "-m", "tests.bad_input"], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout.strip() or done.stderr[-2_000:]


def planted() -> list[str]:
    """The planted bugs that nobody caught, and `clean` when something was caught where there is none.

    Each in a process of its own.
    """

    def ask(name: str) -> int:
        command = [sys.executable, "-m", "tests.campaign.planted", name]
        return subprocess.run(command, capture_output=True, check=False).returncode

    with ThreadPoolExecutor(CORES) as pool:
        names = ["clean", *BUGS]
        found = dict(zip(names, pool.map(ask, names), strict=True))
    print(f"\n{'planted bug':42} caught by")
    for name, bug in BUGS.items():
        print(f"{name:42} {bug.layer if found[name] == 0 else f'NOBODY ({found[name]})'}")
    print("without a bug nothing is caught" if not found["clean"] else "something is caught where there is no bug")
    return [name for name, code in found.items() if code]


if __name__ == "__main__":
    sys.exit(main())
