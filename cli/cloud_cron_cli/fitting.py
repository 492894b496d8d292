"""How words and tables are brought into a terminal that is too small for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from click import unstyle

from cloud_cron_cli.output import dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.view import Rows, View

_GAP: Final = "  "
_RULE, _AROUND, _TITLE, _SPARE = 1, 2, 2, 1
"""Lines: the rule on top, a table's head and the gap below it, the title with its gap, and the cursor's own."""


def wrapped(parts: Sequence[str], width: int) -> tuple[str, ...]:
    """Styled words side by side, on as many lines as they need."""
    lines: list[str] = []
    for part in parts:
        if lines and len(unstyle(lines[-1])) + len(_GAP) + len(unstyle(part)) <= width:
            lines[-1] += f"{_GAP}{part}"
        else:
            lines.append(part)
    return tuple(lines)


def shortened(view: View, height: int) -> View:
    """The view with as many rows as fit; the lines above and below the tables always stay."""
    kept = _RULE + _SPARE + (_TITLE if view.title else 0) + len(view.below)
    room = height - kept - _AROUND * len(view.tables)
    if sum(len(table) - 1 for table in view.tables) <= room:
        return view
    shares = _shares([len(table) - 1 for table in view.tables], room)
    cut = (_cut(table, share) for table, share in zip(view.tables, shares, strict=True))
    return view._replace(tables=tuple(table for table in cut if table))


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """How many rows each table has: the same number, and what small ones leave goes to the others."""
    shares = [0] * len(wanted)
    for left, place in zip(range(len(wanted), 0, -1), sorted(range(len(wanted)), key=wanted.__getitem__), strict=True):
        shares[place] = max(0, min(wanted[place], room // left))
        room -= shares[place]
    return shares


def _cut(table: Rows, rows: int) -> Rows:
    """The first rows, and how many more there are; nothing at all where there is no room for that."""
    heads, *cells = table
    if len(cells) <= rows:
        return table
    if rows == 0:
        return ()
    more = dim(f"and {len(cells) - rows + 1} more")
    return (heads, *cells[: rows - 1], (more, *[""] * (len(heads) - 1)))
