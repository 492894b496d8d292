"""What `dev` says: for a person on the screen or in plain lines, for a program as JSON lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import CloudCronError
from cloud_cron_cli.diagnostics import from_error
from cloud_cron_cli.output import bad, dim, emit, visible
from cloud_cron_cli.telling import told
from cloud_cron_cli.tracebacks import users

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron_cli.output import Output
    from cloud_cron_cli.screen import Surface

_TOLD_BETTER: Final = "reload failed"
"""A status whose line of the log says less than `failure`, which comes with it."""


class Voice:
    """Says everything on one surface; beside JSON, what is not data goes to stderr."""

    def __init__(self, out: Output, surface: Surface) -> None:
        """`surface` is for whatever a person reads."""
        self._out = out
        self.surface = surface

    def say(self, text: str) -> None:
        """Talk."""
        if self._out.json:
            emit(text, sys.stderr)
        else:
            self.surface.say(text)

    def spilled(self, lines: Iterable[str]) -> None:
        """What user code wrote past the log."""
        for line in lines:
            self.say(f"{dim('│')} {visible(line)}")

    def entry(self, entry: dict[str, Any]) -> None:
        """A line of the log."""
        if self._out.json:
            self._out.line(entry)
            sys.stdout.flush()
        elif entry.get("status") != _TOLD_BETTER and (text := told(entry, verbose=self._out.verbose)):
            self.surface.say(text)

    def reloaded(self, entry: dict[str, Any], files: Iterable[str]) -> None:
        """The app was loaded anew, because of these files."""
        if self._out.json:
            self.entry(entry)
            return
        parts = {name: value for name, value in entry.items() if name not in {"app", "stage", "seconds"}}
        self.entry({**parts, "status": f"reloaded in {entry['seconds']:.1f} s", "message": ", ".join(files)})

    def failure(self, error: Exception, traceback: str) -> None:
        """Why an app could not be loaded: the user's own traceback, and the error."""
        self.trace(traceback)
        if not isinstance(error, CloudCronError):
            self.say(bad(visible(str(error))))
            return
        fault = from_error(error)
        self.say(f"{bad(f'error {fault.code}' if fault.code else 'error')} {visible(fault.message)}")
        for label, text in (("  at  ", fault.where), ("  hint", fault.hint)):
            if text:
                self.say(f"{dim(label)} {text}")

    def trace(self, traceback: str) -> None:
        """A traceback without our own frames."""
        for line in users(traceback):
            self.say(line)
