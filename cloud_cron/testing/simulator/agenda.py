"""What is going to happen, in the order of virtual time."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


class Agenda:
    """Actions at instants; those of one instant in the order in which they were entered.

    What is a mere `habit`, such as a round of maintenance, keeps nobody waiting.
    """

    def __init__(self) -> None:
        """Nothing is going to happen yet."""
        self._entries: list[tuple[datetime, int, bool, Callable[[], object]]] = []
        self._number = count()
        self._habits = 0

    def enter(self, at: datetime, action: Callable[[], object], *, habit: bool = False) -> None:
        """Do something at an instant."""
        self._habits += habit
        heappush(self._entries, (at, next(self._number), habit, action))

    def next(self) -> datetime | None:
        """The instant of the first entry."""
        return self._entries[0][0] if self._entries else None

    def take(self) -> Callable[[], object]:
        """The first entry, which is taken out."""
        _, _, habit, action = heappop(self._entries)
        self._habits -= habit
        return action

    def is_clear(self) -> bool:
        """Whether nothing is left but habits."""
        return len(self._entries) == self._habits
