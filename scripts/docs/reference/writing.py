"""Markdown, made of values."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar in a cell is a bar."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines)


def block(text: str, language: str = "") -> str:
    """Text as it is."""
    return f"```{language}\n{text.rstrip()}\n```"


def joined(*parts: str) -> str:
    """Paragraphs, of which the empty ones are left out."""
    return "\n\n".join(part for part in parts if part) + "\n"


def docstring(thing: object) -> str:
    """What a docstring says, or nothing."""
    return inspect.cleandoc(getattr(thing, "__doc__", None) or "")


def sentence(thing: object) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(docstring(thing).split("\n\n")[0].split())
