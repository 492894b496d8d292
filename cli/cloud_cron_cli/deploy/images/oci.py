"""What images are made of, as values: descriptors, manifests, indexes, platforms.

Shapes: OCI Image Format Specification 1.1, `manifest.md` and `image-index.md`, and Docker's image manifest, version 2,
schema 2. A document keeps the very bytes it came as: its digest is theirs.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final, NamedTuple, Self


class Family(NamedTuple):
    """The media types that go together."""

    manifest: str
    listing: str
    config: str
    layer: str


OCI: Final = Family(
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.image.layer.v1.tar+gzip",
)
DOCKER: Final = Family(
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)
MANIFESTS: Final = (OCI.manifest, DOCKER.manifest)
SCHEMA_1: Final = "application/vnd.docker.distribution.manifest.v1"
"""How the types of manifests before 2016 begin, whose digests are not those of their bytes."""
INDEXES: Final = (OCI.listing, DOCKER.listing)
_DIGEST: Final = r"sha256:[0-9a-f]{64}"
ARCHITECTURES: Final = {"x86_64": "amd64", "arm64": "arm64"}
"""What Lambda calls an architecture, and what images call it."""


class Platform(NamedTuple):
    """What a program is compiled for, in the words of images."""

    architecture: str
    os: str = "linux"

    def __str__(self) -> str:
        """`linux/arm64`."""
        return f"{self.os}/{self.architecture}"


class Descriptor(NamedTuple):
    """One blob or manifest by its digest; `size` in bytes."""

    media_type: str
    digest: str
    size: int

    @classmethod
    def of(cls, media_type: str, data: bytes) -> Self:
        """That of these bytes."""
        return cls(media_type, digest(data), len(data))

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """That of a manifest; ValueError, KeyError or TypeError for none: a digest is a name of files, too."""
        found = cls(plain["mediaType"], plain["digest"], plain["size"])
        if not re.fullmatch(_DIGEST, found.digest) or type(found.size) is not int or found.size < 0:
            message = f"{found.digest!r:.80} of {found.size!r:.20} bytes"
            raise ValueError(message)
        return found

    def to_json(self) -> dict[str, Any]:
        """As a manifest has it."""
        return {"mediaType": self.media_type, "size": self.size, "digest": self.digest}


class Document(NamedTuple):
    """A manifest or an index: its media type and its exact bytes."""

    media_type: str
    raw: bytes

    @property
    def digest(self) -> str:
        """The digest of the bytes."""
        return digest(self.raw)

    @property
    def is_index(self) -> bool:
        """Whether it lists images rather than being one."""
        return self.media_type in INDEXES

    @property
    def family(self) -> Family:
        """The media types that belong to it."""
        return DOCKER if self.media_type in DOCKER else OCI

    @property
    def config(self) -> Descriptor:
        """Of a manifest: its configuration."""
        return Descriptor.from_json(json.loads(self.raw)["config"])

    @property
    def layers(self) -> tuple[Descriptor, ...]:
        """Of a manifest: its layers, the lowest first."""
        return tuple(map(Descriptor.from_json, json.loads(self.raw)["layers"]))

    @property
    def images(self) -> tuple[tuple[Platform, Descriptor], ...]:
        """Of an index: the images that are made for a known platform; attestations are for none."""
        listed = json.loads(self.raw)["manifests"]
        return tuple(
            (Platform(each["platform"]["architecture"], each["platform"]["os"]), Descriptor.from_json(each))
            for each in listed
            if each.get("platform", {}).get("architecture", "unknown") != "unknown"
        )


def digest(data: bytes) -> str:
    """The name of these bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def canonical(plain: Any) -> bytes:  # noqa: ANN401 - JSON
    """JSON whose bytes depend on nothing but its value."""
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
