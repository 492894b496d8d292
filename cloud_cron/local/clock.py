"""What time it is: the machine's word with a step, or a test's."""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from typing import Final

_SIZE: Final = 8


class SteppedClock:
    """The machine's clock and a step, which all processes of a host share and see at once.

    It serves `dev`, where a person may go to the next run without waiting.
    """

    def __init__(self, fd: int | None = None) -> None:
        """A clock without a step, or the one of another process by its inherited file descriptor."""
        if fd is None:
            with tempfile.TemporaryFile() as file:
                file.write(bytes(_SIZE))
                file.flush()
                fd = os.dup(file.fileno())
        self._fd = fd
        self._shared = mmap.mmap(fd, _SIZE)

    def now(self) -> datetime:
        """The present instant as everybody here sees it, aware, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._step())

    def step(self, seconds: float) -> None:
        """Move the clock of every process; 0 or more goes forward."""
        self._shared[:] = struct.pack("=d", self._step() + seconds)

    def fileno(self) -> int:
        """What another process inherits."""
        return self._fd

    def close(self) -> None:
        """Forget the step."""
        self._shared.close()
        os.close(self._fd)

    def _step(self) -> float:
        step: float = struct.unpack("=d", self._shared[:])[0]
        return step


class VirtualClock:
    """A clock that moves only when it is told to, and never back; `instant` is the present one, aware, in UTC."""

    def __init__(self, start: datetime) -> None:
        """Begin at an aware instant."""
        self.instant = start.astimezone(UTC)

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self.instant

    def set(self, instant: datetime) -> None:
        """Move forward to an instant; one that is past is ignored."""
        if instant > self.instant:
            self.instant = instant.astimezone(UTC)
