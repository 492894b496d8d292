"""What a supervisor tells a host by signals."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Signals:
    """SIGTERM and SIGINT stop, SIGHUP loads anew; what was set before is set again afterwards."""

    def __init__(self, stop: Callable[[], None], reload: Callable[[], None]) -> None:
        """Both are called between two instructions of the main thread, and only note what was asked for."""
        self._wanted = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        """Listen from here on."""
        for number, wanted in self._wanted.items():
            self._before[number] = signal.signal(number, lambda *_, do=wanted: do())

    def __exit__(self, *_: object) -> None:
        """Leave it to whoever listened before."""
        for number, before in self._before.items():
            signal.signal(number, before)
