"""The images of a deploy: made of a project on this machine, sent to the repository of its stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from cloud_cron_cli.deploy.images import fetching
from cloud_cron_cli.deploy.images.pushing import UNSEEN, push
from cloud_cron_cli.deploy.images.reference import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App
    from cloud_cron_cli.deploy.images.building import Built
    from cloud_cron_cli.deploy.images.options import Wish
    from cloud_cron_cli.deploy.images.ports import Cache, Repository, Transfers
    from cloud_cron_cli.deploy.images.pushing import Pushed, Uploader
    from cloud_cron_cli.deploy.images.reference import Reference
    from cloud_cron_cli.deploy.repositories import Registry


class Tags(Protocol):
    """The tags of a repository."""

    def all(self) -> Mapping[str, str]:
        """Every tag with its digest."""

    def remove(self, tags: Sequence[str]) -> None:
        """Take tags away."""


class Means(NamedTuple):
    """What images are moved with.

    `tags` are those of a repository, None where nobody tells them; `last_resort` is another way into a registry;
    `registry` tells of ECR here; `running` the digests of the images that functions have.
    """

    open: Callable[[Reference], Repository]
    cache: Cache
    transfers: Transfers
    say: Callable[[str], None]
    tags: Callable[[Reference], Tags | None]
    last_resort: Callable[[str], Uploader | None]
    registry: Registry
    running: Callable[[Sequence[str]], frozenset[str]]


class AppImages:
    """Port `Images`."""

    def __init__(self, folder: Path, means: Means, wish: Wish, *, keeps_lock: bool = True) -> None:
        """With `keeps_lock`, the lock of an image that is made is written beside the app."""
        self._folder = folder
        self._means = means
        self._wish = wish
        self._keeps_lock = keeps_lock

    def prepared(self, app: App, found: Deployed) -> Shipment:
        """Build it, with layers of the deployed image where they are the same."""
        from cloud_cron_cli.deploy import repositories  # noqa: PLC0415 - an image alone has no stage

        target = parse(repositories.uri(app, found, self._means.registry))
        return Shipment(target, self.built(app.model, app.settings, lambda: found.image), self._means)

    def built(self, model: AppModel, settings: Settings, previous: Callable[[], str | None] = lambda: None) -> Built:
        """The image; `previous` is asked late, and names one whose layers may be the same."""
        from cloud_cron_cli.deploy.images import lockfile, making  # noqa: PLC0415 - a copy does without
        from cloud_cron_cli.deploy.images.building import Workshop  # noqa: PLC0415 - the same

        recipe = making.recipe_of(self._folder, model, settings, self._wish)
        means = self._means
        workshop = Workshop(means.open, means.cache, means.say, lambda: self._previous(previous()))
        found = making.made(recipe, workshop, self._wish)
        if self._keeps_lock:
            lockfile.write(self._folder, found.lock)
        for note in found.notes:
            means.say(note)
        return found

    def running(self, functions: Sequence[str]) -> frozenset[str]:
        """What the functions have."""
        return self._means.running(functions)

    def _previous(self, uri: str | None) -> tuple[Repository, str] | None:
        if uri is None:
            return None
        reference = parse(uri)
        return self._means.open(reference), reference.version


class Shipment(NamedTuple):
    """Port `Prepared`: an image, and the repository that it is for; `seen` are tags there and their digests."""

    target: Reference
    built: Built
    means: Means
    seen: Mapping[str, str | None] = UNSEEN

    @property
    def uri(self) -> str:
        """Repository and digest."""
        return f"{self.target.repository}@{self.built.image.digest}"

    @property
    def sbom(self) -> str | None:
        """What it holds, if it was made by us."""
        return self.built.sbom.decode() or None

    def tags(self) -> Mapping[str, str]:
        """The tags of the repository, as far as anybody tells them."""
        tags = self.means.tags(self.target)
        return tags.all() if tags else {}

    def push(self, tags: Sequence[str]) -> Pushed:
        """Send it, and remember what the next build reads of it."""
        fetching.remember(self.built.image, self.means.cache)
        return push(
            self.built.image,
            self.means.open(self.target),
            tags,
            cache=self.means.cache,
            transfers=self.means.transfers,
            last_resort=self.means.last_resort(self.target.host),
            seen=self.seen,
        )

    def untag(self, tags: Sequence[str]) -> None:
        """Take tags away."""
        there = self.means.tags(self.target)
        if there:
            there.remove(tags)
