"""A layer: files as a gzip'd tar whose bytes depend on the files' names and contents alone, and on which of them run.

Lambda refuses a file whose folders are no entries of the same layer, though Docker does not: every folder is one.
"""

from __future__ import annotations

import os
import tarfile
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.gzipping import BLOCK, Measure, gzipped
from cloud_cron_cli.deploy.images.image import CHUNK, Blob, Filed, Held
from cloud_cron_cli.deploy.images.oci import Descriptor

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from cloud_cron_cli.deploy.images.oci import Family
    from cloud_cron_cli.deploy.images.ports import Cache, Source

_IN_MEMORY: Final = 4 << 20
_FILE: Final = 0o644
_EXECUTABLE: Final = 0o755
"""Lambda runs a function as a user of its own, who must be able to read everything."""
_END: Final = bytes(2 * tarfile.BLOCKSIZE)


class Entry(NamedTuple):
    """A file of a layer: its path in the image without the leading slash, its content, whether it is a program."""

    path: str
    data: bytes | Path
    executable: bool = False


def packed(entries: Iterable[Entry], family: Family, cache: Cache | None) -> tuple[Blob, str]:
    """The layer of these files, in whatever order they come, and the digest of its tar.

    A large one lies in the cache, if there is one. ValueError for a path that is there twice; `ImageError` CC867 for a
    file that cannot be read or changes meanwhile, CC876 when there is no room.
    """
    files = _by_path(entries)
    plain, gzip = Measure(), Measure()
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        try:
            for chunk in gzip.passing(gzipped(plain.passing(_blocks(_tar(files))), plain)):
                file.write(chunk)
        except OSError as error:
            message = f"a layer could not be written to the folder of temporary files: {error.strerror}"
            raise ImageError("CC876", message, hint="make room there, or name another folder with TMPDIR") from error
        descriptor = Descriptor(family.layer, gzip.digest, gzip.size)
        return Blob(descriptor, _kept(file, descriptor, cache)), plain.digest


def _kept(file: IO[bytes], descriptor: Descriptor, cache: Cache | None) -> Source:
    """The compressed layer, where it can be read again and again."""
    file.seek(0)
    if cache is None or descriptor.size <= _IN_MEMORY:
        return Held(file.read())
    return Filed(cache.keep(descriptor.digest, iter(lambda: file.read(CHUNK), b"")))


def _by_path(entries: Iterable[Entry]) -> dict[str, Entry]:
    """The files, each path once and none of them a folder of another."""
    files: dict[str, Entry] = {}
    for entry in entries:
        if entry.path in files:
            message = f"{entry.path} would be in a layer twice"
            raise ValueError(message)
        files[entry.path] = entry
    return files


def _folders(paths: Iterable[str]) -> set[str]:
    """Every folder above these paths."""
    folders: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in folders:
            folders.add(above)
            above = above.rpartition("/")[0]
    return folders


def _tar(files: dict[str, Entry]) -> Iterator[bytes]:
    """The archive: in the order of their names, which puts every folder before what is in it."""
    folders = _folders(files)
    if both := folders & files.keys():
        message = f"{min(both)} would be a file and a folder"
        raise ValueError(message)
    for path in sorted(folders | files.keys()):
        if path in folders:
            yield _header(path, tarfile.DIRTYPE, 0, _EXECUTABLE)
        else:
            yield from _member(files[path])
    yield _END


def _member(entry: Entry) -> Iterator[bytes]:
    """A file with its header and its padding."""
    mode = _EXECUTABLE if entry.executable else _FILE
    if isinstance(entry.data, bytes):
        size = len(entry.data)
        yield _header(entry.path, tarfile.REGTYPE, size, mode)
        yield entry.data
    else:
        with _opened(entry.data) as file:
            size = os.fstat(file.fileno()).st_size
            yield _header(entry.path, tarfile.REGTYPE, size, mode)
            yield from _exactly(file, entry.data, size)
    yield bytes(-size % tarfile.BLOCKSIZE)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ImageError:
    hint = "check its permissions, or write it to .dockerignore"
    return ImageError("CC867", f"{path} cannot be read: {error.strerror}", hint=hint)


def _exactly(file: IO[bytes], path: Path, size: int) -> Iterator[bytes]:
    """So many bytes of a file: a header that promises others would spoil everything after it."""
    left = size
    while left:
        try:
            chunk = file.read(min(CHUNK, left))
        except OSError as error:
            raise _unreadable(path, error) from error
        if not chunk:
            raise ImageError("CC867", f"{path} became shorter while it was read", hint="wait until nobody writes to it")
        left -= len(chunk)
        yield chunk


def _header(path: str, kind: bytes, size: int, mode: int) -> bytes:
    """The header, in the oldest form that can carry the name: of no owner and no time."""
    info = tarfile.TarInfo(path)
    info.type, info.size, info.mode = kind, size, mode
    try:
        return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
    except ValueError:  # too long, or not ASCII
        return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of one size, the last one excepted: how they are compressed depends on nothing else."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= BLOCK:
            yield bytes(held[:BLOCK])
            del held[:BLOCK]
    yield bytes(held)
