"""What Lambda refuses of an image, as users report it."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.images.oci import MANIFESTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron_cli.deploy.images.oci import Document

GZIP = b"\x1f\x8b"
MOST = 4 << 20


def refusal(document: Document, blob: Callable[[str], bytes]) -> str | None:
    """Why Lambda would not take an image; None when it would."""
    if document.media_type not in MANIFESTS:
        return f"the image manifest, config or layer media type {document.media_type} is not supported"
    if len(document.raw) > MOST:
        return "the manifest is too large"
    if len(document.layers) != len(json.loads(blob(document.config.digest))["rootfs"]["diff_ids"]):
        return "layers and diff_ids differ in number"
    for layer in document.layers:
        if why := _of_layer(layer.media_type, blob(layer.digest)):
            return why
    return None


def _of_layer(media_type: str, data: bytes) -> str | None:
    if not media_type.endswith("gzip") or not data.startswith(GZIP):
        return "UnsupportedImageLayerDetected"
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        entries = tar.getmembers()
    folders = {entry.name.strip("/") for entry in entries if entry.isdir()} | {"", "."}
    for entry in entries:
        if entry.name.strip("/").rpartition("/")[0] not in folders:
            return f"MissingParentDirectory: {entry.name}"
    return None
