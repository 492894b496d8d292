"""Builds the image of an app without Docker, upon a base: of all its layers, only those are made that are new."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.config import FILE
from cloud_cron.errors import ConfigError
from cloud_cron.loader import ENTRY
from cloud_cron_cli.deploy.dockerfile import loaded, needed
from cloud_cron_cli.deploy.entrypoint import ENTRYPOINT
from cloud_cron_cli.deploy.images import bases, contents, files, lockfile, requirements, reusing, templating
from cloud_cron_cli.deploy.images.assembling import assembled
from cloud_cron_cli.deploy.images.image import APP, DEPENDENCIES, RUNTIME, TEMPLATES
from cloud_cron_cli.deploy.images.labels import labels, source_of
from cloud_cron_cli.deploy.images.left_behind import left_behind
from cloud_cron_cli.deploy.images.reusing import Key, Shelf
from cloud_cron_cli.deploy.images.runtime_files import runtime_files
from cloud_cron_cli.deploy.images.sbom import Contents, sbom

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.images.bases import Base
    from cloud_cron_cli.deploy.images.files import UserFiles
    from cloud_cron_cli.deploy.images.image import Blob, Image, Layer
    from cloud_cron_cli.deploy.images.lockfile import Lock
    from cloud_cron_cli.deploy.images.options import ImageOptions
    from cloud_cron_cli.deploy.images.packages import Locked
    from cloud_cron_cli.deploy.images.ports import Cache, Repository
    from cloud_cron_cli.deploy.images.reference import Reference

_FORMAT: Final = "1"
"""Grows when the same files become other layers."""


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
    """An image: `source` is a hash of all that went in, `lock` what is to be written, `notes` what is worth knowing.

    `contents` tells what is known of what it holds, None of an image that Docker made.
    """

    image: Image
    source: str
    contents: Callable[[], Contents] | None
    lock: Lock
    notes: tuple[str, ...]

    @property
    def sbom(self) -> bytes:
        """The bill of materials, made when it is asked for; empty where nobody knows."""
        return sbom(self.contents()) if self.contents else b""


def build(recipe: Recipe, workshop: Workshop, *, upgrade: bool = False, frozen: bool = False) -> Built:
    """The image; nothing is pushed and no lock is written.

    What is cheap to find wrong is looked at first. Raises `ImageError` CC860 to CC876, `ConfigError` CC865 and CC887,
    `LoadError` CC702 for a file of the project that is no Python of the image's version.
    """
    found = files.find(recipe.folder, recipe.options.include)
    _check_needed(recipe, found)
    market = bases.Market(workshop.registry, workshop.cache)
    lock = lockfile.read(recipe.folder)
    base, lock = bases.find(recipe.options, lock, market, upgrade=upgrade, frozen=frozen)
    locked, lock = requirements.locked(
        recipe.folder, needed(recipe.model), recipe.options, lock, upgrade=upgrade, frozen=frozen
    )
    return _Building(recipe, workshop, base, locked.trimmed(loaded(recipe.model)), found).built(lock)


class _Building(NamedTuple):
    """A build for which everything is known that decides what comes of it."""

    recipe: Recipe
    workshop: Workshop
    base: Base
    locked: Locked
    files: UserFiles

    def built(self, lock: Lock) -> Built:
        """The image, its layers from the shelf where they are."""
        notes = [
            f"{path} was imported here, and is not in the image: see .dockerignore"
            for path in left_behind(self.recipe.folder, self.files.paths)
        ]
        shelf = self._shelf()
        layers = self._layers(shelf, notes)
        digest = self.base.document.digest
        source = source_of([digest, *(str(key) for key, _ in layers)])
        app = self.recipe.model.name
        told = labels(app, source, f"{self.base.reference}@{digest}")
        base = self.base._replace(layers=tuple(map(shelf.placed, self.base.layers)))
        image = assembled(base, layers, ENTRYPOINT, told)

        def held() -> Contents:
            return Contents(app, source, self.base.reference, digest, self.locked.packages)

        return Built(image, source, held, lock, tuple(notes))

    def _shelf(self) -> Shelf:
        place, cache = self.workshop.previous(), self.workshop.cache
        return Shelf(cache, self.base.document.family, place[0] if place else None, reusing.before(place, cache))

    def _layers(self, shelf: Shelf, notes: list[str]) -> list[tuple[Key, Layer]]:
        """Ours, the lowest first: what changes least. Code of templates lies above whatever a project has there."""
        runtime, jinja = runtime_files(), contents.jinja(self.locked)
        base, options = self.base, self.recipe.options
        into = contents.Into(options.python, jinja, base.task_root, base.document.family, shelf.cache)
        makers: list[tuple[Key, Callable[[], tuple[Blob, str]]]] = [
            (self._key(RUNTIME, f"{runtime.key} {jinja}"), lambda: contents.runtime(runtime, into)),
            (self._key(APP, self.files.key), lambda: contents.app(self.files, into)),
        ]
        wanted = templating.wanted(self.recipe.model, self.recipe.folder, self.files)
        if jinja and wanted.templates:
            key = self._key(TEMPLATES, f"{wanted.key} {runtime.key} {jinja}")
            makers.append((key, lambda: contents.templates(wanted, into)))
        if self.locked.text:
            makers.insert(0, (self._key(DEPENDENCIES, self.locked.key), lambda: self._dependencies(into, notes)))
        return [(key, shelf.layer(key, make)) for key, make in makers]

    def _dependencies(self, into: contents.Into, notes: list[str]) -> tuple[Blob, str]:
        self.workshop.say(f"installing {len(self.locked.packages)} packages for {self.locked.target}")
        return contents.dependencies(self.locked, self.recipe.folder, into, notes)

    def _key(self, role: str, own: str) -> Key:
        """The key of a layer: what it holds, for which Python, and where it lies."""
        told = f"{_FORMAT}\n{own}\n{self.recipe.options.python}\n{self.base.task_root}"
        return Key(role, hashlib.sha256(told.encode()).hexdigest())


def _check_needed(recipe: Recipe, found: UserFiles) -> None:
    """Whether what no function starts without is among the files: `ConfigError` CC887."""
    module = (recipe.settings.entry or ENTRY).partition(":")[0].replace(".", "/")
    for path in (FILE, f"{module}.py", f"{module}/__init__.py"):
        if path not in found.paths and (recipe.folder / path).is_file():
            message = f"{path} would not be in the image, and no function starts without it"
            hint = f"write !{path} as the last line of .dockerignore"
            raise ConfigError("CC887", message, where=".dockerignore", hint=hint)
