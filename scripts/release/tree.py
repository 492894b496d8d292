"""The tree that is to be released, and what is built of it, once."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scripts.release.commands import Said, ran
from scripts.release.outcomes import Failed, Ok

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Built(NamedTuple):
    """The two distributions; the wheel is made of the source distribution."""

    wheel: Path
    sdist: Path


def by_the_lock(root: Path, into: Path) -> Said:
    """Build both with what the lock installed, and nothing else."""
    return ran([sys.executable, "-m", "build", "--no-isolation", "--outdir", into, root], root)


@dataclass(frozen=True)
class Tree:
    """A checkout, by its folder, and what builds it."""

    root: Path
    builder: Callable[[Path, Path], Said] = by_the_lock

    @property
    def out(self) -> Path:
        """Where checks write, which git ignores."""
        return self.root / "build/release"

    @property
    def version(self) -> str:
        """The version that the library says it has; empty when it says none."""
        found = re.search(r'^__version__ = "(.*)"$', self.read("cloud_cron/__init__.py"), re.MULTILINE)
        return found[1] if found else ""

    def read(self, name: str) -> str:
        """The text of a file."""
        return (self.root / name).read_text(encoding="utf-8")

    def concluded(self, name: str, said: Said) -> Ok | Failed:
        """Whether a command ended well, by its last line; a log of that name keeps the others."""
        log = self.out / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(said.text, encoding="utf-8")
        return Failed(f"{said.last} (more in {log.relative_to(self.root).as_posix()})") if said.code else Ok(said.last)

    @cached_property
    def built(self) -> Built | Failed:
        """Build both into a folder whose old content goes."""
        dist = self.out / "dist"
        shutil.rmtree(dist, ignore_errors=True)
        ended = self.concluded("build", self.builder(self.root, dist))
        if isinstance(ended, Failed):
            return ended
        (wheel,), (sdist,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
        return Built(wheel, sdist)
