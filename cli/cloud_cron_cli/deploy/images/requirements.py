"""From what a project asks for to the packages of its image: pinned, with hashes, for one target."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron_cli.deploy.images.targets import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cloud_cron_cli.deploy.images.lockfile import Lock
    from cloud_cron_cli.deploy.images.options import ImageOptions

__all__ = ["Locked", "Package", "Target", "locked"]

FORMAT: Final = 1
"""Grows when the same requirements are installed as other files."""


class Package(NamedTuple):
    """One package; any of the hashes is good."""

    name: str
    version: str
    hashes: tuple[str, ...]


class Locked(NamedTuple):
    """Requirements with versions and hashes, in order of name."""

    text: str
    target: Target

    @property
    def key(self) -> str:
        """The name of whatever is installed from it."""
        told = "\n".join([str(FORMAT), str(self.target), self.text])
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def packages(self) -> tuple[Package, ...]:
        """What the text says."""
        raise NotImplementedError


def locked(  # noqa: PLR0913 - what an image asks for, and how strictly
    folder: Path,
    wanted: Sequence[str],
    options: ImageOptions,
    lock: Lock,
    *,
    upgrade: bool = False,
    frozen: bool = False,
) -> tuple[Locked, Lock]:
    """The packages of the project's image, and the lock with them; unchanged inputs are answered by the lock alone.

    Raises `ImageError`: CC862 to CC864; CC869 when `frozen` and the lock does not answer what is asked for.
    """
    raise NotImplementedError
