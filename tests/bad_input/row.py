"""A row of the catalogue: what is given, how the product meets it, and what it must say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANY: Final = "…"
"""What stands in `says` for a part that is not the same everywhere, such as a path."""
_OURS: Final = re.compile(r'File "[^"]*[/\\]cloud_cron(_cli)?[/\\]')


class Told(NamedTuple):
    """What the product said and did: `exit` is the code of a command, and 1 for an invocation that failed as a whole.

    `text` is everything that was printed, `left` what was there afterwards and should not have been.
    """

    exit: int
    code: str | None
    says: str
    at: str = ""
    fix: str = ""
    text: str = ""
    left: tuple[str, ...] = ()

    @property
    def has_our_traceback(self) -> bool:
        """Whether a person had to read frames of ours."""
        return bool(_OURS.search(self.text))


class Row(NamedTuple):
    """`number` may have a letter behind it, for another input of the same kind. A row without code is no mistake.

    `says` is the first line of what is said, `at` the place and `fix` words of the remedy, which only a message that is
    dead-lettered does without. `exit` is that of `Told`.
    `posix` are rows of systems that have signals and shells; `package` is what the row cannot do without.
    """

    number: str
    given: str
    way: Callable[[Path], Told]
    code: str | None
    says: str
    at: str = ""
    fix: str = ""
    exit: int = 2
    posix: bool = False
    package: str = ""


def faults(row: Row, told: Told) -> list[str]:
    """Everything in which what was said and done differs from the row; nothing when it is right."""
    wrong = [
        f"{name} is {is_!r}, not {wanted!r}"
        for name, is_, wanted in (("exit", told.exit, row.exit), ("code", told.code, row.code))
        if is_ != wanted
    ]
    wrong += [
        f"{name} is {is_!r}, not {wanted!r}"
        for name, is_, wanted in (("says", told.says, row.says), ("at", told.at, row.at))
        if not _is_like(is_, wanted)
    ]
    has_remedy = bool(row.fix and told.fix) or not (row.code and row.exit)
    if row.fix not in told.fix or not has_remedy:
        wrong.append(f"the remedy is {told.fix!r}, not {row.fix!r}")
    if told.has_our_traceback:
        wrong.append("a traceback of ours is shown")
    return [*wrong, *(f"{each} was left behind" for each in told.left)]


def _is_like(text: str, wanted: str) -> bool:
    return bool(re.fullmatch(".*".join(map(re.escape, wanted.split(ANY))), text))
