"""An image that can be pushed: its manifest, and where each of its blobs can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cloud_cron_cli.deploy.images.oci import Descriptor, Document
    from cloud_cron_cli.deploy.images.ports import Repository, Source

CHUNK: Final = 1 << 20
BASE: Final = "base"
DEPENDENCIES: Final = "dependencies"
RUNTIME: Final = "runtime"
APP: Final = "app"
TEMPLATES: Final = "templates"
"""The code that templates are compiled to."""
LAYER: Final = "layer"
"""Of an image that somebody else made."""


class Held(NamedTuple):
    """Bytes in memory."""

    data: bytes

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """All at once."""
        yield self.data[start:]


class Filed(NamedTuple):
    """A file that does not change."""

    path: Path

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """A mebibyte at a time."""
        with self.path.open("rb") as file:
            file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk


class Distant(NamedTuple):
    """A blob of a repository, read when it is needed."""

    repository: Repository
    digest: str

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """As the registry sends it, and checked against its digest; raises what `Repository.read` raises."""
        return self.repository.read(self.digest, start)


class Blob(NamedTuple):
    """A blob, and where it can be read."""

    descriptor: Descriptor
    source: Source


class Layer(NamedTuple):
    """A layer: `diff_id` is the digest of its tar, `role` says what it holds, `reused` that it was not made now."""

    blob: Blob
    diff_id: str
    role: str
    reused: bool = False


class Image(NamedTuple):
    """An image of one platform."""

    manifest: Document
    config: Blob
    layers: tuple[Layer, ...]

    @property
    def digest(self) -> str:
        """The digest of the manifest, by which Lambda is told of the image."""
        return self.manifest.digest

    @property
    def is_new(self) -> bool:
        """Whether a layer was made now, so that no registry is likely to have it."""
        return not all(layer.reused for layer in self.layers)

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Every blob once: a layer may be there twice."""
        each = (*(layer.blob for layer in self.layers), self.config)
        return tuple({blob.descriptor.digest: blob for blob in each}.values())
