"""Where a row is met: an empty folder that is the current one, and an environment that knows nothing of AWS."""

from __future__ import annotations

import os
import sys
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NOBODY = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def ground() -> Iterator[Path]:
    """The folder; what was imported from it, and what became of the environment, is gone afterwards."""
    path, environment, modules = list(sys.path), dict(os.environ), set(sys.modules)
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        for variable in [each for each in os.environ if each.startswith(("AWS_", "CLOUD_CRON_"))]:
            del os.environ[variable]
        os.environ.update(NOBODY)
        try:
            with chdir(folder):
                yield folder
        finally:
            sys.path[:] = path
            os.environ.clear()
            os.environ.update(environment)
            _forget(set(sys.modules) - modules, folder)


def _forget(modules: set[str], folder: Path) -> None:
    """The next row imports its own of those that are from the folder."""
    for name in modules:
        file = getattr(sys.modules[name], "__file__", None)
        if file and folder in Path(file).parents:
            del sys.modules[name]


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Put the files there, by their paths from the folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def listed(folder: Path) -> set[str]:
    """Every file and folder in it, what Python compiled aside."""
    found = (each.relative_to(folder).as_posix() for each in folder.rglob("*"))
    return {each for each in found if "__pycache__" not in each}


def left(folder: Path, before: set[str]) -> tuple[str, ...]:
    """What has come since."""
    return tuple(sorted(listed(folder) - before))
