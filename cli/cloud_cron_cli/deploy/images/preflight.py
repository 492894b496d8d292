"""What Lambda and ECR refuse of an image, told with the reason before anything is sent, whoever built it.

Numbers and rules: Lambda Developer Guide, "Create a Lambda function using a container image" and "Lambda quotas"; OCI
Image Format Specification 1.1, `config.md`. Lambda says of a layer without the directories of its files
`MissingParentDirectory`, of a layer that is not compressed `UnsupportedImageLayerDetected`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.image import Distant
from cloud_cron_cli.deploy.images.oci import DOCKER, MANIFESTS, OCI
from cloud_cron_cli.deploy.images.unpacking import survey

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.image import Image, Layer
    from cloud_cron_cli.deploy.images.oci import Document, Platform
    from cloud_cron_cli.deploy.images.ports import Cache

LARGEST: Final = 10 << 30
"""Bytes of all layers, not compressed."""
MOST_LAYERS: Final = 127
LARGEST_MANIFEST: Final = 25_400
_CONFIGS: Final = (OCI.config, DOCKER.config)
_LAYERS: Final = (OCI.layer, DOCKER.layer)
_FACT: Final = "unpacked"
"""By the digests of a layer and its tar, the size of the tar: known of layers that Lambda takes."""
_REBUILD: Final = "build it with cloud-cron image build, or with docker buildx build --provenance=false --sbom=false"


def check(image: Image, platform: Platform, *, contents: bool, cache: Cache | None = None) -> None:
    """Refuse an image that Lambda would refuse; `contents` also reads the layers that are on this machine.

    With a cache, a layer is read once and never again.

    Raises:
        ImageError: CC880 an index, CC881 media types and layers that are not compressed, CC882 a file without its
            directories, CC883 another platform, CC884 too large.
    """
    config = b"".join(image.config.source.chunks())
    check_document(image.manifest, config, platform)
    if contents:
        _check_layers(image, cache)


def check_document(document: Document, config: bytes | None, platform: Platform | None) -> None:
    """The same of what is known by its manifest, and by its configuration if there is one.

    Without a platform, any will do.
    """
    if document.is_index:
        message = "this is an index, a list of images, and Lambda takes one image"
        raise ImageError("CC880", message, hint="docker buildx build --provenance=false --sbom=false makes no index")
    _check_manifest(document)
    if config is not None:
        settings = _settings(config)
        if platform is not None:
            _check_platform(settings, platform)
        _check_counts(settings, len(document.layers))


def _check_manifest(document: Document) -> None:
    """Media types, sizes and numbers."""
    if document.media_type not in MANIFESTS:
        message = f"Lambda takes no manifest of the type {document.media_type}"
        raise ImageError("CC881", message, hint=_REBUILD)
    try:
        config, layers = document.config, document.layers
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError("CC881", f"the manifest cannot be read: {error!r}", hint=_REBUILD) from error
    if config.media_type not in _CONFIGS:
        message = f"Lambda takes no configuration of the type {config.media_type}: this is no image of a program"
        raise ImageError("CC881", message, hint=_REBUILD)
    for layer in layers:
        if layer.media_type not in _LAYERS:
            _refuse_layer(layer.media_type, layer.digest)
    if len(layers) > MOST_LAYERS:
        message = f"the image has {len(layers)} layers, and {MOST_LAYERS} are possible"
        raise ImageError("CC884", message, hint="join RUN and COPY lines of the Dockerfile")
    if len(document.raw) > LARGEST_MANIFEST:
        message = f"the manifest has {len(document.raw):,} bytes, and Lambda takes {LARGEST_MANIFEST:,}"
        raise ImageError("CC884", message, hint="use fewer layers, and no annotations")
    _check_size(sum(layer.size for layer in layers))


def _refuse_layer(media_type: str, digest: str) -> None:
    """A layer of another type; the usual ones by name."""
    plain = media_type.endswith((".tar", ".diff.tar"))
    why = "it is not compressed" if plain else f"its type is {media_type}"
    hint = "gzip is the compression: docker buildx build --output type=image,compression=gzip,force-compression=true"
    raise ImageError("CC881", f"Lambda does not take the layer {digest}: {why}", hint=hint)


def _settings(config: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(config)
        if isinstance(plain, dict):
            return plain
    except ValueError:
        pass
    raise ImageError("CC881", "the configuration of the image is not JSON as images have it", hint=_REBUILD)


def _check_platform(settings: dict[str, Any], platform: Platform) -> None:
    """Lambda runs what is compiled for the function's architecture, and starts nothing else."""
    found = f"{settings.get('os') or 'no system'}/{settings.get('architecture') or 'no architecture'}"
    if found != str(platform):
        message = f"the image is for {found}, and its functions run on {platform}"
        raise ImageError("CC883", message, hint=f"build it with --platform {platform}, or change the architecture")


def _check_counts(settings: dict[str, Any], layers: int) -> None:
    """One diff_id for each layer; the history, when there is one, has a line for each."""
    try:
        known = len(settings["rootfs"]["diff_ids"])
        history = settings.get("history") or []
        told = sum(not line.get("empty_layer") for line in history)
    except (KeyError, TypeError, AttributeError) as error:
        raise ImageError("CC881", f"the configuration lacks what an image needs: {error!r}", hint=_REBUILD) from error
    for name, number in (("diff_ids", known), ("lines of history", told if history else layers)):
        if number != layers:
            message = f"the image has {layers} layers, and its configuration {number} {name}"
            raise ImageError("CC881", message, hint=_REBUILD)


def _check_layers(image: Image, cache: Cache | None) -> None:
    """What the layers hold; one that a registry holds, or that was reused, has been accepted before."""
    total = 0
    for layer in image.layers:
        name = layer.blob.descriptor.digest + layer.diff_id
        seen = isinstance(layer.blob.source, Distant) or layer.reused
        known = str(layer.blob.descriptor.size) if seen else cache and cache.recall(_FACT, name)
        size = int(known) if known else _check_layer(layer, LARGEST - total)
        total += size
        _check_size(total)
        if cache and not known:
            cache.remember(_FACT, name, str(size))


def _check_layer(layer: Layer, room: int) -> int:
    """The bytes of its tar; reading ends when there are more than `room`."""
    digest = layer.blob.descriptor.digest
    try:
        found = survey(layer.blob.source.chunks(), room)
    except ValueError as error:
        message = f"the layer {digest} is no tar packed by gzip: {error}"
        raise ImageError("CC881", message, hint=_REBUILD) from error
    if found.orphan:
        message = f"the layer {digest} has {found.orphan!r}, and not the directory it is in before it"
        hint = "write every parent directory into the layer, before what it holds: COPY and RUN do so"
        raise ImageError("CC882", message, hint=hint)
    if found.size <= room and found.digest != layer.diff_id:
        message = f"the layer {digest} holds {found.digest}, and the configuration says {layer.diff_id}"
        raise ImageError("CC881", message, hint=_REBUILD)
    return found.size


def _check_size(size: int) -> None:
    if size > LARGEST:
        message = f"the layers have {size / 2**30:.1f} GB or more, and Lambda takes {LARGEST >> 30} GB"
        raise ImageError("CC884", message, hint="leave out what no function needs; keep data in S3")
