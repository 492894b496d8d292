"""Tracebacks that another process wrote, without the frames of this package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.failures import is_ours
from cloud_cron_cli.output import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAME: Final = re.compile(r'  File "(?P<file>.+)", line \d+, in .+')
_BELOW: Final = "    "
_HEAD: Final = "Traceback (most recent call last):"


def users(text: str) -> list[str]:
    """The lines that a user's code is told in; a traceback without any frame of his is its last line."""
    lines = list(_kept(text.rstrip().splitlines()))
    headless = [
        line for line, after in zip(lines, [*lines[1:], ""], strict=False) if line != _HEAD or after.startswith("  ")
    ]
    return [visible(line) for line in headless]


def _kept(lines: list[str]) -> Iterator[str]:
    skipping = False
    for line in lines:
        frame = _FRAME.fullmatch(line)
        if frame:
            skipping = is_ours(frame["file"])
        elif not line.startswith(_BELOW):
            skipping = False
        if not skipping:
            yield line
