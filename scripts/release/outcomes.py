"""What a check came to, and the line that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ok(NamedTuple):
    """All is as it should be, and what was found."""

    note: str


class Failed(NamedTuple):
    """Why this cannot be released."""

    why: str


class Skipped(NamedTuple):
    """Why this cannot be told here."""

    why: str


_SHOWN: Final = 5
Outcome: TypeAlias = Ok | Failed | Skipped


def judged(problems: Sequence[str], note: str) -> Ok | Failed:
    """What the problems come to; the note says what was found where there are none."""
    return Failed("; ".join(problems)) if problems else Ok(note)


def listed(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def line(name: str, outcome: Outcome) -> str:
    """The one line of a check."""
    match outcome:
        case Ok(said):
            word = "ok"
        case Failed(said):
            word = "failed"
        case Skipped(said):
            word = "skipped"
        case _:
            assert_never(outcome)
    return f"{name:<10} {word:<8} {said}"
