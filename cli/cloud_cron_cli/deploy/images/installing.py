"""Installs locked packages into a folder, as files that depend on nothing but the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron_cli.deploy.images.requirements import Locked


def install(locked: Locked, into: Path) -> None:
    """Put the packages into the folder, ready to be a layer; raises `ImageError`: CC862 to CC864."""
    raise NotImplementedError
