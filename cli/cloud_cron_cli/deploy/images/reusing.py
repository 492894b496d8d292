"""Layers that need not be made, because what they would be made of has been one before.

The history of an image tells the key of each layer of ours. A machine that has never built this app reads the manifest
and the configuration of the image before, and has its layers without running an installer.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ImageError, NotFound
from cloud_cron_cli.deploy.images import fetching
from cloud_cron_cli.deploy.images.image import APP, DEPENDENCIES, RUNTIME, TEMPLATES, Blob, Distant, Filed, Held, Layer
from cloud_cron_cli.deploy.images.oci import MANIFESTS, Descriptor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron_cli.deploy.images.oci import Document, Family
    from cloud_cron_cli.deploy.images.ports import Cache, Repository

_WORDS: Final = {DEPENDENCIES: "deps", RUNTIME: "runtime", APP: "app", TEMPLATES: "templates"}
_MARK: Final = "cloud-cron "
_FACT: Final = "layer"


class Key(NamedTuple):
    """What a layer holds, and a name of all that it is made of."""

    role: str
    name: str

    def __str__(self) -> str:
        """As the history of an image has it: `cloud-cron deps:…`."""
        return f"{_MARK}{_WORDS[self.role]}:{self.name}"


class Made(NamedTuple):
    """A layer: its blob, and the digest of its tar."""

    blob: Blob
    diff_id: str


class Shelf(NamedTuple):
    """Where layers are found: the image before, and this machine."""

    cache: Cache
    family: Family
    repository: Repository | None
    before: Mapping[str, Made]
    """By the keys of layers that are ours, and by the digests of all."""

    def layer(self, key: Key, make: Callable[[], tuple[Blob, str]]) -> Layer:
        """The layer of that key, made if there is none.

        That of the image before comes first: another build of zlib compresses to other bytes, and an app that nobody
        changed is to stay the same.
        """
        found = self.before.get(str(key)) or self._remembered(key)
        if found:
            return Layer(self._fitting(found.blob), found.diff_id, key.role, reused=True)
        made = Made(*make())
        self._remember(key, made)
        return Layer(made.blob, made.diff_id, key.role)

    def placed(self, layer: Layer) -> Layer:
        """A layer of the base, which need not be sent where the image before has it."""
        there = self.before.get(layer.blob.descriptor.digest)
        return layer._replace(blob=layer.blob._replace(source=there.blob.source)) if there else layer

    def _fitting(self, blob: Blob) -> Blob:
        """The blob with the media type that goes with the base; its bytes are the same."""
        return blob._replace(descriptor=blob.descriptor._replace(media_type=self.family.layer))

    def _remembered(self, key: Key) -> Made | None:
        """The layer that this machine made, if it is still here, or in the repository."""
        match (self.cache.recall(_FACT, str(key)) or "").split():
            case [digest, size, diff_id] if size.isdecimal():
                descriptor = Descriptor(self.family.layer, digest, int(size))
            case _:
                return None
        if path := self.cache.blob(digest):
            return Made(Blob(descriptor, Filed(path)), diff_id)
        if self.repository and self.repository.has(digest):
            return Made(Blob(descriptor, Distant(self.repository, digest)), diff_id)
        return None

    def _remember(self, key: Key, made: Made) -> None:
        digest, size = made.blob.descriptor.digest, made.blob.descriptor.size
        if isinstance(made.blob.source, Held):
            fetching.keep(digest, made.blob.source.data, self.cache)
        self.cache.remember(_FACT, str(key), f"{digest} {size} {made.diff_id}")


def before(place: tuple[Repository, str] | None, cache: Cache) -> Mapping[str, Made]:
    """The layers of an image by their digests, ours by their keys too; none of one that cannot be read."""
    if place is None:
        return {}
    repository, reference = place
    try:
        document = fetching.document(repository, reference, cache)
        if document.media_type not in MANIFESTS:
            return {}
        config = json.loads(fetching.blob(repository, document.config.digest, cache))
        return _made(repository, document, config)
    except (ImageError, NotFound, ValueError, KeyError, TypeError, AttributeError):  # not there, or no image
        return {}


def _made(repository: Repository, document: Document, config: Any) -> Mapping[str, Made]:  # noqa: ANN401 - JSON
    """The layers that a manifest and its configuration name."""
    steps = [step.get("comment", "") for step in config.get("history") or () if not step.get("empty_layer")]
    each = zip(reversed(steps), reversed(document.layers), reversed(config["rootfs"]["diff_ids"]), strict=False)
    found: dict[str, Made] = {}
    for comment, layer, diff_id in each:
        made = found[layer.digest] = Made(Blob(layer, Distant(repository, layer.digest)), diff_id)
        if comment.startswith(_MARK):
            found[comment] = made
    return found
