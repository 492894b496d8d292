"""Wheel and source distribution: built, holding what they should, and each made of the other."""

from __future__ import annotations

import sys
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZipFile

from scripts.release.commands import ran
from scripts.release.outcomes import Failed, Ok, Outcome, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.release.tree import Built, Tree


def of_what_is_built(judge: Callable[[Tree, Built], Outcome]) -> Callable[[Tree], Outcome]:
    """A check of the distributions, which fails when there are none."""

    @wraps(judge)
    def check(tree: Tree) -> Outcome:
        built = tree.built
        return Failed("nothing could be built") if isinstance(built, Failed) else judge(tree, built)

    return check


def build(tree: Tree) -> Outcome:
    """Whether both could be built, by the tools of the lock."""
    built = tree.built
    if isinstance(built, Failed):
        return built
    return Ok(" and ".join(f"{file.name} ({file.stat().st_size / 1000:.0f} KB)" for file in built))


@of_what_is_built
def contents(tree: Tree, built: Built) -> Outcome:
    """Whether the wheel holds its packages and nothing else, by the rules of pyproject.toml."""
    wheel = built.wheel.relative_to(tree.root)
    said = ran([sys.executable, "-m", "check_wheel_contents", wheel], tree.root)
    told = " ".join(said.text.split())
    return Failed(told) if said.code else Ok(told)


@of_what_is_built
def sdist(tree: Tree, built: Built) -> Outcome:
    """Whether the tree makes the same wheel as the source distribution does."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, str(tree.root)]
        ended = tree.concluded("sdist", ran(command, tree.root))
        if isinstance(ended, Failed):
            return ended
        (direct,) = Path(folder).glob("*.whl")
        return judged(list(differences(direct, built.wheel)), "the same wheel, byte for byte")


def differences(direct: Path, through: Path) -> Iterator[str]:
    """What tells the wheel of the tree from the one through the source distribution."""
    ours, theirs = _members(direct), _members(through)
    yield from (f"the source distribution lacks {name}" for name in sorted(ours.keys() - theirs.keys()))
    yield from (f"only the source distribution has {name}" for name in sorted(theirs.keys() - ours.keys()))
    yield from (f"{name} differs" for name in sorted(ours.keys() & theirs.keys()) if ours[name] != theirs[name])
    if ours == theirs and direct.read_bytes() != through.read_bytes():
        yield "the same files in two archives that differ: the build cannot be repeated"


def _members(wheel: Path) -> dict[str, bytes]:
    """Every file of it, but for the list of the others, which differs when one of them does."""
    with ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith(".dist-info/RECORD")}
