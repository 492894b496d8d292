"""docs/bad-input.md, made of the catalogue: `python -m tests.bad_input.page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bad_input.whole import CATALOGUE

if TYPE_CHECKING:
    from tests.bad_input.row import Row

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "bad-input.md"
COMMAND: Final = "python -m tests.bad_input.page"
_HEAD: Final = """\
# Bad input

What cloud-cron says to what cannot be, or only looks so. Every row is a test: the code, the first line of what is said,
the place where the input has one, what to do about it, and that nothing is half done and no traceback of ours is shown.
A command ends with exit code 2 where nothing was begun, and with 1 where a run, a delivery or AWS failed. An input
without a code is no mistake, or one of the command line itself; `…` stands for what differs from machine to machine.
[errors.md](errors.md) says what each code means.

| # | input | code | what is said |
|---|---|---|---|
"""


def text() -> str:
    """The page."""
    return _HEAD + "".join(map(_line, CATALOGUE))


def _line(row: Row) -> str:
    code = f"`{row.code}`" if row.code else ""
    return f"| {row.number} | {_cell(row.given)} | {code} | {_cell(row.says)} |\n"


def _cell(said: str) -> str:
    """Text that a table shows as it is."""
    if "`" not in said:
        said = said.replace("<", "&lt;").replace("*", r"\*").replace("_", r"\_")
    return said.replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8", newline="\n")
