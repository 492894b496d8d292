"""A copy of an image between registries, byte for byte: both sides know it by the same digest.

Nothing is unpacked or kept: blobs stream from one registry to the other, and those that are there stay.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import preflight
from cloud_cron_cli.deploy.images.choosing import chosen
from cloud_cron_cli.deploy.images.fetching import configuration
from cloud_cron_cli.deploy.images.image import LAYER, Blob, Distant, Held, Image, Layer
from cloud_cron_cli.deploy.images.pushing import MOUNTED, SENT, THERE, Part, Uploader, named, push

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.images.oci import Descriptor, Document, Platform
    from cloud_cron_cli.deploy.images.ports import Cache, Repository, Transfers
    from cloud_cron_cli.deploy.images.reference import Reference

_AT_ONCE: Final = 8


class Copied(NamedTuple):
    """What a copy came to, or would come to.

    `source_digest` is what the reference named, an index perhaps; `digest` the image's, there and here; `sent` is how
    many bytes went from one to the other; `tagged` the tags that were put.
    """

    source_digest: str
    digest: str
    sizes: tuple[Part, ...]
    sent: int
    tagged: tuple[str, ...]


class Original(NamedTuple):
    """The image that is to be copied, where it is; `named_by` is the digest of what names it, an index perhaps."""

    named_by: str
    image: Image
    host: str


def found(source: Repository, reference: Reference, platform: Platform | None) -> Original:
    """The image that the reference names.

    Raises:
        ImageError: CC870 to CC879 what the registry says, CC880 an index of several images and no platform, CC881,
            CC884 what Lambda would refuse, CC883 no image for the platform.
        NotFound: CC872 no such image.
    """
    named_by = source.document(reference.version)
    document = _picked(source, named_by, platform, str(reference))
    return Original(named_by.digest, _distant(source, document, platform), source.host)


def copy(  # noqa: PLR0913 - what moves, where to, and who helps
    original: Original,
    target: Repository,
    tags: Sequence[str],
    *,
    cache: Cache,
    transfers: Transfers,
    dry: bool = False,
    last_resort: Uploader | None = None,
) -> Copied:
    """Bring the image to the target; with `dry`, look and change nothing.

    `ImageError` CC870 to CC879 what registries say, CC886 a tag that cannot be moved.
    """
    named_by, image, host = original
    if dry:
        return _foreseen(named_by, image, target, tags, shared=host == target.host)
    pushed = push(image, target, tags, cache=cache, transfers=transfers, last_resort=last_resort)
    return Copied(named_by, pushed.digest, pushed.sizes, pushed.sent, pushed.tagged)


def _picked(source: Repository, document: Document, platform: Platform | None, name: str) -> Document:
    """The image itself: of an index, that for the platform; an index may list indexes."""
    while document.is_index:
        document = source.document(chosen(_listed(document, name), platform, name).digest)
    return document


def _listed(index: Document, name: str) -> Sequence[tuple[Platform, Descriptor]]:
    try:
        return index.images
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "whoever pushed it did not push an index; name the image itself, by its digest"
        raise ImageError("CC881", f"the index {name} cannot be read: {error!r:.160}", hint=hint) from error


def _distant(source: Repository, document: Document, platform: Platform | None) -> Image:
    """The image where it is, which Lambda would take; its configuration alone is read."""
    preflight.check_document(document, None, platform)
    try:
        settings = configuration(source, document.config.digest)
    except ValueError as error:
        hint = "whoever pushed it did not push an image that runs"
        raise ImageError("CC881", f"the configuration of the image cannot be read: {error}", hint=hint) from error
    preflight.check_document(document, settings, platform)
    diff_ids = json.loads(settings)["rootfs"]["diff_ids"]
    each = zip(document.layers, diff_ids, strict=True)
    layers = tuple(
        Layer(Blob(blob, Distant(source, blob.digest)), diff_id, LAYER, reused=True) for blob, diff_id in each
    )
    return Image(document, Blob(document.config, Held(settings)), layers)


def _foreseen(source_digest: str, image: Image, target: Repository, tags: Sequence[str], *, shared: bool) -> Copied:
    """What would move; of one registry's repositories, blobs are taken over where it does that."""
    wanted = tuple(tags) or (image.digest,)
    blobs = named(image)
    if target.holds(image.digest) is None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            there = list(pool.map(target.has, (blob.descriptor.digest for blob in blobs.values())))
    else:
        there = [True] * len(blobs)
    sizes = tuple(
        Part(name, blob.descriptor.size, THERE if held else _moving(blob, shared=shared))
        for (name, blob), held in zip(blobs.items(), there, strict=True)
    )
    sent = sum(part.size for part in sizes if part.how == SENT)
    tagged = tuple(tag for tag in wanted if target.holds(tag) != image.digest)
    return Copied(source_digest, image.digest, sizes, sent, tagged)


def _moving(blob: Blob, *, shared: bool) -> str:
    """How a blob would come; the configuration, which was read, is sent."""
    return MOUNTED if shared and isinstance(blob.source, Distant) else SENT
