"""Real clients for the registry in memory, whose pauses are counted and not waited for; images to push."""

from __future__ import annotations

import gzip
import io
import tarfile
import time
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron_cli.deploy.images.image import APP, Blob, Held, Image, Layer
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor, Document, canonical, digest
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry.patience import Patience
from cloud_cron_cli.deploy.images.registry.registries import Registries

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.registry.credentials import Identity, Login
    from cloud_cron_cli.deploy.images.registry.repository import HttpRepository
    from tests.deploy.images.registry import Registry


class Known(NamedTuple):
    """The same for every registry; None is nobody."""

    login: Login | Identity | None = None

    def of(self, host: str) -> Login | Identity | None:
        return self.login


class Heard:
    """Transfers, kept."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self.moves: dict[str, int] = {}
        self.ends: dict[str, str] = {}
        self._lock = Lock()

    def begin(self, label: str, size: int) -> None:
        self.sizes[label], self.moves[label] = size, 0

    def moved(self, label: str, size: int) -> None:
        with self._lock:
            self.moves[label] += size

    def end(self, label: str, how: str) -> None:
        self.ends[label] = how


def patience(pauses: list[float] | None = None, now=time.time) -> Patience:
    kept: list[float] = [] if pauses is None else pauses
    return Patience(kept.append, lambda: 1.0, now)


def repository(
    registry: Registry, name: str = "app", credentials: Known | None = None, pauses: list[float] | None = None
) -> HttpRepository:
    """A new client."""
    registries = Registries(credentials or Known(), patience(pauses))
    return registries(Reference(registry.host, name))


def held(data: bytes, media_type: str = OCI.layer) -> Blob:
    return Blob(Descriptor.of(media_type, data), Held(data))


def layer(**files: bytes) -> Layer:
    """A layer as Lambda takes it, of files in its task root."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for folder in ("var", "var/task"):
            entry = tarfile.TarInfo(folder)
            entry.type = tarfile.DIRTYPE
            tar.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(f"var/task/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return Layer(held(gzip.compress(file.getvalue(), mtime=0)), digest(file.getvalue()), APP)


def image(*layers: Layer) -> Image:
    config = canonical({"rootfs": {"type": "layers", "diff_ids": [each.diff_id for each in layers]}})
    plain = {
        "schemaVersion": 2,
        "mediaType": OCI.manifest,
        "config": Descriptor.of(OCI.config, config).to_json(),
        "layers": [each.blob.descriptor.to_json() for each in layers],
    }
    return Image(Document(OCI.manifest, canonical(plain)), held(config, OCI.config), layers)


def stored(registry: Registry, name: str, made: Image, *tags: str) -> None:
    """The image was pushed to the registry before."""
    for blob in made.blobs:
        registry.add_blob(name, b"".join(blob.source.chunks()))
    registry.add(name, made.manifest, *tags)
