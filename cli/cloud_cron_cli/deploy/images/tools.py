"""The programs that resolve and install packages: uv, or pip for this very platform."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cloud_cron_cli.deploy.images.asking import Asked
    from cloud_cron_cli.deploy.images.packages import Locked, Package
    from cloud_cron_cli.deploy.images.targets import Target

INSTALL_UV: Final = "install uv: https://docs.astral.sh/uv/, or `pip install uv`"


_FULL: Final = re.compile(r"No space left on device|Disk quota exceeded")


class Question(NamedTuple):
    """What is to be resolved: what the project asks for, what the runtime needs, and what was chosen before."""

    folder: Path
    asked: Asked
    wanted: tuple[str, ...]
    target: Target
    before: str = ""


class Tool(Protocol):
    """Finds and installs wheels; each raises `ImageError` CC862 to CC864."""

    def read(self, folder: Path, asked: Asked) -> Asked:
        """What is asked for, as lines, also where a lock of the tool's own says it."""

    def resolve(self, question: Question) -> tuple[Package, ...]:
        """A version and the hashes of every package."""

    def install(self, locked: Locked, folder: Path, into: Path) -> None:
        """The files of the packages, in a folder; `folder` is where the tool finds its settings."""


class Tools(NamedTuple):
    """The commands that start the tools, where they are there."""

    uv: tuple[str, ...] | None
    pip: tuple[str, ...] | None

    @classmethod
    def found(cls) -> Tools:
        """Those of this environment, else uv on the path."""
        own = (sys.executable, "-m", "uv") if find_spec("uv") else None
        path = shutil.which("uv")
        return cls(own or ((path,) if path else None), (sys.executable, "-m", "pip") if find_spec("pip") else None)


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def run(command: Sequence[str], folder: Path) -> Done:
    """Run a tool in a folder; `ImageError` CC864 when it cannot be started."""
    quiet = {"NO_COLOR": "1", "UV_NO_PROGRESS": "1", "UV_PYTHON_DOWNLOADS": "never", "PIP_NO_INPUT": "1"}
    try:
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **quiet}, capture_output=True, check=False,
            encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        message = f"{command[0]} cannot be started: {error.strerror}"
        raise ImageError("CC864", message, hint=INSTALL_UV) from error
    return Done(done.returncode, done.stdout, done.stderr.strip())


def no_room(told: str) -> ImageError | None:
    """What a tool says that found no room for its files, as CC876."""
    if not _FULL.search(told):
        return None
    hint = "make room in the folder of temporary files (TMPDIR names another) and in the cache of uv or pip"
    return ImageError("CC876", f"packages cannot be installed:\n{told}", hint=hint)
