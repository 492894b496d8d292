"""What to do when the machine's clock is set, or the machine slept: pauses and claims keep their length.

Fire times follow the clock on the wall. How long a message is hidden, how long a claim lasts and when something is
tried again are lengths of time, which a clock that jumps must neither cut short nor draw out.
"""

from __future__ import annotations

from time import monotonic, time
from typing import TYPE_CHECKING, Final

from cloud_cron.local.fifo import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.local.store import Store

SMALLEST: Final = 5.0
"""Seconds; what is less is the clock being kept right."""

_TIMES: Final = (
    ("messages", "visible_at", SECOND),
    ("deduplication", "until", SECOND),
    ("ledger", "lease", 1),
    ("ledger", "not_before", 1),
)


def against_steady() -> float:
    """The machine's clock against one that nobody sets; it does not count while the machine sleeps."""
    return time() - monotonic()


class Jumps:
    """Notices jumps of the clock."""

    def __init__(self, difference: Callable[[], float] = against_steady) -> None:
        """`difference` changes when the clock jumps."""
        self._difference = difference
        self._known = difference()

    def latest(self) -> float:
        """By how many seconds the clock jumped since the last call; 0 when it did not."""
        now = self._difference()
        jump = now - self._known
        self._known = now
        return jump if abs(jump) >= SMALLEST else 0.0


def shift(store: Store, by: float, now: float) -> None:
    """Move everything that was to come before the clock jumped `by` seconds to `now` (epoch seconds).

    What was past stays past, also when the clock was set back to before it. What was sent between the jump and its
    notice goes by the clock as it is already.
    """
    before = now - by
    with store.transaction() as db:
        for table, column, unit in _TIMES:
            moved, present, earlier = by * unit, now * unit, before * unit
            if unit == SECOND:
                moved, present, earlier = int(moved), int(present), int(earlier)
            to_come = f"UPDATE {table} SET {column} = {column} + ? WHERE {column} > ?"  # noqa: S608 - constants
            past = f"UPDATE {table} SET {column} = ? WHERE {column} > ? AND {column} <= ?"  # noqa: S608 - constants
            if table == "messages":
                to_come += f" AND sent_at <= {earlier}"
            db.execute(past, (present, present, earlier))
            db.execute(to_come, (moved, earlier))
