"""What comes back for a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message


class Answer(NamedTuple):
    """An answer with its data; the `pieces` of a stream are still to come, and end in `Broken` when they do not."""

    status: int
    headers: Message
    data: bytes
    pieces: Iterator[bytes] = iter(())
