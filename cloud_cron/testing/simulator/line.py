"""The line that every port call of a world goes through: counted, noted when somebody wants to know, and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import BusError, StoreError
from cloud_cron.testing.simulator.faults import OTHERS, SIDES, Call, CallPoint, Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from cloud_cron.testing.simulator.faults import Fault, Faults, What
    from cloud_cron.testing.simulator.workers import Workers

_REFUSALS: Final = {"bus": BusError, "hands": BusError}


class Line:
    """Makes calls for whoever is at work; a `tape` keeps them all.

    `calls`, faults that `struck` and `crashes` among them are counted; `refused` is what a provider said no to, as
    notifier and message; `away` says of ports until when they are out of reach.
    """

    def __init__(self, workers: Workers, faults: Faults, *, taped: bool) -> None:
        """`pause` is what a sleeping worker waits in: the world goes on without it."""
        self.calls = 0
        self.crashes = 0
        self.struck = 0
        self.refused: set[tuple[str, str]] = set()
        self.away: dict[str, float] = {}
        self.tape: list[Call] | None = [] if taped else None
        self.pause: Callable[[float], None] = lambda _: None
        self._workers = workers
        self._faults: Faults | None = faults
        self._counts: dict[What, int] = {}

    def points(self) -> int:
        """At how many places a worker could have died: before and after each call of its own that could be struck."""
        return sum(len(SIDES) * count for (port, _, _), count in self._counts.items() if port not in OTHERS)

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self._faults = None
        self.away.clear()

    def strike(self, port: str, method: str, subject: Hashable, arguments: tuple[Any, ...] = ()) -> Fault | None:
        """What goes wrong with the call that is made now."""
        self.calls += 1
        faults, counts, tape = self._faults, self._counts, self.tape
        if faults is None and tape is None:
            return None
        what = (port, method, subject)
        counts[what] = nth = counts.get(what, 0) + 1
        fault = faults.at(what, nth) if faults else None
        if tape is not None:
            place, workers = tuple.__new__(CallPoint, (*what, nth)), self._workers  # at half the price
            tape.append(Call(workers.clock.instant, workers.name(), place, arguments, fault))
        if fault:
            self.struck += 1
        return fault

    def broken(self, port: str, fault: Fault | None, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401 - whatever the port gives
        """Make a call with what goes wrong before and after it; raises `Crash`, `StoreError` or `BusError`."""
        if port in self.away:
            if self.away[port] > self._workers.clock.instant.timestamp():
                raise self._refusal(port)
            del self.away[port]
        if fault is None:
            return call(*arguments)
        self.suffer(fault, "before", port)
        try:
            return call(*arguments)
        finally:
            self.suffer(fault, "after", port)

    def suffer(self, fault: Fault, side: str, port: str) -> None:
        """Die, sleep or fail, if the fault says so and this is its side of the call."""
        if fault.kind == "is away":
            self.away[port] = self._workers.clock.instant.timestamp() + fault.seconds
            raise self._refusal(port)
        what, _, when = fault.kind.partition(" ")
        if when != side:
            return
        if what == "dies":
            self.crashes += 1
            raise Crash
        if what == "pauses":
            self.pause(fault.seconds)
            return
        raise self._refusal(port)

    @staticmethod
    def _refusal(port: str) -> BusError | StoreError:
        return _REFUSALS.get(port, StoreError)("CC224", f"{port} is out of reach", hint="played by the simulator")
