"""Lists, ranges and steps in English."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

THREE = 3


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    suffix = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def step_of(values: Sequence[int]) -> int | None:
    """The distance between neighbours, when it is the same for three values or more."""
    if len(values) < THREE:
        return None
    step = values[1] - values[0]
    return step if all(second - first == step for first, second in pairwise(values)) else None


def runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending values as runs of neighbours, each with its first and its last."""
    found: list[tuple[int, int]] = []
    for value in values:
        if found and found[-1][1] == value - 1:
            found[-1] = found[-1][0], value
        else:
            found.append((value, value))
    return found


def ranged(values: Sequence[int], name: Callable[[int], str]) -> str:
    """Values with `to` between the ends of three or more neighbours."""
    words: list[str] = []
    for first, last in runs(values):
        if last - first + 1 >= THREE:
            words.append(f"{name(first)} to {name(last)}")
        else:
            words.extend(name(value) for value in range(first, last + 1))
    return listed(words)
