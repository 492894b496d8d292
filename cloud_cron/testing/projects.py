"""The projects that a session's tests belong to, as far as Python's import needs to know."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from cloud_cron.app import CloudCron

_MARKS: Final = ("cloud-cron.toml", "app.py")


class Projects:
    """Finds the project of a test, and makes its modules importable.

    Two projects of one session may both have an `app.py`: entering one puts the modules of the other aside, and brings
    back its own.
    """

    key: ClassVar[pytest.StashKey[Projects]] = pytest.StashKey()

    def __init__(self, root: Path, entry: str | None, now: str | None) -> None:
        """`root` is pytest's root folder; `entry` and `now` are what its configuration file says, if anything.

        `apps` are those that were loaded, by folder, entry and stage.
        """
        self.entry = entry or None
        self.now = now or None
        self.apps: dict[tuple[Path, str | None, str], CloudCron] = {}
        self._root = root
        self._module = (entry or "app").partition(":")[0].partition(".")[0]
        self._current: Path | None = None
        self._aside: dict[Path, dict[str, ModuleType]] = {}
        if self.entry or self._is_project(root):
            self._go(root)

    def enter(self, start: Path) -> Path:
        """Enter the project that a test in folder `start` belongs to, which is the root when no other is nearer."""
        folder = self.find(start)
        if folder != self._current and (folder != self._root or self._current):
            self._go(folder)
        return folder

    def leave(self) -> None:
        """Take every folder off `sys.path` that was put there."""
        for folder in {*self._aside, self._current} - {None}:
            if str(folder) in sys.path:
                sys.path.remove(str(folder))

    def find(self, start: Path) -> Path:
        """The nearest folder upwards, no further than the root, that has a cloud-cron.toml or an app.py."""
        for folder in (start, *start.parents):
            if folder == self._root or self._is_project(folder):
                return folder
        return self._root

    def _go(self, folder: Path) -> None:
        if self._current:
            names = [name for name in sys.modules if name == self._module or name.startswith(f"{self._module}.")]
            self._aside[self._current] = {name: sys.modules.pop(name) for name in names}
        sys.modules.update(self._aside.pop(folder, {}))
        self._current = folder
        if str(folder) in sys.path:
            sys.path.remove(str(folder))
        sys.path.insert(0, str(folder))

    def _is_project(self, folder: Path) -> bool:
        return any((folder / mark).is_file() for mark in _MARKS)
