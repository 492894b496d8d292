"""How things are said: data on stdout, talk on stderr; colours and tables for a person, plain columns for a pipe.

Text may carry ANSI styles, made by the words below; they are dropped wherever nobody could see them. Characters that
the stream cannot carry are replaced by the nearest that it can.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, TextIO
from unicodedata import category

import click

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cloud_cron_cli.diagnostics import Diagnostic
    from cloud_cron_cli.options import Choices

_SPELLED: Final = str.maketrans(
    {
        "→": "->",
        "…": "...",
        "✓": "ok",
        "✗": "x",
        "·": "-",
        "│": "|",
        "├": "|",
        "└": "`",
        "─": "-",
        "—": "-",
    }
)


def strong(text: object) -> str:
    """What a reader looks for."""
    return click.style(str(text), bold=True)


def dim(text: object) -> str:
    """What a reader may skip."""
    return click.style(str(text), dim=True)


def good(text: object) -> str:
    """What went well."""
    return click.style(str(text), fg="green")


def bad(text: object) -> str:
    """What went wrong."""
    return click.style(str(text), fg="red", bold=True)


def doubtful(text: object) -> str:
    """What may be wrong."""
    return click.style(str(text), fg="yellow", bold=True)


def accent(text: object) -> str:
    """A thing of the app: a schedule, a topic."""
    return click.style(str(text), fg="cyan")


def visible(text: str) -> str:
    """Somebody else's text, whose control characters would steer the terminal: escaped, but for the tabulator."""
    return "".join(repr(char)[1:-1] if char != "\t" and category(char) == "Cc" else char for char in text)


class Output:
    """The two streams of one invocation."""

    def __init__(self, choices: Choices, out: TextIO | None = None, err: TextIO | None = None) -> None:
        """The process's own streams, unless others are given."""
        self.json = choices.json
        self.verbose = choices.verbose
        self.quiet = choices.quiet
        self._out = out or sys.stdout
        self._err = err or sys.stderr
        self.terminal = is_terminal(self._out)

    def data(self, value: Any) -> None:  # noqa: ANN401 - JSON
        """Print a value as JSON; in ASCII where the stream cannot carry more."""
        _write(self._encoded(value, 2), self._out)

    def line(self, value: Any) -> None:  # noqa: ANN401 - JSON
        """Print one of many values as JSON on a line of its own."""
        _write(self._encoded(value), self._out)

    def _encoded(self, value: Any, indent: int | None = None) -> str:  # noqa: ANN401 - JSON
        """JSON that the stream can carry; half a character, which no encoding has, is escaped as JSON does it."""
        wide = "utf" in (getattr(self._out, "encoding", None) or "utf-8").lower()
        text = json.dumps(value, indent=indent, ensure_ascii=not wide)
        return text.encode("utf-8", "backslashreplace").decode("utf-8")

    def say(self, text: str = "") -> None:
        """Print a line of the answer."""
        emit(text, self._out)

    def note(self, text: str) -> None:
        """Tell something beside the answer."""
        if not self.quiet:
            emit(text, self._err)

    def remark(self, diagnostic: Diagnostic) -> None:
        """Tell a mistake or remark beside the answer."""
        from cloud_cron_cli.diagnostics import tell  # noqa: PLC0415 - stands on this module

        if not self.quiet:
            tell(diagnostic, self._err)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]], wrapping: Collection[str] = ()) -> None:
        """Print rows under headers; on a terminal, cells of the columns in `wrapping` wrap where room is short."""
        if self.terminal:
            _drawn(self._out, headers, rows, wrapping)
        else:
            for line in _aligned([headers, *rows]):
                self.say(line)


def emit(text: str, stream: TextIO) -> None:
    """Print a line in the way the stream can carry it."""
    _write(spelled(text, stream), stream, color=True if coloured(stream) else None)


def _write(text: str, stream: TextIO, *, color: bool | None = None) -> None:
    """A line, and all of it: CC708 where it leads to a disk that is full; a reader that has gone stays what it is."""
    try:
        click.echo(text, file=stream, color=color)
    except BrokenPipeError:
        raise
    except OSError as error:
        if stream is not sys.stdout:
            raise
        from cloud_cron.errors import StoreError  # noqa: PLC0415 - only a failure pays for it

        # Python must not stumble over the rest of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        message = f"standard output cannot be written: {error.strerror or error}"
        hint = "make room where it leads to; what is there is not all"
        raise StoreError("CC708", message, hint=hint) from error


def spelled(text: str, stream: TextIO) -> str:
    """The text for this stream: styles only where they show, other characters where its encoding has none."""
    if not coloured(stream):
        text = click.unstyle(text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_SPELLED).encode(encoding, "backslashreplace").decode(encoding)
    return text


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream, which a process can be started without."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def coloured(stream: TextIO) -> bool:
    """Whether styles show there (https://no-color.org)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of plain text, two spaces apart; a cell may have several lines."""
    cells = [[click.unstyle(cell).split("\n") for cell in row] for row in rows]
    widths = [max(len(line) for cell in column for line in cell) for column in zip(*cells, strict=True)]
    return [
        "  ".join(line.ljust(width) for line, width in zip(lines, widths, strict=True)).rstrip()
        for row in cells
        for lines in zip_longest(*row, fillvalue="")
    ]


def _drawn(stream: TextIO, headers: Sequence[str], rows: Sequence[Sequence[str]], wrapping: Collection[str]) -> None:
    """The same through rich, which wraps at the terminal's width."""
    from rich.console import Console  # noqa: PLC0415 - a pipe does without
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for header in headers:
        table.add_column(header, overflow="fold", no_wrap=header not in wrapping)
    for row in rows:
        table.add_row(*(Text.from_ansi(spelled(cell, stream)) for cell in row))
    Console(file=stream, highlight=False, markup=False, emoji=False).print(table)
