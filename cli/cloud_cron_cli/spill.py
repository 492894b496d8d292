"""A pipe for what user code writes past every captured stream, so that it comes out as whole lines."""

from __future__ import annotations

import os
from typing import Self

_SOME = 65_536


class Spill:
    """`theirs` is the end to write to, which processes inherit."""

    def __init__(self) -> None:
        """An empty pipe."""
        self._ours, self.theirs = os.pipe()
        os.set_blocking(self._ours, False)
        self._rest = b""

    def fileno(self) -> int:
        """What to wait on."""
        return self._ours

    def lines(self) -> list[str]:
        """Whole lines that came."""
        try:
            *lines, self._rest = (self._rest + os.read(self._ours, _SOME)).split(b"\n")
        except BlockingIOError:
            return []
        return [line.decode("utf-8", "replace") for line in lines]

    def rest(self) -> list[str]:
        """Everything that came, whole or not."""
        lines = self.lines()
        last, self._rest = self._rest.decode("utf-8", "replace"), b""
        return [*lines, last] if last else lines

    def __enter__(self) -> Self:
        """Close both ends at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        os.close(self._ours)
        os.close(self.theirs)
