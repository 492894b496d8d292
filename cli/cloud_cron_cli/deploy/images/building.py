"""Builds the image of an app without Docker: base, dependencies, runtime and app, of which only what is new is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.images.image import Image
    from cloud_cron_cli.deploy.images.lockfile import Lock
    from cloud_cron_cli.deploy.images.options import ImageOptions
    from cloud_cron_cli.deploy.images.ports import Cache, Repository
    from cloud_cron_cli.deploy.images.reference import Reference


class Recipe(NamedTuple):
    """What an image is made from: the project's folder, its model and configuration, and how it is to be made."""

    folder: Path
    model: AppModel
    settings: Settings
    options: ImageOptions


class Workshop(NamedTuple):
    """What a build works with.

    `registry` opens the repository of a reference; `say` hears what takes time; `previous` gives the repository and the
    tag or digest of an image of the app, whose layers may be used again, None when there is none.
    """

    registry: Callable[[Reference], Repository]
    cache: Cache
    say: Callable[[str], None]
    previous: Callable[[], tuple[Repository, str] | None]


class Built(NamedTuple):
    """An image: `source` is a hash of all that went in, `lock` what is to be written, `notes` what is worth knowing."""

    image: Image
    source: str
    sbom: bytes
    lock: Lock
    notes: tuple[str, ...]


def build(recipe: Recipe, workshop: Workshop, *, upgrade: bool = False, frozen: bool = False) -> Built:
    """The image; nothing is pushed and no lock is written. Raises `ImageError` CC860 to CC876, `ConfigError` CC865."""
    raise NotImplementedError
