"""An image from a project to a registry, beside `docker build` under BuildKit and `docker push`; copies; cold starts.

Registries are CNCF's on the loopback interface, the target with TLS and a password; the base has 150 MB, and each round
has a target of its own. Sides take turns within a round; a figure is a median of rounds, a ratio the median of theirs.
Docker's side is a Dockerfile by hand, in whose image the app is compiled at every start; on the warm machine also the
one that `package` writes. A fresh machine has an empty home, or an engine without images and build cache. Needs root,
and what `make images` installs; ROUNDS=5 makes more rounds of it.
"""

from __future__ import annotations

import compileall
import os
import shutil
from collections import defaultdict
from py_compile import PycInvalidationMode
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from _images import Bench, Docker, Ours, Packaged, Side, seconds, skopeo
from awslambda import first, ratio

from tests.images.places import EMULATOR, Chroot, Placed
from tests.images.skopeo import Unpacked
from tests.images.test_running import function

if TYPE_CHECKING:
    from pathlib import Path

    from tests.images.registries import Registry

ROUNDS = int(os.environ.get("ROUNDS", "3"))
STARTS = 40
START = 1.03
COLD, CHANGED, UNCHANGED, WARM = (
    "cold: nothing is anywhere",
    "fresh machine, one changed line",
    "fresh machine, unchanged",
    "warm machine, one changed line",
)
BUILDS = {COLD: 2.0, CHANGED: 30.0, UNCHANGED: 50.0, WARM: 1.5}
SAME = "warm, the same content: package's Dockerfile"
COPIES = {"docker pull, tag, push": 3.0, "skopeo copy": 1.0}
COPY = "cloud-cron image copy"


class Figures(NamedTuple):
    """Seconds by case and side, a round after the other; whether the digest of an unchanged app stayed."""

    builds: dict[str, dict[str, list[float]]]
    stayed: dict[str, list[bool]]
    copies: dict[str, list[float]]


def main() -> None:
    """Measure, and print the figures beside the goals."""
    if os.geteuid() or not EMULATOR.exists() or not all(map(shutil.which, ("dockerd", "docker-registry", "skopeo"))):
        print("skipped: it needs root, and what `make images` installs")
        return
    figures = Figures(defaultdict(lambda: defaultdict(list)), defaultdict(list), defaultdict(list))
    with Bench() as bench:
        for number in range(ROUNDS):
            with bench.target() as registry:
                build(bench, registry, number, figures)
            with bench.target() as registry:
                copy(bench, registry, number, figures)
        show(figures)
        with bench.target() as registry:
            start(bench, registry)


def build(bench: Bench, registry: Registry, number: int, figures: Figures) -> None:
    """One round of builds."""
    sides: list[Side] = [Docker(bench, registry), Ours(bench, registry)]
    same = Packaged(bench, registry)
    teller = skopeo(bench, registry)

    def take_turns(case: str, *, fresh: bool = True) -> None:
        for side in sides[:: 1 if number % 2 else -1]:
            if fresh:
                side.forget()
            figures.builds[case][side.name].append(seconds(side.push))

    take_turns(COLD)
    for side in sides:
        side.change("once")
    take_turns(CHANGED)
    before = {side.name: teller.digest(side.reference) for side in sides}
    take_turns(UNCHANGED)
    for side in sides:
        figures.stayed[side.name].append(teller.digest(side.reference) == before[side.name])
        side.change("twice")
    same.push()
    same.change("twice")
    figures.builds[WARM][same.name].append(seconds(same.push))
    take_turns(WARM, fresh=False)


def copy(bench: Bench, registry: Registry, number: int, figures: Figures) -> None:
    """One round of copies of the base, by machines that know nothing."""
    docker, ours = Docker(bench, registry), Ours(bench, registry)
    docker.forget()
    ours.forget()
    teller = skopeo(bench, registry)
    target = f"{registry.host}/by-docker:1"

    def by_docker() -> None:
        bench.engine.docker("pull", "--quiet", bench.image)
        bench.engine.docker("tag", bench.image, target)
        bench.engine.docker("push", "--quiet", target)

    ways = {
        COPY: lambda: ours.project.cli("image", "copy", bench.image, f"{registry.host}/by-us:1", "--platform", "amd64"),
        "skopeo copy": lambda: teller.copy(bench.image, f"{registry.host}/by-skopeo:1"),
        "docker pull, tag, push": by_docker,
    }
    for name in list(ways)[:: 1 if number % 2 else -1]:
        figures.copies[name].append(seconds(ways[name]))


def show(figures: Figures) -> None:
    """A line for each case: both sides, their ratio and its goal."""
    print(f"seconds, {ROUNDS} rounds{'':28}{'docker':>8}{'ours':>8}{'ratio':>8}{'goal':>8}")
    for case, goal in BUILDS.items():
        line(case, figures.builds[case][Docker.name], figures.builds[case][Ours.name], goal)
    line(SAME, figures.builds[WARM][Packaged.name], figures.builds[WARM][Ours.name], BUILDS[WARM])
    for name, goal in COPIES.items():
        line(f"copy of 150 MB, beside {name}", figures.copies[name], figures.copies[COPY], goal)
    kept = ", ".join(f"{name} {sum(each)} of {len(each)}" for name, each in figures.stayed.items())
    print(f"an unchanged app keeps its digest on a fresh machine: {kept}\n")


def line(case: str, theirs: list[float], ours: list[float], goal: float) -> None:
    """Medians, and how many times as long the other side takes."""
    print(f"{case:46}{median(theirs):8.2f}{median(ours):8.2f}{ratio(theirs, ours):8.1f}{goal:8.1f}")


def start(bench: Bench, registry: Registry) -> None:
    """Cold starts of the image that was built, and of the same with everything compiled anew by Python itself."""
    side = Ours(bench, registry)
    side.forget()
    side.push()
    teller = skopeo(bench, registry)
    built = teller.unpack(f"{registry.host}/{side.name}@{teller.digest(side.reference)}")
    by_us, by_hand = (copied(built, bench.folder / name) for name in ("by-us", "by-hand"))
    task = by_hand.root / "var/task"
    for folder in list(task.rglob("__pycache__")):
        shutil.rmtree(folder)
    compileall.compile_dir(
        task, stripdir=str(by_hand.root), prependdir="/", quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    functions = [Placed(Chroot(image), function("hourly")) for image in (by_hand, by_us)]
    rounds = [in_turns(functions, number) for number in range(STARTS + 1)][1:]
    theirs, ours = map(list, zip(*rounds, strict=True))
    print(f"cold start of a task, CPU in a chroot, {STARTS} rounds")
    times = f"compiled by hand {median(theirs):.0f} ms, built {median(ours):.0f} ms"
    print(f"  {times}: {ratio(ours, theirs):.3f} x (goal {START})")


def in_turns(functions: list[Placed], number: int) -> list[float]:
    """Milliseconds of each, whoever begins."""
    order = range(len(functions))[:: 1 if number % 2 else -1]
    times = {at: first(functions[at]) for at in order}
    return [times[at] for at in sorted(times)]


def copied(image: Unpacked, root: Path) -> Unpacked:
    """The image once more: as files lie on a disk that were written in one go."""
    shutil.copytree(image.root, root, symlinks=True)
    return Unpacked(root, image.config)


if __name__ == "__main__":
    main()
