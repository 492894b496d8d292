"""Single keys from the terminal, without waiting for a line; the terminal is left as it was found."""

from __future__ import annotations

import os
import signal
import sys
import termios
import tty
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

_SOME = 256
_ESCAPE = "\x1b"
_SHOW, _HIDE = b"\x1b[?25h", b"\x1b[?25l"
"""The cursor."""


class Gone(Exception):  # noqa: N818 - says what happened
    """Nobody is at the terminal any more."""


class Keyboard:
    """Standard input, key by key, for the time of a block; suspending the process hands the terminal back meanwhile."""

    def __init__(self, refreshed: Callable[[], None]) -> None:
        """`refreshed` is called when the terminal is ours again."""
        self._fd = sys.stdin.fileno()
        self._refreshed = refreshed
        self._before: list[Any] = []
        self._handler: Any = None

    def fileno(self) -> int:
        """What to wait on."""
        return self._fd

    def __enter__(self) -> Self:
        """Take keys as they are typed, and do not show them."""
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd, termios.TCSANOW)
        self._handler = signal.signal(signal.SIGTSTP, lambda *_: self._suspend())
        return self

    def __exit__(self, *_: object) -> None:
        """As it was."""
        signal.signal(signal.SIGTSTP, self._handler)
        self._give_back()

    def typed(self) -> list[str]:
        """What was typed; an arrow or the like counts as escape. Raises `Gone`."""
        try:
            text = os.read(self._fd, _SOME).decode("utf-8", "replace")
        except OSError as error:
            raise Gone from error
        if not text:
            raise Gone
        return [_ESCAPE] if text.startswith(_ESCAPE) else list(text)

    def _suspend(self) -> None:
        self._give_back()
        os.write(sys.stdout.fileno(), _SHOW)
        os.kill(os.getpid(), signal.SIGSTOP)
        tty.setcbreak(self._fd, termios.TCSANOW)
        os.write(sys.stdout.fileno(), _HIDE)
        self._refreshed()

    def _give_back(self) -> None:
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._before)
        except termios.error:
            return
