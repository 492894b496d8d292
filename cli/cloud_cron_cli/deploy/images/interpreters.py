"""Finds a Python of the version that an image has: bytecode is made by the version that runs it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RUNNING: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_WHICH: Final = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"
_PATIENCE: Final = 30.0  # seconds


def interpreter(python: str, candidates: Iterable[str] | None = None) -> str:
    """The program of a CPython such as 3.13: the running one, of PATH, beside the running one, or known to uv.

    `ImageError` CC868 when there is none.
    """
    for candidate in _candidates(python) if candidates is None else candidates:
        if candidate == sys.executable or _output([candidate, "-I", "-S", "-c", _WHICH]) == f"cpython {python}":
            return candidate
    message = f"there is no Python {python} here, and only one can compile for an image that has it"
    hint = f'install one (uv python install {python}), or write python = "{RUNNING}" to cloud-cron.toml'
    raise ImageError("CC868", message, hint=hint)


def _candidates(python: str) -> Iterator[str]:
    """Those worth asking, the nearest first; a shim may be there that leads to nothing."""
    if python == RUNNING and sys.implementation.name == "cpython":
        yield sys.executable
    if found := shutil.which(f"python{python}"):
        yield found
    beside = Path(sys.base_prefix).parent  # where pyenv, asdf and uv keep one folder for each
    yield from map(str, sorted(beside.glob(f"*{python}.*/bin/python{python}")))
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv and (known := _output([uv, "--no-config", "python", "find", "--no-python-downloads", python])):
        yield known


def _output(command: list[str]) -> str | None:
    """What a program says, None when it fails or cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()
