"""A broken guarantee, told so that a person can follow it: what broke, where the process died, and every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.testing.faults import Point, Tape
    from cloud_cron.testing.names import Names
    from cloud_cron.testing.verdict import Verdict
    from cloud_cron.testing.worlds import World

_SHOWN: Final = 30


def story(world: World, names: Names, point: Point | None, verdict: Verdict) -> str:
    """The whole message of the AssertionError."""
    first, *later = world.tapes
    died = "without any crash" if point is None else f"after one crash, {point.side} call {point.call + 1}"
    lines = [f"crash_everywhere({world.scenario.task!r}): a guarantee is broken {died}"]
    if point is not None:
        lines.append(f"  the process died {point.side} {names.call(first.calls[point.call])}")
    lines += [f"  {problem}" for problem in verdict.problems]
    lines += ["timeline:", *_last(first, names)]
    for tape in later:
        lines += ["  -------- the process died, and starts again", *_first(tape, names)]
    return "\n".join(lines)


def _last(tape: Tape, names: Names) -> Iterator[str]:
    """The calls before the crash."""
    skipped = max(0, len(tape.calls) - _SHOWN)
    if skipped:
        yield f"  ........ {skipped} calls"
    yield from _lines(tape, names, skipped, len(tape.calls))


def _first(tape: Tape, names: Names) -> Iterator[str]:
    """The calls after the restart."""
    yield from _lines(tape, names, 0, _SHOWN)
    if len(tape.calls) > _SHOWN:
        yield f"  ........ {len(tape.calls) - _SHOWN} calls"


def _lines(tape: Tape, names: Names, start: int, end: int) -> Iterator[str]:
    for number, call in enumerate(tape.calls[start:end], start + 1):
        yield f"  {call.at:%H:%M:%S} {number:>4} {names.call(call)}"
