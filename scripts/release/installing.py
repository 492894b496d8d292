"""The wheel in an environment of its own, beside what the lock pins, and the first commands of a newcomer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

from scripts.release import lock
from scripts.release.artefacts import of_what_is_built
from scripts.release.commands import Said, ran
from scripts.release.outcomes import Failed, Ok, Outcome, Skipped

if TYPE_CHECKING:
    from scripts.release.tree import Built, Tree

_SCRIPTS: Final = "Scripts" if os.name == "nt" else "bin"
_SUFFIX: Final = ".exe" if os.name == "nt" else ""
_PROJECT: Final = "weather"


class _Environment(NamedTuple):
    """A virtual environment in a folder that is gone afterwards."""

    folder: Path

    def program(self, name: str) -> str:
        """One of its programs."""
        return str(self.folder / "venv" / _SCRIPTS / f"{name}{_SUFFIX}")

    def uv(self, *words: str) -> str:
        """Run uv on it, without a network; what it said if that failed."""
        said = ran([sys.executable, "-m", "uv", *words], self.folder)
        return said.text.strip() if said.code else ""


@of_what_is_built
def check(tree: Tree, built: Built) -> Outcome:
    """Whether the wheel installs without extras, and begins a project that runs."""
    pinned = lock.exported(tree)
    if pinned.code:
        return Failed(f"uv.lock could not be read: {pinned.last}")
    with TemporaryDirectory() as folder:
        environment = _Environment(Path(folder).resolve())
        Path(folder, "requirements.txt").write_text(pinned.text, encoding="utf-8")
        return _installed(environment, built) or _used(environment, tree.version)


def _installed(environment: _Environment, built: Built) -> Failed | Skipped | None:
    """What the wheel needs, from uv's cache; then the wheel, and whether it finds all that it asks for."""
    python = ("--python", environment.program("python"))
    offline = ("pip", "install", "--offline", "--no-deps")
    if said := environment.uv("venv", "--quiet", "--offline", "--python", sys.executable, "venv"):
        return Failed(f"no environment could be made: {_line(said)}")
    if said := environment.uv(*offline, "--require-hashes", *python, "--requirement", "requirements.txt"):
        return Skipped(f"uv's cache lacks what the lock pins, and no network is used: {_line(said)}")
    if said := environment.uv(*offline, "--no-cache", "--no-index", *python, str(built.wheel)):
        return Failed(f"the wheel does not install: {_line(said)}")
    if said := environment.uv("pip", "check", *python):
        return Failed(f"the wheel asks for what the lock does not pin: {_line(said)}")
    return None


def _used(environment: _Environment, version: str) -> Outcome:
    """What a newcomer does first, to the run of the first task of the new project."""

    def told(folder: Path, *words: str) -> Said:
        return ran([environment.program("cloud-cron"), *words], folder)

    project = environment.folder / _PROJECT
    version_told = told(environment.folder, "--version")
    if version_told.last != f"cloud-cron {version}":
        return Failed(f"cloud-cron --version: {version_told.last}, and this is {version}")
    for folder, *words in ((environment.folder, "init", _PROJECT), (project, "check", "--strict")):
        if (said := told(folder, *words)).code:
            return Failed(f"cloud-cron {' '.join(words)}: {said.last}")
    tasks = told(project, "list", "--json")
    invoked = tasks if tasks.code else told(project, "invoke", json.loads(tasks.text)["tasks"][0]["name"])
    return Failed(f"cloud-cron invoke: {invoked.last}") if invoked.code else Ok("--version, init, check, list, invoke")


def _line(said: str) -> str:
    """The last line of what a tool said, which has the cause."""
    return said.splitlines()[-1].strip()
