"""The terminal of `dev`: lines that scroll, and below them a table that stays. Without a terminal: lines alone."""

from __future__ import annotations

import shutil
import sys
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol, Self

from cloud_cron_cli.fitting import shortened
from cloud_cron_cli.output import coloured, emit, spelled
from cloud_cron_cli.view import NARROW

if TYPE_CHECKING:
    from rich.console import JustifyMethod, OverflowMethod, RenderableType

    from cloud_cron_cli.view import Rows, View

PAUSE: Final = 0.25
_WIDEST: Final = 118
_FLEXIBLE: Final = {"SCHEDULE": 3, "LAST RUN": 4}
_NUMBERS: Final = frozenset({"WAITING", "IN FLIGHT", "DEAD", "SENT", "OUTBOX", "WAIT", "FLY"})


class Surface(Protocol):
    """Where things are said and shown."""

    @property
    def width(self) -> int:
        """How many columns it has."""

    def say(self, text: str) -> None:
        """One line, or several, that stay."""

    def show(self, view: View) -> None:
        """What is the case now."""

    def refresh(self) -> None:
        """Show it again, whatever became of the terminal."""


class Paper:
    """Lines on standard output; what is the case at the moment is not said."""

    width = 80

    def say(self, text: str) -> None:
        """One line, or several."""
        emit(text, sys.stdout)
        sys.stdout.flush()

    def show(self, view: View) -> None:
        """Nothing."""

    def refresh(self) -> None:
        """Nothing."""


class Screen:
    """A table at the bottom of the terminal, drawn again when it is another one, and at most four times a second."""

    def __init__(self) -> None:
        """On standard output."""
        from rich.console import Console  # noqa: PLC0415 - a pipe does without
        from rich.live import Live  # noqa: PLC0415 - the same

        self._console = Console(file=sys.stdout, force_terminal=True, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False,
                          redirect_stderr=False, vertical_overflow="crop")  # fmt: skip
        self._drawn: tuple[View, int, int] | None = None
        self._wait_until = 0.0

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the lines alone."""
        self._live.update("")
        self._live.stop()

    @property
    def width(self) -> int:
        """How many columns the terminal has now."""
        return min(shutil.get_terminal_size().columns, _WIDEST)

    def say(self, text: str) -> None:
        """Above the table."""
        from rich.text import Text  # noqa: PLC0415 - as above

        for line in text.splitlines() or [""]:
            self._console.print(Text.from_ansi(spelled(line, sys.stdout)), soft_wrap=True)

    def show(self, view: View) -> None:
        """Draw it, unless it is drawn already or it is too early."""
        now, width, height = monotonic(), self.width, shutil.get_terminal_size().lines
        if (view, width, height) == self._drawn or now < self._wait_until:
            return
        self._drawn, self._wait_until = (view, width, height), now + PAUSE
        self._live.update(_drawing(shortened(view, height), width), refresh=True)

    def refresh(self) -> None:
        """Draw it at the next opportunity."""
        self._drawn = None


def _drawing(view: View, width: int) -> RenderableType:
    """One thing below the other, with a line of nothing between parts."""
    from rich.console import Group  # noqa: PLC0415 - a pipe does without
    from rich.rule import Rule  # noqa: PLC0415 - the same

    parts: list[RenderableType] = [
        Rule(characters=spelled("─", sys.stdout), style="dim" if coloured(sys.stdout) else "none")
    ]
    if view.title:
        parts += [_text(view.title), ""]
    for table in view.tables:
        parts += [_table(table, width), ""]
    return Group(*parts, *map(_text, view.below))


def _text(line: str) -> RenderableType:
    from rich.text import Text  # noqa: PLC0415 - a pipe does without

    text = Text.from_ansi(spelled(line, sys.stdout))
    text.no_wrap, text.overflow = True, _overflow()
    return text


def _overflow() -> OverflowMethod:
    """How what is too long ends: rich knows one ellipsis alone."""
    return "ellipsis" if spelled("…", sys.stdout) == "…" else "crop"


def _table(rows: Rows, width: int) -> RenderableType:
    """Columns that keep their width, but for those that take what is left and are cut there."""
    from rich.table import Table  # noqa: PLC0415 - a pipe does without

    heads, *cells = rows
    flexible = _FLEXIBLE if width >= NARROW else {**_FLEXIBLE, "NOTIFIER": 1}
    stretches = any(head in flexible for head in heads)
    style = "dim" if coloured(sys.stdout) else "none"
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=style, expand=stretches)
    if stretches:
        table.width = width
    for head in heads:
        justify: JustifyMethod = "right" if head in _NUMBERS else "left"
        table.add_column(head, no_wrap=True, overflow=_overflow(), justify=justify, ratio=flexible.get(head))
    for row in cells:
        table.add_row(*map(_text, row))
    return table
