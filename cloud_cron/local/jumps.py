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
    """Move everything that was in the future before the clock jumped `by` seconds to `now` (epoch seconds)."""
    before = now - by
    with store.transaction() as db:
        moved = (int(by * SECOND), int(before * SECOND))
        db.execute("UPDATE messages SET visible_at = visible_at + ? WHERE visible_at > ?", moved)
        db.execute("UPDATE deduplication SET until = until + ? WHERE until > ?", moved)
        db.execute("UPDATE ledger SET lease = lease + ? WHERE lease > ?", (by, before))
        db.execute("UPDATE ledger SET not_before = not_before + ? WHERE not_before > ?", (by, before))
