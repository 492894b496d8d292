"""The tar of a layer, read once from end to end: nothing is written, and one chunk at a time is in memory."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron_cli.deploy.images.gunzipping import CHUNK, Reader, inflated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Survey(NamedTuple):
    """What a layer holds: the bytes of its tar, their digest, and the first entry that comes before its directory."""

    size: int
    digest: str
    orphan: str | None


def survey(chunks: Iterable[bytes], room: int) -> Survey:
    """Read a packed layer until there are more than `room` bytes of tar; `ValueError` when it is none."""
    reader = Reader(_until_more(inflated(chunks), room))
    found = None
    try:
        found = orphan(_entries(reader))
    except tarfile.TarError as error:
        if reader.seen.size <= room:
            raise ValueError(str(error)) from error
    while reader.read(CHUNK):
        pass
    return Survey(reader.seen.size, reader.seen.digest, found)


def orphan(entries: Iterable[tuple[str, bool]]) -> str | None:
    """The first of these (path, is a directory) that does not come after the directory it is in; None when all do.

    Lambda unpacks a layer entry by entry and makes no directory by itself, whatever the layers below hold.
    """
    directories = {""}
    for path, is_directory in entries:
        name = _normal(path)
        if name.rpartition("/")[0] not in directories:
            return name
        if is_directory:
            directories.add(name)
    return None


def _normal(path: str) -> str:
    """`./a//b/` as `a/b`; the root as nothing."""
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def _entries(reader: Reader) -> Iterator[tuple[str, bool]]:
    """What the tar names."""
    tar = tarfile.open(fileobj=reader, mode="r|", bufsize=CHUNK)  # type: ignore[call-overload]  # noqa: SIM115
    while (entry := tar.next()) is not None:
        yield entry.name, entry.isdir()
        tar.members.clear()  # else every entry of a large layer stays in memory


def _until_more(chunks: Iterable[bytes], room: int) -> Iterator[bytes]:
    """The chunks, up to the one that exceeds the room."""
    total = 0
    for chunk in chunks:
        yield chunk
        total += len(chunk)
        if total > room:
            return
