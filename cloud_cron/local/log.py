"""The log of a host: one JSON object a line, written by all of its processes, repeated on standard error."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from cloud_cron.runtime.redacting import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON: Final = "json"
LARGEST: Final = 10 * 1024 * 1024
KEPT: Final = 5
_LONGEST: Final = 8_000
_NAMED: Final = ("task", "notifier")
_SILENT: Final = frozenset({"time", "level", "event", "message", "status", "reason", "code", "request_id", *_NAMED})


class Log:
    """Appends whole lines, so that several processes can share a file. What cannot be written is lost, and no more."""

    def __init__(self, path: str | Path, style: str, echo: TextIO | None = None, **common: Any) -> None:  # noqa: ANN401 - JSON
        """`common` is in every line; `echo` is standard error unless given."""
        self._path = Path(path)
        self._style = style
        self._echo = echo or sys.stderr
        self._common = common
        self._file: io.FileIO | None = None
        self._inode = 0

    def but(self, **common: Any) -> Log:  # noqa: ANN401 - JSON
        """The same log with more in every line."""
        return Log(self._path, self._style, self._echo, **self._common, **common)

    def write(self, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """One line: `event` and `level`, and what there is to tell."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {name: redacted(value) if isinstance(value, str) else value for name, value in fields.items()}
        entry = {"time": now, "level": "info", **self._common, **told}
        text = json.dumps(entry, ensure_ascii=False, default=str)
        data = f"{text}\n".encode("utf-8", "backslashreplace")
        with suppress(OSError):
            self._opened().write(data)
        if self._style and entry["level"] != "debug":
            with suppress(OSError, ValueError):
                self._echo.write(f"{text if self._style == JSON else spoken(entry)}\n")
                self._echo.flush()

    def error(self, error: BaseException, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """A line about an exception, with its traceback."""
        told = "".join(traceback.format_exception(error))[-_LONGEST:]
        self.write(**{"level": "error", **fields, "message": f"{type(error).__name__}: {error}", "traceback": told})

    def close(self) -> None:
        """Let go of the file; it is opened again by the next line."""
        if self._file:
            self._file.close()
            self._file = None

    def turn_over(self) -> None:
        """Begin a new file when this one is large; the last few are kept. One process alone may do this."""
        with suppress(OSError):
            if self._path.stat().st_size > LARGEST:
                for number in range(KEPT - 1, 0, -1):
                    older = self._path.with_name(f"{self._path.name}.{number}")
                    if older.exists():
                        older.replace(self._path.with_name(f"{self._path.name}.{number + 1}"))
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))

    def _opened(self) -> io.FileIO:
        """The file under our name, which another process may have turned over."""
        try:
            inode = self._path.stat().st_ino
        except FileNotFoundError:
            inode = 0
        if self._file is None or inode != self._inode:
            if self._file:
                self._file.close()
            self._file = io.FileIO(os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640), "a")
            self._inode = os.fstat(self._file.fileno()).st_ino
        return self._file


def spoken(entry: dict[str, Any]) -> str:
    """A line for a person: time, who, what."""
    who = next((str(entry[name]) for name in _NAMED if entry.get(name)), "cloud-cron")
    what = [str(entry[name]) for name in ("status", "code", "message", "reason") if entry.get(name)]
    rest = [f"{name}={value}" for name, value in entry.items() if name not in _SILENT and "\n" not in str(value)]
    mark = {"error": "ERROR ", "warning": "WARN "}.get(entry["level"], "")
    line = f"{entry['time'][11:19]}  {who}  {mark}{': '.join(what)}"
    line = "".join(char if char.isprintable() else " " for char in line)
    tail = f"\n{entry['traceback'].rstrip()}" if entry.get("traceback") else ""
    return f"{line}  {' '.join(rest)}".rstrip() + tail


class Lines(io.RawIOBase):
    """Bytes whose lines go to the log, so that what user code prints is kept with the run that printed it."""

    def __init__(self, log: Log, name: str, fd: int) -> None:
        """`name` is the stream's, stdout or stderr; `fd` is what a program that user code starts may inherit."""
        self._log = log
        self._name = name
        self._fd = fd
        self._rest = b""

    def fileno(self) -> int:
        """The stream that was there before."""
        return self._fd

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Keep complete lines."""
        given = bytes(data)
        *lines, self._rest = (self._rest + given).split(b"\n")
        for line in lines:
            self._log.write(event="output", stream=self._name, message=line.decode("utf-8", "replace")[:_LONGEST])
        return len(given)

    def close(self) -> None:
        """Keep what was not ended by a line break."""
        if self._rest and not self.closed:
            self.write(b"\n")
        super().close()


def stream(log: Log, name: str, fd: int) -> io.TextIOWrapper:
    """A text stream into the log, in place of standard output or standard error."""
    return io.TextIOWrapper(
        io.BufferedWriter(Lines(log, name, fd)), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )


class Handler(logging.Handler):
    """What user code logs, in the log of the host."""

    def __init__(self, log: Log) -> None:
        """Everything that the root logger is given."""
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One line; its exception goes along."""
        fields = {"event": "log", "level": record.levelname.lower(), "logger": record.name}
        try:
            if record.exc_info and record.exc_info[1]:
                fields["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))[-_LONGEST:]
            self._log.write(**fields, message=record.getMessage())
        except Exception:  # noqa: BLE001 - a log must not fail who logs
            self.handleError(record)


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Every line of the log and of the files it turned over, oldest first; what is no JSON is left out."""
    files = [path.with_name(f"{path.name}.{number}") for number in range(KEPT, 0, -1)]
    for file in [*files, path]:
        if file.exists():
            with file.open(encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    with suppress(ValueError):
                        yield json.loads(line)
