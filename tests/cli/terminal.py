"""A terminal with a command in it: a pty, and enough of an emulator to read what stands on the screen."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PART = re.compile(r"\x1b\[(?P<numbers>[?0-9;]*)(?P<what>[A-Za-z])|(?P<turn>[\r\n])|(?P<text>\x1b|[^\x1b\r\n]+)")
PATIENCE = 20.0


class Terminal:
    """Runs `cloud-cron` in a folder, in its own session on its own terminal."""

    def __init__(
        self, folder: Path, *arguments: str, columns: int = 100, stdin: str | None = None, **environment: str
    ) -> None:
        self.columns, self.rows = columns, 50
        self.lines = [""]
        self.raw = ""
        self._row = self._column = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, columns, 0, 0))
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        command = [sys.executable, "-m", "cloud_cron_cli", *arguments]
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._master)
            os.login_tty(slave)
            if stdin:
                os.dup2(os.open(stdin, os.O_RDONLY), 0)
            os.chdir(folder)
            kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
            os.execve(command[0], command, {**kept, "TERM": "xterm-256color", **environment})  # noqa: S606
        self.status: int | None = None

    @property
    def text(self) -> str:
        """Everything that stands there, scrolled out or not."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def table(self) -> str:
        """What stands below the last line across the screen."""
        return self.text.rpartition("─" * self.columns)[2]

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def shows(self, *texts: str, patience: float = PATIENCE) -> None:
        """Wait until all of that stands on the screen."""
        end = monotonic() + patience
        while not all(text in self.text for text in texts):
            assert monotonic() < end, f"{texts} never came:\n{self.text}"
            self._read()

    def tells(self, *texts: str) -> None:
        """Wait until all of that stands in the table."""
        end = monotonic() + PATIENCE
        while not all(text in self.table for text in texts):
            assert monotonic() < end, f"{texts} never came:\n{self.text}"
            self._read()

    def lacks(self, text: str) -> None:
        """Wait until that does not stand in the table any more."""
        end = monotonic() + PATIENCE
        while text in self.table:
            assert monotonic() < end, f"{text} never went:\n{self.text}"
            self._read()

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._master)
        os.close(self._slave)
        self._master = -1

    def ends(self) -> int:
        """The exit code, once it has one."""
        end = monotonic() + PATIENCE
        while self.status is None:
            assert monotonic() < end, f"it never ended:\n{self.text}"
            if self._master >= 0:
                self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        while self._master >= 0 and self._read(0):
            pass
        return self.status

    def modes(self) -> list[object]:
        """How the terminal is set now."""
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        if self.status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            self.ends()
        if self._master >= 0:
            self.hang_up()

    def _read(self, patience: float = 0.1) -> bool:
        if not select.select([self._master], [], [], patience)[0]:
            return False
        data = os.read(self._master, 65_536).decode("utf-8", "replace")
        self.raw += data
        for part in _PART.finditer(data):
            if part["text"]:
                self._put("".join(filter(str.isprintable, part["text"])))
            elif part["turn"]:
                self._turn(part["turn"])
            else:
                self._steer(part["what"], part["numbers"])
        return True

    def _put(self, text: str) -> None:
        line, end = self._line().ljust(self._column), self._column + len(text)
        self.lines[self._row] = line[: self._column] + text + line[end:]
        self._column = end

    def _turn(self, char: str) -> None:
        if char == "\r":
            self._column = 0
        else:
            self._row += 1
        self._line()

    def _line(self) -> str:
        self.lines += [""] * (self._row + 1 - len(self.lines))
        return self.lines[self._row]

    def _steer(self, what: str, numbers: str) -> None:
        match what:
            case "A":
                self._row = max(0, self._row - int(numbers or 1))
            case "K":
                self.lines[self._row] = self._line()[: 0 if numbers == "2" else self._column]
            case "m" | "h" | "l":
                return
            case _:
                raise AssertionError(f"the terminal does not know {what}")
