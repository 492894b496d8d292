"""Until when each thread of a courier may take, where another process sees it even when the courier is stuck."""

from __future__ import annotations

import mmap
import struct
from time import monotonic
from typing import Final

_SIZE: Final = 8
_IDLE: Final = 0.0


class Slots:
    """One deadline a thread, in memory that forked processes share; monotonic seconds, which are the machine's."""

    def __init__(self, threads: int) -> None:
        """Everybody is idle."""
        self._threads = threads
        self._shared = mmap.mmap(-1, max(1, threads) * _SIZE)

    def begin(self, thread: int, seconds: float) -> None:
        """This thread has so many seconds for what it begins now."""
        self._write(thread, monotonic() + seconds)

    def end(self, thread: int) -> None:
        """This thread is idle."""
        self._write(thread, _IDLE)

    def busy(self) -> list[float]:
        """The deadlines of all threads that are at something."""
        values = struct.unpack(f"={self._threads}d", self._shared[: self._threads * _SIZE])
        return [value for value in values if value != _IDLE]

    def _write(self, thread: int, value: float) -> None:
        self._shared[thread * _SIZE : (thread + 1) * _SIZE] = struct.pack("=d", value)
