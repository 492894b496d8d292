"""Commands, run away from what this process was told by its environment."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OURS: Final = ("AWS_", "GIT_", "PYTHON", "PYTEST_", "VIRTUAL_ENV")
"""Beginnings of variables that are about this process, not about the machine."""
_ABSENT: Final = 127


class Said(NamedTuple):
    """How a command ended, and all that it said."""

    code: int
    text: str

    @property
    def last(self) -> str:
        """The last line that says something."""
        return next((line.strip() for line in reversed(self.text.splitlines()) if line.strip()), "it said nothing")


def ran(command: Sequence[str | Path], folder: Path) -> Said:
    """Run a command to its end, with nothing to read; one that is not there ends as a shell says it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return Said(_ABSENT, str(error))
    return Said(done.returncode, done.stdout)
