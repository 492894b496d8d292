"""Who is at work in a world, and what time it is to them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cloud_cron.local.clock import VirtualClock

_RIGHT: Final = timedelta(0)


class Workers:
    """Workers, of whom the last one is at work: the others sleep inside their calls, each in the call of the next.

    They are the port `Clock` of whoever is at work, whose clock may go a little before or after the world's. `looks` at
    it are counted; workers have `numbers`, and take turns with the skews.
    """

    def __init__(self, clock: VirtualClock, skews: Sequence[timedelta]) -> None:
        """Nobody is at work yet."""
        self.looks = 0
        self.skew = _RIGHT
        self.stack: list[Invocation] = []
        self.numbers = count()
        self.clock = clock
        self._skews = skews

    def now(self) -> datetime:
        """What the worker takes for the present instant."""
        self.looks += 1
        return self.clock.instant + self.skew

    def name(self) -> str:
        """Who is at work; empty when nobody is."""
        return self.stack[-1].worker if self.stack else ""

    def called(self, name: str, request: str, timeout: float, lapse: Callable[[], object] = lambda: None) -> Invocation:
        """A worker for one call of a function, who has so many seconds; `lapse` is what happens when they are over."""
        number = next(self.numbers)
        return Invocation(self, (name, number), self._skews[number % len(self._skews)], request, timeout, lapse)


class Invocation:
    """One call of a function: what Lambda tells of it. Its worker is at work while it is entered.

    When it is `over`, nobody waits for its answer any more.
    """

    __slots__ = ("_lapse", "_name", "_workers", "aws_request_id", "deadline", "is_timed", "over", "skew")

    def __init__(  # noqa: PLR0913, PLR0917 - what there is to know of a call
        self,
        workers: Workers,
        name: tuple[str, int],
        skew: timedelta,
        request: str,
        timeout: float,
        lapse: Callable[[], object],
    ) -> None:
        """It begins now."""
        self.aws_request_id = request
        self.deadline = workers.clock.instant + timedelta(seconds=timeout)
        self.skew = skew
        self.is_timed = False
        self.over = False
        self._workers = workers
        self._name = name
        self._lapse = lapse

    def __enter__(self) -> Self:
        """Go to work."""
        self._workers.stack.append(self)
        self._workers.skew = self.skew
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the work to whoever was at it before."""
        stack = self._workers.stack
        stack.pop()
        self._workers.skew = stack[-1].skew if stack else _RIGHT

    @property
    def worker(self) -> str:
        """Who it is."""
        name, number = self._name
        return f"{name} [{number}]"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the deadline."""
        return max(0, int((self.deadline - self._workers.now()).total_seconds() * 1000))

    def expire(self) -> None:
        """Nobody waits any longer."""
        if not self.over:
            self.over = True
            self._lapse()
