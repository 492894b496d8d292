"""An image written as a folder that skopeo, podman and, as an archive, `docker load` read.

Shapes: OCI Image Format Specification 1.1, `image-layout.md`; `manifest.json` is for Docker before 25.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cloud_cron_cli.deploy.images.image import Image

INDEX: Final = "index.json"
LIST: Final = "manifest.json"
"""What `docker load` of any age reads."""
_MARK: Final = "oci-layout"
_NAME: Final = "org.opencontainers.image.ref.name"


def written(image: Image, folder: Path, name: str | None = None) -> None:
    """Write the image, under a name such as `shop:1` if it has one; blobs that are there already stay.

    Raises:
        ImageError: CC876 when the folder cannot be written, or holds something else.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / _MARK).exists():
            message = f"{folder} holds something else than an image"
            raise ImageError("CC876", message, hint="name a folder that is empty, or is not there yet")
        for blob in image.blobs:
            _keep(folder, blob.descriptor, blob.source.chunks())
        manifest = Descriptor.of(image.manifest.media_type, image.manifest.raw)
        _keep(folder, manifest, [image.manifest.raw])
        for file, plain in _lists(image, manifest, name).items():
            _replace(folder / file, [canonical(plain)])
    except OSError as error:
        message = f"{error.filename or folder} cannot be written: {error.strerror}"
        raise ImageError("CC876", message, hint="name a folder that is yours to write to, with room for it") from error


def _lists(image: Image, manifest: Descriptor, name: str | None) -> dict[str, Any]:
    """The files that say which image it is; whoever reads the folder looks for the last one first."""
    settings = json.loads(b"".join(image.config.source.chunks()))
    platform = {"architecture": settings["architecture"], "os": settings["os"]}
    listed: dict[str, Any] = manifest.to_json() | {"platform": platform}
    if name:
        listed["annotations"] = {_NAME: name}
    saved = {
        "Config": _place(image.config.descriptor),
        "RepoTags": [name] if name else None,
        "Layers": [_place(layer.blob.descriptor) for layer in image.layers],
    }
    return {
        _MARK: {"imageLayoutVersion": "1.0.0"},
        LIST: [saved],
        INDEX: {"schemaVersion": 2, "mediaType": OCI.listing, "manifests": [listed]},
    }


def _place(blob: Descriptor) -> str:
    return "blobs/" + blob.digest.replace(":", "/")


def _keep(folder: Path, blob: Descriptor, chunks: Iterable[bytes]) -> None:
    """A blob under its digest; one of the right size is there already, for none is ever there half."""
    file = folder / _place(blob)
    if not file.exists() or file.stat().st_size != blob.size:
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, chunks)


def _replace(file: Path, chunks: Iterable[bytes]) -> None:
    """All of it or nothing."""
    beside = file.with_name(f"{file.name}.part")
    try:
        with beside.open("wb") as into:
            into.writelines(chunks)
            into.flush()
            os.fsync(into.fileno())
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
