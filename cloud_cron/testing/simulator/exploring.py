"""Every world that comes of some faults, one after the other, each at every call that can be struck."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from cloud_cron.testing.simulator.faults import OTHERS, SIDES, Fault, Plan
from cloud_cron.testing.simulator.weather import kinds_at, lengths_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from cloud_cron.testing.simulator.faults import Call, CallPoint, Faults
    from cloud_cron.testing.simulator.world import World

Choice: TypeAlias = "Callable[[Call], Iterator[Fault]]"


def deaths(call: Call) -> Iterator[Fault]:
    """The worker dies before the call, and after it; a queue deletes of its own accord."""
    if call.place.port not in OTHERS:
        yield from map(Fault, SIDES)


def everything(call: Call) -> Iterator[Fault]:
    """Whatever can go wrong at the call, for as long as it can: a pause outlives every lease and timeout."""
    for kind in kinds_at(call.place.port):
        yield Fault(kind, lengths_of(kind)[-1])


def explored(
    play: Callable[[Faults], World],
    world: World,
    choices: Sequence[Choice],
    faults: Mapping[CallPoint, Fault] | None = None,
) -> Iterator[tuple[Mapping[CallPoint, Fault], World]]:
    """The faults and the world of every list of faults, of which the first choice gives the first one, and so on.

    `world` is taped, and what `faults` make; each fault strikes after the one before it.
    """
    faults = faults or {}
    if not choices:
        yield faults, world
        return
    tape = world.line.tape or []
    last = max((number for number, call in enumerate(tape) if call.fault), default=-1)
    for call in tape[last + 1 :]:
        for fault in choices[0](call):
            more = {**faults, call.place: fault}
            yield from explored(play, play(Plan(more)), choices[1:], more)
