"""An image on its way into a repository: only what is not there is sent, and the manifest last."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.ahead import Ahead
from cloud_cron_cli.deploy.images.image import Distant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cloud_cron_cli.deploy.images.image import Blob, Image
    from cloud_cron_cli.deploy.images.ports import Cache, Repository, Transfers

SENT: Final = "sent"
MOUNTED: Final = "mounted"
THERE: Final = "there"
_AT_ONCE: Final = 4
_MOUNTS: Final = "mounts"
_FAILED: Final = "CC870"
UNSEEN: Final[Mapping[str, str | None]] = MappingProxyType({})
"""Nobody has looked yet."""


class Uploader(Protocol):
    """Another way into a registry, for a blob that it does not take over HTTP."""

    def upload(self, name: str, blob: Blob, told: Callable[[int], None]) -> None:
        """Send a blob to the repository of that name; raises a `CloudCronError`."""


class Part(NamedTuple):
    """A blob of an image: its name for people, its `size` in bytes, and how it got there."""

    name: str
    size: int
    how: str


class Pushed(NamedTuple):
    """What a push came to: `sent` is how many bytes went out for blobs, `tagged` the references that were put."""

    digest: str
    sizes: tuple[Part, ...]
    sent: int
    tagged: tuple[str, ...] = ()


def push(  # noqa: PLR0913 - what moves, where to, and who helps
    image: Image,
    repository: Repository,
    references: Sequence[str],
    *,
    cache: Cache,
    transfers: Transfers,
    last_resort: Uploader | None = None,
    seen: Mapping[str, str | None] = UNSEEN,
) -> Pushed:
    """Bring an image to a repository, under those tags; without any, under its digest alone.

    `seen` are tags of which it is known already what digest they have. `ImageError` CC870 to CC879, and CC886 for a tag
    that is another image and cannot be moved.
    """
    wanted = tuple(references) or (image.digest,)
    missing = tuple(tag for tag in wanted if (seen[tag] if tag in seen else repository.holds(tag)) != image.digest)
    there = len(missing) < len(wanted) or (not image.is_new and repository.holds(image.digest) is not None)
    blobs = named(image)
    bringing = _Bringing(repository, cache, transfers, last_resort, Event())
    how = dict.fromkeys(blobs, THERE) if there else bringing.all_of(blobs)
    for reference in missing:
        repository.put(reference, image.manifest)
    sizes = tuple(Part(name, blob.descriptor.size, how[name]) for name, blob in blobs.items())
    return Pushed(image.digest, sizes, sum(part.size for part in sizes if part.how == SENT), missing)


class _Stopped(Exception):  # noqa: N818 - says what it is
    """Another blob failed: this one is not needed any more."""


class _Bringing(NamedTuple):
    """Blobs on their way, several at once."""

    repository: Repository
    cache: Cache
    transfers: Transfers
    last_resort: Uploader | None
    stopped: Event

    def all_of(self, named: dict[str, Blob]) -> dict[str, str]:
        """How each came to be there; the largest go first, and the first failure ends the others."""
        coming = iter(sorted(named.items(), key=lambda item: -item[1].descriptor.size))
        how: dict[str, str] = {}
        porters = [Ahead(partial(self._carry, coming, how)) for _ in range(min(_AT_ONCE, len(named)))]
        try:
            for porter in porters:
                with suppress(_Stopped):
                    porter()
        finally:
            self.stopped.set()
        return how

    def _carry(self, coming: Iterator[tuple[str, Blob]], how: dict[str, str]) -> None:
        """One after the other of those that nobody has taken yet."""
        try:
            for name, blob in coming:
                if self.stopped.is_set():
                    return
                how[name] = self._bring(name, blob)
        except BaseException:
            self.stopped.set()
            raise

    def _bring(self, name: str, blob: Blob) -> str:
        digest = blob.descriptor.digest
        self.transfers.begin(name, blob.descriptor.size)
        if self._is_there(blob) or self.repository.has(digest):
            how = THERE
        elif any(self.repository.mount(digest, other) for other in self._others(blob)):
            how = MOUNTED
        else:
            self._send(name, blob)
            how = SENT
        self.transfers.end(name, how)
        if self._known(blob) != self.repository.name:
            self.cache.remember(_MOUNTS, self._key(blob), self.repository.name)
        return how

    def _is_there(self, blob: Blob) -> bool:
        """Whether it would be read from where it is to go."""
        match blob.source:
            case Distant(source):
                return (source.host, source.name) == (self.repository.host, self.repository.name)
            case _:
                return False

    def _send(self, name: str, blob: Blob) -> None:
        told = partial(self._moved, name)
        try:
            self.repository.upload(blob, told)
        except ImageError as error:
            if error.code != _FAILED or self.last_resort is None:
                raise
            self.last_resort.upload(self.repository.name, blob, told)

    def _moved(self, name: str, size: int) -> None:
        if self.stopped.is_set():
            raise _Stopped
        self.transfers.moved(name, size)

    def _others(self, blob: Blob) -> set[str]:
        """Repositories of the same registry that may hold the blob."""
        source = blob.source
        known = self._known(blob)
        names = {known} if known else set()
        if isinstance(source, Distant) and source.repository.host == self.repository.host:
            names.add(source.repository.name)
        return names - {self.repository.name}

    def _known(self, blob: Blob) -> str | None:
        """The repository that had it last."""
        return self.cache.recall(_MOUNTS, self._key(blob))

    def _key(self, blob: Blob) -> str:
        return f"{self.repository.host} {blob.descriptor.digest}"


def named(image: Image) -> dict[str, Blob]:
    """The blobs by names for people: what they hold, and the beginning of their digests."""
    roles = {layer.blob.descriptor.digest: layer.role for layer in image.layers}
    found = {blob.descriptor.digest: blob for blob in image.blobs}
    return {f"{roles.get(digest, 'configuration')} {digest[7:19]}": blob for digest, blob in found.items()}
