"""Ids that differ between workers: random ones, or the same sequence for the same seed."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]


class RandomIds:
    """Ids from a source of randomness: the system's, or one with a seed."""

    def __init__(self, random: Random | None = None) -> None:
        """`random` is only given where a run must be repeatable."""
        self._random = random or SystemRandom()

    def ulid(self, at: datetime) -> str:
        """A ULID: 48 bits of milliseconds, 80 bits of chance, in Crockford's base 32."""
        number = int(at.timestamp() * 1000) << 80 | self._random.getrandbits(80)
        return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])

    def token(self) -> str:
        """The mark of one claim."""
        return f"{self._random.getrandbits(64):016x}"

    def jitter(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()
