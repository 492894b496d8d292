"""Faults by chance: how often, and which, for each port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from cloud_cron.testing.simulator.faults import CallPoint, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from cloud_cron.testing.simulator.faults import Kind, What

Level: TypeAlias = Literal["none", "mild", "rough"]

_WORKER: Final[tuple[Kind, ...]] = ("dies before", "dies after", "pauses before", "pauses after")
_STORE: Final[tuple[Kind, ...]] = (*_WORKER, "fails before", "fails after", "is away")
_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "provider": (
        *_WORKER, "is busy", "refuses", "breaks", "is down", "times out", "loses its answer", "accepts later",
    ),
    "schedule": ("is late", "comes twice"),
    "queue": ("comes again",),
    "person": ("is redriven",),
}  # fmt: skip
_OFTEN: Final[Mapping[str, float]] = {"person": 5.0}
"""A person looks a few times a day; a port is called thousands of times."""

PAUSES: Final = (1.0, 10.0, 16.0, 40.0, 100.0, 310.0, 400.0, 1_000.0)
"""Seconds: within a lease and beyond it, within a visibility timeout and beyond it, beyond five minutes."""
DELAYS: Final = (20.0, 59.0, 600.0, 3_600.0, 14_400.0)
"""Seconds by which Scheduler may be late: its precision of a minute, and an outage of some hours."""
OUTAGES: Final = (3.0, 60.0, 900.0)
"""Seconds for which a service is away: throttled, restarted, out of order."""


class Climate(NamedTuple):
    """What a world is put through. `rate` is the share of calls at which something goes wrong.

    `loses_runs`: Scheduler may forget a fire time, which is for worlds in which somebody looks for missed runs.
    """

    rate: float
    loses_runs: bool = False


RATES: Final[Mapping[Level, float]] = {"none": 0.0, "mild": 0.001, "rough": 0.05}


def kinds_at(port: str) -> tuple[Kind, ...]:
    """What can go wrong at a call of a port."""
    return _KINDS.get(port, _STORE)


class Weather:
    """Decides by chance, and remembers what it decided, so that it can be played again as a plan."""

    def __init__(self, climate: Climate, random: Random) -> None:
        """The same seed of `random`, asked in the same order, makes the same weather."""
        self.decided: dict[CallPoint, Fault] = {}
        self._climate = climate
        self._random = random
        self._rates = {port: climate.rate * often for port, often in _OFTEN.items()}

    def at(self, what: What, nth: int) -> Fault | None:
        """What happens at this call."""
        port = what[0]
        if self._random.random() >= self._rates.get(port, self._climate.rate):
            return None
        kinds = kinds_at(port)
        if port == "schedule" and self._climate.loses_runs:
            kinds = (*kinds, "never comes")
        fault = self.decided[CallPoint(*what, nth)] = self._fault(self._random.choice(kinds))
        return fault

    def _fault(self, kind: Kind) -> Fault:
        return Fault(kind, self._random.choice(lengths_of(kind)))


def lengths_of(kind: Kind) -> tuple[float, ...]:
    """How many seconds a fault of that kind may last; 0 where it has no length."""
    if kind.startswith("pauses") or kind == "accepts later":
        return PAUSES
    return {"is late": DELAYS, "is away": OUTAGES}.get(kind, (0.0,))
