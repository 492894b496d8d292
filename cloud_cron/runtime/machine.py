"""The machine's own clock and chance, as ports: for every host that does not play with time."""

from __future__ import annotations

import os
from datetime import UTC, datetime

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHANCE: Final = 10
_FRACTION: Final = 53
"""Bits of a float's fraction."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class SystemIds:
    """Ids from the system's source of randomness."""

    def ulid(self, at: datetime) -> str:
        """A ULID: 48 bits of milliseconds, 80 bits of chance, in Crockford's base 32."""
        return ulid(at, int.from_bytes(os.urandom(_CHANCE), "big"))

    def token(self) -> str:
        """The mark of one claim."""
        return os.urandom(8).hex()

    def jitter(self) -> float:
        """A number in [0, 1)."""
        return (int.from_bytes(os.urandom(8), "big") >> (64 - _FRACTION)) / (1 << _FRACTION)


def ulid(at: datetime, chance: int) -> str:
    """The 26 characters of a moment and 80 bits of chance."""
    number = int(at.timestamp() * 1000) << 80 | chance
    return "".join([_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)])
