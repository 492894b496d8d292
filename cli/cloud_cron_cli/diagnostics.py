"""A mistake or a remark as a value: what, where, and what to do about it; in words and in JSON."""

from __future__ import annotations

import re
import shutil
import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple, TextIO

from cloud_cron_cli.output import bad, dim, doubtful, emit, is_terminal, visible

if TYPE_CHECKING:
    from cloud_cron.errors import CloudCronError

ERROR: Final = "error"
WARNING: Final = "warning"

_STYLE: Final = {ERROR: bad, WARNING: doubtful}
_PLACE: Final = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+))?(?::\d+)?")


class Diagnostic(NamedTuple):
    """`severity` is `error` or `warning`; `where` a place such as `app.py:12`."""

    severity: str
    code: str | None
    message: str
    where: str | None = None
    hint: str | None = None

    def to_json(self) -> dict[str, object]:
        """The shape that `check --json` prints."""
        place = _PLACE.fullmatch(self.where) if self.where else None
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": place["file"] if place else None,
            "line": int(place["line"]) if place and place["line"] else None,
            "hint": self.hint,
        }


def from_error(error: CloudCronError) -> Diagnostic:
    """The mistake that an error tells."""
    return Diagnostic(ERROR, error.code, error.message, error.where, error.hint)


def tell(diagnostic: Diagnostic, stream: TextIO) -> None:
    """Print it: one line for what, one each for where and for the remedy; wrapped where a person looks."""
    width = shutil.get_terminal_size().columns if is_terminal(stream) else None
    kind = diagnostic.severity if diagnostic.code is None else f"{diagnostic.severity} {diagnostic.code}"
    _emit(stream, width, kind, _STYLE[diagnostic.severity](kind), diagnostic.message)
    for label, text in (("  at  ", diagnostic.where), ("  hint", diagnostic.hint)):
        if text:
            _emit(stream, width, label, dim(label), text)


def _emit(stream: TextIO, width: int | None, label: str, styled: str, text: str) -> None:
    """A label and its text, continued below the text."""
    from cloud_cron.runtime.redacting import redacted  # noqa: PLC0415 - only a mistake pays for it

    lines = [visible(line) for line in redacted(text).splitlines()] or [""]
    if width:
        room = max(width - len(label) - 1, 20)
        lines = [part for line in lines for part in textwrap.wrap(line, room, break_on_hyphens=False) or [""]]
    emit(f"{styled} {lines[0]}", stream)
    for line in lines[1:]:
        emit(f"{' ' * len(label)} {line}", stream)
