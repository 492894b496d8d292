"""Installs locked packages into a folder, as files that depend on nothing but the lock."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.requirements import tool
from cloud_cron_cli.deploy.images.trimming import trim

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron_cli.deploy.images.requirements import Locked
    from cloud_cron_cli.deploy.images.tools import Tools

_MACHINES_OWN: Final = ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
"""What an installer notes about itself, and about where the files were."""


def install(locked: Locked, into: Path, *, folder: Path | None = None, tools: Tools | None = None) -> None:
    """Put the packages into an empty folder, ready to be a layer.

    No commands, no bytecode, nothing of the machine; the same bytes whichever tool did it. `folder` is where the tool
    looks for settings of its own. Raises `ImageError`: CC862 to CC864.
    """
    into.mkdir(parents=True, exist_ok=True)
    if locked.text:
        tool(locked.target, tools).install(locked, folder or into, into)
    trim(into, locked.modules)
    tidy(into)


def tidy(folder: Path) -> None:
    """Remove what an installer leaves behind, and let each record tell of what is left."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for cached in sorted(folder.rglob("__pycache__")):
        shutil.rmtree(cached)
    for notes in sorted(folder.glob("*.dist-info")):
        for name in _MACHINES_OWN:
            (notes / name).unlink(missing_ok=True)
        _record(folder, notes / "RECORD")


def _record(folder: Path, path: Path) -> None:
    """The record in order, of the files that are there."""
    if not path.is_file():
        return
    rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
    kept = sorted(row for row in rows if row and (folder / row[0]).is_file() and ".." not in row[0].split("/"))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(kept)
    path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
