"""Small parts of images, read from a registry once: manifests and configurations do not change under their digests."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import oci
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Document

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.image import Image
    from cloud_cron_cli.deploy.images.ports import Cache, Repository

LARGEST_CONFIG: Final = 4 << 20
"""Bytes of a configuration: those of images have a few thousand, and podman and skopeo read no more either."""
_TYPE: Final = "media-type"


def document(repository: Repository, reference: str, cache: Cache) -> Document:
    """The manifest or index of a tag or digest, one of a digest from the cache if it is there.

    Raises what `Repository.document` raises.
    """
    if kept := _kept(reference, cache):
        return kept
    found = repository.document(reference)
    keep(found.digest, found.raw, cache)
    cache.remember(_TYPE, found.digest, found.media_type)
    return found


def blob(repository: Repository, digest: str, cache: Cache) -> bytes:
    """A configuration, from the cache if it is there; raises what `configuration` raises."""
    kept = _whole(digest, cache)
    if kept is not None:
        return kept
    data = configuration(repository, digest)
    keep(digest, data, cache)
    return data


def configuration(repository: Repository, digest: str) -> bytes:
    """A configuration; ValueError for one that does not end where it should, and what `Repository.read` raises."""
    data = bytearray()
    for chunk in repository.read(digest):
        data += chunk
        if len(data) > LARGEST_CONFIG:
            message = f"it has more than {LARGEST_CONFIG >> 20} MiB"
            raise ValueError(message)
    return bytes(data)


def remember(image: Image, cache: Cache) -> None:
    """Keep what is read of an image when it is the one before."""
    keep(image.digest, image.manifest.raw, cache)
    cache.remember(_TYPE, image.digest, image.manifest.media_type)
    keep(image.config.descriptor.digest, b"".join(image.config.source.chunks()), cache)


def keep(digest: str, data: bytes, cache: Cache) -> None:
    """Keep something small, if there is room: without it, all goes on, and more slowly the next time."""
    with suppress(ImageError):
        cache.keep(digest, [data])


def _kept(reference: str, cache: Cache) -> Document | None:
    """The document of a digest that was read before."""
    raw = _whole(reference, cache) if reference.startswith("sha256:") else None
    if raw is None:
        return None
    kind = json.loads(raw).get("mediaType") or cache.recall(_TYPE, reference)
    types = (*OCI[:2], *DOCKER[:2])
    return Document(kind, raw) if kind in types else None


def _whole(digest: str, cache: Cache) -> bytes | None:
    """What the cache has of that digest, unless something has happened to it."""
    path = cache.blob(digest)
    data = path.read_bytes() if path else None
    return data if data is not None and oci.digest(data) == digest else None
