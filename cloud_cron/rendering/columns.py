"""The default layout in plain text, aligned for a monospaced font."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final
from unicodedata import combining, east_asian_width

from cloud_cron.rendering import words
from cloud_cron.rendering.view import Cards, Fields, Listing, Note, Prose, Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.rendering.view import Block
    from cloud_cron.rendering.words import Word

WIDTH: Final = 72
_INDENT: Final = "  "
_WIDEST_LABEL: Final = 28
_GAP: Final = "  "
_NARROWEST: Final = 16
_CUT: Final = " ..."  # apart, or a telephone would take it for the end of a link


def text_of(blocks: Sequence[Block], width: int = WIDTH) -> str:
    """The blocks, a blank line between each two."""
    return "\n\n".join("\n".join(_lines(block, width)) for block in blocks)


def _lines(block: Block, width: int) -> list[str]:
    match block:
        case Fields(rows):
            return _fields(rows, width)
        case Table():
            return [block.label, *_indented(_table(block, width - len(_INDENT)))]
        case Listing(name, items, more):
            lines = [line for item in items for line in _wrapped(item.text, width - 2 * len(_INDENT), "- ", _INDENT)]
            return [name, *_indented([*lines, *_more(more)])]
        case Prose(name, paragraphs):
            return _prose(name, paragraphs, width)
        case Section(name, inner):
            return [name, *_nested(inner, width)]
        case Cards(name, cards, more):
            below = [line for card in cards for line in [card.title, *_nested(card.blocks, width - len(_INDENT)), ""]]
            return [name, *_indented([*below[:-1], *_more(more)])]
        case Note(text):
            return [text]


def _fields(rows: Sequence[tuple[str, Word]], width: int) -> list[str]:
    """Names to the left, values in one column; numbers stay on the left, because a column of one has no units."""
    across = min(max(_width(name) for name, _ in rows), _WIDEST_LABEL)
    lines = []
    for name, item in rows:
        head = name + " " * (across - _width(name)) + _GAP
        lines += _wrapped(item.text, max(width - across - len(_GAP), 20), head, " " * (across + len(_GAP)))
    return lines


def _nested(blocks: Sequence[Block], width: int) -> list[str]:
    return _indented(text_of(blocks, width - len(_INDENT)).split("\n"))


def _table(table: Table, width: int) -> list[str]:
    """Columns side by side; texts are wrapped when they do not fit, and what still does not becomes fields."""
    heads = [column.label for column in table.columns]
    cells = [[" ".join(item.text.split()) for item in row] for row in table.rows]
    numbers = [column.number for column in table.columns]
    widths = _fitted([max(map(_width, column)) for column in zip(heads, *cells, strict=True)], heads, numbers, width)
    if widths is None:
        rows = [_fields(list(zip(heads, row, strict=True)), width) for row in table.rows]
        apart = [line for row in rows for line in [*row, ""]]
        return [*apart[:-1], *_more(table.more)]
    rule = ["-" * size for size in widths]
    lines = [_row(line, widths, numbers) for row in (heads, rule, *cells) for line in _broken(row, widths)]
    return [*lines, *_more(table.more)]


def _fitted(widths: list[int], heads: Sequence[str], numbers: Sequence[bool], width: int) -> list[int] | None:
    """The widths with the widest texts narrowed until the table fits, or None when it cannot."""
    spare = width - len(_GAP) * (len(widths) - 1)
    least = [
        size if number else min(size, max(_NARROWEST, _width(head)))
        for size, head, number in zip(widths, heads, numbers, strict=True)
    ]
    if sum(least) > spare:
        return None
    while sum(widths) > spare:
        widest = max((size, index) for index, size in enumerate(widths) if size > least[index])[1]
        widths[widest] -= 1
    return widths


def _broken(cells: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    """The lines of one row."""
    columns = [
        _wrapped(cell, width, "", "") if _width(cell) > width else [cell]
        for cell, width in zip(cells, widths, strict=True)
    ]
    return list(zip_longest(*columns, fillvalue=""))


def _row(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    padded = []
    for cell, width, number in zip(cells, widths, numbers, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if number else cell + space)
    return _GAP.join(padded).rstrip()


def _prose(name: str, paragraphs: Sequence[str], width: int) -> list[str]:
    lines: list[str] = []
    for paragraph in paragraphs:
        for line in paragraph.split("\n"):
            lines += _wrapped(line, width - (len(_INDENT) if name else 0), "", "")
        lines.append("")
    return [name, *_indented(lines[:-1])] if name else lines[:-1]


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    """The text in lines of that width; what cannot be broken, such as an address of a page, stays whole."""
    lines = wrap(text, width, break_long_words=False, break_on_hyphens=False) or [text.strip()]
    return [f"{rest if index else first}{line}".rstrip() for index, line in enumerate(lines)]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"{_INDENT}{line}".rstrip() for line in lines]


def _more(count: int) -> list[str]:
    return [f"and {count} more"] if count else []


def _width(text: str) -> int:
    """Cells of a terminal: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def one_line(data: Mapping[str, Any], room: int) -> str:
    """The short values of a mapping in one line of at most `room` characters, for an sms; lists by their length."""
    told = [_told(key, value) for key, value in data.items() if value is not None and value not in ("", [], {})]
    line = ", ".join(told)
    if len(line) <= room:
        return line
    cut = line[: max(room - len(_CUT), 0)]
    whole = cut.rpartition(", ")[0]
    return f"{(whole or cut).rstrip(' ,')}{_CUT}"


def _told(key: object, value: object) -> str:
    name = words.plain_label(key)
    if isinstance(value, (Mapping, list, tuple)):
        return f"{name} {len(value)}"
    return f"{name} {' '.join(words.word(value).text.replace(words.DASH, '-').split())}"
