"""A broken guarantee, told so that a person can follow it: what broke, what went wrong before, and every call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cloud_cron.testing.simulator.names import time_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cloud_cron.testing.simulator.faults import Call, CallPoint, Fault
    from cloud_cron.testing.simulator.names import Names

_AROUND: Final = 12
_SHOWN: Final = 60
_SUBJECT: Final = re.compile(r"\S+ #\d+|run of \S+ at \S+")
"""What a problem is about, as calls name it too: a message, or a run."""
CHANGED: Final = """\
the app's functions do not do the same when they are called again. What they keep beside their arguments (a global, a
file) lives on from one call to the next, and from one world to the next. Let them go by their arguments, by `run.last`,
or by what their source says."""


def story(
    headline: str, names: Names, problems: Sequence[str], faults: Mapping[CallPoint, Fault], tape: Sequence[Call]
) -> str:
    """The whole message of an AssertionError; `faults` are those without which it would not break."""
    lines = [headline, *_broken(problems), "it takes:" if faults else "it takes no fault at all"]
    lines += [f"  {number}. {names.fault(*each)}" for number, each in enumerate(faults.items(), 1)]
    return "\n".join([*lines, "timeline:", *_timeline(names, problems, tape)])


def unrepeated(headline: str, problems: Sequence[str]) -> str:
    """The same of what broke once and never again, so that there is nothing to make short and to show."""
    return "\n".join([headline, *_broken(problems), "played again with the same faults, nothing breaks:", CHANGED])


def _broken(problems: Sequence[str]) -> Iterator[str]:
    yield from (f"  {problem}" for problem in problems[:_AROUND])
    if len(problems) > _AROUND:
        yield f"  and {len(problems) - _AROUND} more"


def _timeline(names: Names, problems: Sequence[str], tape: Sequence[Call]) -> Iterator[str]:
    """The calls that tell something, in order; the others are counted."""
    told = [names.call(call) for call in tape]
    shown = _telling(problems[0], told, [number for number, call in enumerate(tape) if call.fault])
    skipped = 0
    for number, call in enumerate(tape):
        if number not in shown:
            skipped += 1
            continue
        if skipped:
            yield f"  ........ {skipped} calls"
        skipped = 0
        fault = f"   <-- {call.fault.kind}" if call.fault else ""
        yield f"  {time_of(call.at)} {number + 1:>4} {call.worker}: {told[number]}{fault}"
    if skipped:
        yield f"  ........ {skipped} calls"


def _telling(problem: str, told: Sequence[str], struck: Sequence[int]) -> set[int]:
    """The calls about what is broken and those around each that was `struck`, or the last ones where none is either."""
    about = _SUBJECT.search(problem)
    same = re.compile(rf"{re.escape(about[0])}(?!\d)") if about else None
    its_own = [number for number, text in enumerate(told) if same and same.search(text)]
    around = struck if struck or its_own else [len(told)]
    near = sorted({near for number in around for near in range(number - _AROUND, number + _AROUND)})
    return {*[number for number in near if 0 <= number < len(told)][:_SHOWN], *its_own[:_SHOWN]}
