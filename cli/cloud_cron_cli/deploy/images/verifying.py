"""Bytes that are what their digest says."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def verified(chunks: Iterable[bytes], expected: str, where: str) -> Iterator[bytes]:
    """The chunks; the last one is given only when all of them are right, so nobody ever has the whole of wrong bytes.

    `ImageError` CC874 when they are not; `where` is who gave them.
    """
    seen = hashlib.sha256()
    held = b""
    for chunk in chunks:
        if held:
            yield held
        seen.update(chunk)
        held = chunk
    found = f"sha256:{seen.hexdigest()}"
    if found != expected:
        raise wrong(expected, found, where)
    if held:
        yield held


def wrong(expected: str, found: str, where: str) -> ImageError:
    """Other bytes than were asked for."""
    hint = "something changed them on the way, such as a proxy, or where they are kept: cloud-cron image prune --all"
    return ImageError("CC874", f"the bytes of {expected} have the digest {found}", where=where, hint=hint)
