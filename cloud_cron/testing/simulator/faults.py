"""What can go wrong at a port call, and who decides that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping
    from datetime import datetime

Kind: TypeAlias = Literal[
    "dies before", "dies after", "fails before", "fails after", "pauses before", "pauses after", "is away",
    "is busy", "refuses", "breaks", "is down", "times out", "loses its answer", "accepts later",
    "is late", "comes twice", "never comes", "comes again", "is redriven",
]  # fmt: skip
"""A worker dies or sleeps, or a call fails, `before` it is made or `after`: then it was made, and its answer is lost.
A service that is away fails every call for a while. A provider answers in seven ways beside taking the content. A
schedule, a queue and a person have ways of their own."""

SIDES: Final[tuple[Kind, ...]] = ("dies before", "dies after")
OTHERS: Final = frozenset({"person", "queue", "schedule"})
"""Who calls, beside workers: nobody dies of it."""


What: TypeAlias = "tuple[str, str, Hashable]"
"""A port, its method, and what a call is about."""


class Crash(BaseException):
    """The worker is gone; no `except Exception` of anybody may notice."""


class CallPoint(NamedTuple):
    """The n-th call of a method about a subject, from 1: a crash earlier in a world does not move it."""

    port: str
    method: str
    subject: Hashable
    nth: int


class Fault(NamedTuple):
    """What goes wrong, and for how many seconds where that matters."""

    kind: Kind
    seconds: float = 0.0


class Faults(Protocol):
    """Decides what goes wrong. The same decisions make the same world."""

    def at(self, what: What, nth: int) -> Fault | None:
        """What happens at the n-th such call, if anything."""
        ...


class Plan:
    """Faults at chosen places, and nowhere else."""

    def __init__(self, faults: Mapping[CallPoint, Fault] | Iterable[tuple[CallPoint, Fault]] = ()) -> None:
        """Each at most once."""
        self._faults = dict(faults)

    def at(self, what: What, nth: int) -> Fault | None:
        """The fault that is planned for this place."""
        return self._faults.get(CallPoint(*what, nth)) if self._faults else None


class Call(NamedTuple):
    """One port call as it was made: when, by whom, where, with what, and what went wrong."""

    at: datetime
    worker: str
    place: CallPoint
    arguments: tuple[Any, ...]
    fault: Fault | None
