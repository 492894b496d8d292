"""Whether somebody changed the project: its Python files, templates and configuration, by what the disk says."""

from __future__ import annotations

import os
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final

from cloud_cron.config import FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

EVERY: Final = 0.5
_SHARE: Final = 20
_FOREIGN: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
_ENVIRONMENT: Final = "pyvenv.cfg"


class Changes:
    """Compares the project with how it was at the last look, twice a second, less often where a look takes long.

    A file that was replaced as a whole, as editors do it, is another file under the same name, and noticed as well.
    """

    def __init__(self, folder: Path) -> None:
        """Everything is as it should be now."""
        self._folder = folder
        self._templates = folder / "templates"
        self._files: list[str] = []
        self._look_at = 0.0
        self._known = self._seen()

    def follow(self, files: Iterable[str], templates: Path) -> None:
        """Look at these files too, wherever they are, and at everything in this folder."""
        wanted = sorted(files)
        if (wanted, templates) != (self._files, self._templates):
            self._files, self._templates = wanted, templates
            self._known = {**self._seen(), **self._known}

    def look(self) -> list[str]:
        """What changed since the last look, by path from the project's folder; nothing when it is too early to look."""
        begun = monotonic()
        if begun < self._look_at:
            return []
        seen, known = self._seen(), self._known
        self._known = seen
        self._look_at = monotonic() + max(EVERY, _SHARE * (monotonic() - begun))
        return sorted(
            os.path.relpath(path, self._folder)
            for path in seen.keys() | known.keys()
            if seen.get(path) != known.get(path)
        )

    def _seen(self) -> dict[str, tuple[int, ...]]:
        seen: dict[str, tuple[int, ...]] = {}
        for path in (*self._files, *_below(self._folder, ".py"), *_below(self._templates, "")):
            _note(seen, path)
        _note(seen, str(self._folder / FILE))
        return seen


def _note(seen: dict[str, tuple[int, ...]], path: str) -> None:
    with suppress(OSError):
        found = os.stat(path)  # noqa: PTH116 - thousands of them
        seen[os.path.realpath(path)] = (found.st_mtime_ns, found.st_size, found.st_ino)


def _below(folder: Path, ending: str) -> Iterator[str]:
    """The files below a folder, but for what is hidden or somebody else's code."""
    for home, folders, files in os.walk(folder):
        if _ENVIRONMENT in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _FOREIGN]
        yield from (f"{home}{os.sep}{name}" for name in files if name.endswith(ending) and not name.startswith("."))
