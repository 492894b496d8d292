"""Virtual time: from one event of an engine to the next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cloud_cron.local.clock import VirtualClock


class Agenda(Protocol):
    """What knows when something is due, such as an engine."""

    def next_event(self) -> datetime | None:
        """The earliest instant at which there is something to do, or None."""
        ...


def steps(agenda: Agenda, clock: VirtualClock, until: datetime) -> Iterator[None]:
    """Stop at every instant up to `until` at which something is due, beginning with the present one.

    Whoever iterates does the work. What stays due although it was worked on is looked at again after 1, 2, 4 ...
    seconds, so that nothing stuck makes time stand still.
    """
    yield
    pause = timedelta(seconds=1)
    while (event := agenda.next_event()) and event <= until:
        if event <= clock.now():
            event, pause = clock.now() + pause, 2 * pause
            if event > until:
                return
        else:
            pause = timedelta(seconds=1)
        clock.set(event)
        yield
