"""What images need of the world: a repository of a registry, what is remembered on this machine, an audience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cloud_cron_cli.deploy.images.image import Blob
    from cloud_cron_cli.deploy.images.oci import Document

Kind = Literal["challenge", "gzip", "layer", "media-type", "mounts", "unpacked"]
"""What a fact is about."""


class Source(Protocol):
    """Where the bytes of a blob are."""

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """The bytes from there on; each call begins anew."""


class Repository(Protocol):
    """One repository of one registry (OCI Distribution Specification 1.1).

    Whatever is read is checked against its digest. Every method raises `ImageError` CC870 to CC879.
    """

    @property
    def host(self) -> str:
        """The registry, with its port if it has one."""

    @property
    def name(self) -> str:
        """The repository within it."""

    def document(self, reference: str) -> Document:
        """The manifest or index of a tag or digest; `NotFound` CC872 when there is none."""

    def holds(self, reference: str) -> str | None:
        """The digest of the manifest of a tag or digest, without reading it; None when there is none."""

    def has(self, digest: str) -> bool:
        """Whether a blob is there."""

    def read(self, digest: str, start: int = 0) -> Iterator[bytes]:
        """A blob, from that byte on; a connection that breaks is taken up where it broke.

        Who begins later than at its first byte has the bytes before it, and checks the whole.
        """

    def mount(self, digest: str, other: str) -> bool:
        """Take a blob over from another repository of the registry; False when the registry does not do it."""

    def upload(self, blob: Blob, told: Callable[[int], None]) -> None:
        """Send a blob; `told` hears of every so many bytes that were sent, and of fewer when they were in vain."""

    def put(self, reference: str, document: Document) -> None:
        """Put a manifest, whose blobs are there, under a tag or its digest; `ImageError` CC886 for a fixed tag."""


class Cache(Protocol):
    """What this machine remembers of images: blobs by digest, and facts in a few words."""

    def blob(self, digest: str) -> Path | None:
        """The file of a blob, None when it is not there."""

    def keep(self, digest: str, chunks: Iterable[bytes]) -> Path:
        """Store a blob, checked; `ImageError` CC874 for other bytes, CC876 when there is no room."""

    def recall(self, kind: Kind, key: str) -> str | None:
        """A fact, None when it is not known."""

    def remember(self, kind: Kind, key: str, fact: str) -> None:
        """Keep a fact; a cache that cannot be written forgets it, and nothing fails."""


class Transfers(Protocol):
    """Whom a push or a copy tells what moves; several threads do."""

    def begin(self, label: str, size: int) -> None:
        """A blob of so many bytes begins to move."""

    def moved(self, label: str, size: int) -> None:
        """So many more bytes of it have moved; fewer than none when they moved in vain."""

    def end(self, label: str, how: str) -> None:
        """It is there: `sent`, `mounted`, or `there` already."""
