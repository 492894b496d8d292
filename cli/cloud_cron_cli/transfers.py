"""How blobs on their way are watched: bars with rates on a terminal, a line for each elsewhere; beside the answer."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from cloud_cron_cli.output import emit, is_terminal
from cloud_cron_cli.words import size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from cloud_cron_cli.deploy.images.ports import Transfers
    from cloud_cron_cli.output import Output

SENT = "sent"


@contextmanager
def moving(out: Output) -> Iterator[Transfers]:
    """The audience of this process's stderr."""
    if out.quiet:
        yield Unwatched()
    elif is_terminal(sys.stderr):
        bars = Bars()
        try:
            yield bars
        finally:
            bars.close()
    else:
        yield Told()


class Unwatched:
    """Nobody looks."""

    def begin(self, label: str, size: int) -> None:
        """Nothing."""

    def moved(self, label: str, size: int) -> None:
        """Nothing."""

    def end(self, label: str, how: str) -> None:
        """Nothing."""


class Told:
    """A line for each blob once it is there; those that were there already are not worth one."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Nothing has begun yet."""
        self._now = now
        self._begun: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    def begin(self, label: str, size: int) -> None:
        """Remember when."""
        with self._lock:
            self._begun[label] = size, self._now()

    def moved(self, label: str, size: int) -> None:
        """Nothing: the end tells it."""

    def end(self, label: str, how: str) -> None:
        """How much it was, and how fast."""
        with self._lock:
            amount, begun = self._begun.pop(label)
            if how == SENT:
                emit(f"  {label}: {size(amount)} sent{_rate(amount, self._now() - begun)}", sys.stderr)
            elif how != "there":
                emit(f"  {label}: {size(amount)} {how}", sys.stderr)


class Bars:
    """A bar for each blob on its way; what is there leaves a line."""

    def __init__(self) -> None:
        """Nothing is shown before the first blob."""
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._lock = Lock()

    def begin(self, label: str, size: int) -> None:
        """One more bar."""
        with self._lock:
            self._tasks[label] = self._shown().add_task(label, total=size)

    def moved(self, label: str, size: int) -> None:
        """The bar grows."""
        with self._lock:
            self._shown().advance(self._tasks[label], size)

    def end(self, label: str, how: str) -> None:
        """The bar goes."""
        with self._lock:
            progress, task = self._shown(), self._tasks.pop(label)
            amount = progress.tasks[progress.task_ids.index(task)].total or 0
            progress.remove_task(task)
            if how != "there":
                progress.console.print(f"  {label}  {size(int(amount))} {how}", markup=False, highlight=False)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._progress:
            self._progress.stop()
        self._progress = None
        self._tasks = {}

    def _shown(self) -> Progress:
        if self._progress is None:
            from rich import progress  # noqa: PLC0415 - only a terminal pays for it
            from rich.console import Console  # noqa: PLC0415 - the same

            columns = (
                progress.TextColumn("  {task.description}"),
                progress.BarColumn(),
                progress.DownloadColumn(),
                progress.TransferSpeedColumn(),
            )
            self._progress = progress.Progress(*columns, console=Console(file=sys.stderr), transient=True)
            self._progress.start()
        return self._progress


def _rate(amount: int, seconds: float) -> str:
    return f", {size(round(amount / seconds))}/s" if seconds > 0 else ""
