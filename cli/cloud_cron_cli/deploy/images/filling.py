"""Files of the cache that are written to their end, or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from errno import EDQUOT, EFBIG, ENOSPC
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import FileIO
    from pathlib import Path

FULL: Final = frozenset({EDQUOT, EFBIG, ENOSPC})
"""Errors that another folder of the same disk would not help against."""


def fill(file: Path, chunks: Iterable[bytes]) -> None:
    """Write the chunks, or leave nothing behind; `ImageError` CC876 when there is no room, and whatever they raise."""
    try:
        with file.open("wb", buffering=0) as out:
            for chunk in chunks:
                with room_in(file):
                    _write(out, chunk)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _write(out: FileIO, chunk: bytes) -> None:
    """All of it: a disk that is nearly full takes a part first, and then says so."""
    view = memoryview(chunk)
    while view:
        view = view[out.write(view) :]


@contextmanager
def room_in(path: Path) -> Iterator[None]:
    """Whatever cannot be written within is `ImageError` CC876 of this file."""
    try:
        yield
    except OSError as error:
        raise no_room(path, error) from error


def no_room(path: Path, error: OSError) -> ImageError:
    """A file that cannot be written."""
    return ImageError(
        "CC876",
        f"the cache of images cannot be written: {error.strerror or error}",
        where=str(path.parent),
        hint="make room (cloud-cron image prune), or name another folder: CLOUD_CRON_CACHE=/path",
    )
