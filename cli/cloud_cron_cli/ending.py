"""A command that is told to end from outside ends as at an interrupt: it lets go of children, files and locks first."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import FrameType

_NAMES: Final = ("SIGTERM", "SIGHUP")
"""What a supervisor sends, and a terminal that is closed; Windows has the first alone."""
_ENDING: Final = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))
_BY_SIGNAL: Final = 128  # what shells add to the number of a signal (POSIX.1-2017, Shell Command Language 2.8.2)


class Ended(KeyboardInterrupt):
    """The main thread was told to end."""

    def __init__(self, number: int) -> None:
        """By a signal of that number."""
        super().__init__(number)
        self.number = number


def heed() -> None:
    """From here on such a signal raises `Ended` in the main thread, unless whoever started it has it ignored."""
    for number in _ENDING:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _end)


def exit_code(error: BaseException | None) -> int:
    """That of what an interrupt or a signal ended, perhaps during a question, which click then calls aborted."""
    while error:
        if isinstance(error, Ended):
            return _BY_SIGNAL + error.number
        error = error.__context__
    return _BY_SIGNAL + signal.SIGINT


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python's signature
    # Told again, as `timeout` does, nobody is disturbed who is letting go.
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise Ended(number)
