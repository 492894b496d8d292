"""Modules of the project that the app has imported here, and that are not in its image."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet
    from types import ModuleType

_OTHERS: Final = frozenset({"site-packages", "dist-packages", "cloud_cron", "cloud_cron_cli", "cloud_cron_templates"})
"""Folders of what comes into an image by another way."""


def left_behind(folder: Path, paths: AbstractSet[str], modules: Iterable[ModuleType] | None = None) -> list[str]:
    """The files of these modules, of all that are loaded by default, that are below the folder and not among the paths.

    A function that imports one of them would not start: the rules of .dockerignore, or ours, leave out too much.
    """
    root = folder.resolve()
    found = set()
    for module in list(sys.modules.values()) if modules is None else modules:
        file = vars(module).get("__file__")
        if not isinstance(file, str) or not file.endswith(".py") or not file.startswith(str(root)):
            continue
        path = Path(file)
        if path.is_relative_to(root) and _OTHERS.isdisjoint(path.relative_to(root).parts):
            found.add(path.relative_to(root).as_posix())
    return sorted(found - paths)
