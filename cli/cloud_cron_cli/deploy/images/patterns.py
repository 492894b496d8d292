r"""One pattern of a .dockerignore, as a regular expression that says the same.

A pattern is one of Go's `filepath.Match`, in which `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are classes and
`\` makes any character stand for itself; Docker adds `**` for any number of folders (Docker documentation, "Dockerfile
reference", .dockerignore file).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_WILD: Final = re.compile(r"[*?\[\\]")


class BadPatternError(ValueError):
    """What Docker would not read either."""


class _Piece(NamedTuple):
    """What a part of a pattern means, and where the next part begins."""

    regex: str
    end: int


def translated(pattern: str) -> str:
    """What the whole path of a file or folder matches; raises `BadPatternError`."""
    if pattern.startswith("**") and not pattern.startswith("**/") and not _WILD.search(pattern, 2):
        return f".*{re.escape(pattern[2:])}"  # Docker compares the end of the path: "**log" is also "catalog"
    pieces, at = [], 0
    while at < len(pattern):
        piece = _piece(pattern, at)
        pieces.append(piece.regex)
        at = piece.end
    return "".join(pieces)


def _piece(pattern: str, at: int) -> _Piece:
    match pattern[at]:
        case "*" if pattern.startswith("**", at):
            return _folders(pattern, at + 2)
        case "*":
            return _Piece("[^/]*", at + 1)
        case "?":
            return _Piece("[^/]", at + 1)
        case "[":
            return _class(pattern, at + 1)
        case _:
            char, end = _character(pattern, at)
            return _Piece(re.escape(char), end)


def _folders(pattern: str, at: int) -> _Piece:
    """`**`, and the slash behind it: everything when nothing follows."""
    at += pattern.startswith("/", at)
    return _Piece("(?:.*/)?" if at < len(pattern) else ".*", at)


def _character(pattern: str, at: int) -> tuple[str, int]:
    """A character that stands for itself, and where the next one begins."""
    if pattern[at] != "\\":
        return pattern[at], at + 1
    if at + 1 == len(pattern):
        raise BadPatternError("it ends with \\")
    return pattern[at + 1], at + 2


def _class(pattern: str, at: int) -> _Piece:
    """What is in brackets: characters and ranges of them, at least one."""
    inverted = pattern.startswith("^", at)
    at += inverted
    ranges: list[str] = []
    while not ranges or not pattern.startswith("]", at):
        low, at = _bound(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _bound(pattern, at + 1)
        if low > high:
            message = f"{low}-{high} is no range"
            raise BadPatternError(message)
        ranges.append(f"{re.escape(low)}-{re.escape(high)}")
    return _Piece(f"[{'^' if inverted else ''}{''.join(ranges)}]", at + 1)


def _bound(pattern: str, at: int) -> tuple[str, int]:
    """One end of a range."""
    if at >= len(pattern):
        raise BadPatternError("[ is never closed")
    if pattern[at] in "-]":
        message = f"{pattern[at]} needs a \\ before it inside of [ ]"
        raise BadPatternError(message)
    return _character(pattern, at)
