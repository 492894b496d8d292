"""Layers read as streams: what a gzip holds, and chunks as a file."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.gzipping import Measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK: Final = 1 << 20
MAGIC: Final = b"\x1f\x8b"
_GZIP: Final = zlib.MAX_WBITS | 16


def inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What a gzip holds, member after member, a mebibyte at most at a time: a bomb does not fill the memory.

    Raises `ValueError` when it is none, or ends too early.
    """
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for rest in chunks:
            full = False
            while rest or full:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                data = unpacker.decompress(rest, CHUNK)
                yield data
                full = len(data) == CHUNK and not unpacker.eof
                rest = unpacker.unused_data or unpacker.unconsumed_tail  # noqa: PLW2901 - what is left of it
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not unpacker.eof:
        message = "the gzip ends too early"
        raise ValueError(message)


class Reader:
    """Chunks as a file that is read once; `seen` measures what was read so far."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Nothing is read yet."""
        self.seen = Measure()
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        parts = [self._rest]
        missing = size - len(self._rest)
        while missing > 0 and (chunk := next(self._chunks, None)) is not None:
            parts.append(chunk)
            missing -= len(chunk)
        data = b"".join(parts)
        data, self._rest = data[:size], data[size:]
        self.seen.add(data)
        return data
