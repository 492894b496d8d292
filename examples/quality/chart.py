"""A bar chart as a PNG: mail programs show no SVG, and a picture needs no more than zlib."""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

Colour = tuple[int, int, int]
GROUND, LINE = (255, 255, 255), (222, 226, 232)


class Bar(NamedTuple):
    """One part of a stack."""

    size: float
    colour: Colour


def bars(stacks: list[tuple[Bar, ...]], width: int, height: int) -> bytes:
    """A stack for each place from left to right, the first bar at the bottom; the highest one fills the picture."""
    rows = [bytearray(bytes(GROUND) * width) for _ in range(height)]
    scale = (height - 2) / max([sum(bar.size for bar in stack) for stack in stacks] + [1])
    step = width / max(len(stacks), 1)
    for place, stack in enumerate(stacks):
        left, right, bottom = int((place + 0.15) * step), int((place + 0.85) * step), 0.0
        for bar in stack:
            top = bottom + bar.size * scale
            for y in range(round(bottom), round(top)):
                rows[height - 3 - y][3 * left : 3 * right] = bytes(bar.colour) * (right - left)
            bottom = top
    rows[-2:] = [bytearray(bytes(LINE) * width) for _ in range(2)]
    return png(rows, width)


def png(rows: list[bytearray], width: int) -> bytes:
    """Rows of three bytes a pixel, red, green and blue, as a PNG."""
    header = struct.pack(">2I5B", width, len(rows), 8, 2, 0, 0, 0)
    pixels = b"".join(b"\0" + row for row in rows)  # 0: the row is as it is, unfiltered
    chunks = {b"IHDR": header, b"IDAT": zlib.compress(pixels, 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in chunks.items())


def chunk(kind: bytes, data: bytes) -> bytes:
    """Length, kind, data, and the checksum of the latter two."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
