"""The log of a host while it grows: its lines so far, and then the new ones, across the files that it turns over."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING, Any, Final, Self

from cloud_cron.local.log import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

POLL: Final = 0.25


class Tail:
    """Reads a log from its oldest file to its newest; each line once, and none before it is whole.

    Lines that no host wrote are left out.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        """Hold the present file at once, so that none is missed when it is turned over; `new`: without what it has."""
        self._path = path
        self._rest = b""
        self._file = _opened(path)
        self._older = [] if new else [path.with_name(f"{path.name}.{number}") for number in range(KEPT, 0, -1)]
        if new and self._file:
            self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        """Let go of the file at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of it."""
        if self._file:
            self._file.close()

    def past(self, count: int, wants: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The last lines that are wanted, as many as `count`, oldest first."""
        found = [*filter(wants, self.more())]
        return found[-count:] if count else []

    def wait(self) -> None:
        """Until it is worth to look again."""
        sleep(POLL)

    def more(self) -> Iterator[dict[str, Any]]:
        """Every line since the last call."""
        for file in [older for path in self._older if (older := _opened(path))]:
            with file:
                if not self._file or not os.path.sameopenfile(file.fileno(), self._file.fileno()):
                    yield from self._lines(file)
        self._older = []
        if self._file:
            yield from self._lines(self._file)
        if self._has_turned_over():
            yield from self.more()

    def _lines(self, file: BinaryIO) -> Iterator[dict[str, Any]]:
        *lines, self._rest = (self._rest + file.read()).split(b"\n")
        for line in lines:
            with suppress(ValueError):
                entry = json.loads(line.decode("utf-8", "replace"))
                if isinstance(entry, dict) and {"time", "level"} <= entry.keys():
                    yield entry

    def _has_turned_over(self) -> bool:
        """Go on to the file that stands under the name now, if it is another one."""
        present = _opened(self._path)
        if present is None:
            return False
        if self._file and os.path.sameopenfile(present.fileno(), self._file.fileno()):
            present.close()
            return False
        # What was written to the old file between its last read and now is not to be lost.
        if self._file:
            self._rest += self._file.read()
            self._file.close()
        self._file = present
        return True


def _opened(path: Path) -> BinaryIO | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None
