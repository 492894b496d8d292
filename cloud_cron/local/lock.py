"""One host per database file: a second start is told who holds it.

The lock is the kernel's, on an open file that the workers inherit. It ends with the last of them, however they end: so
whoever holds it knows that no worker of an earlier host is still at anything.
"""

from __future__ import annotations

import fcntl
import json
import os
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Self

from cloud_cron.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = 1.5
_NAP: Final = 0.05


class HostLock:
    """The right to run schedules and queues on one database file."""

    def __init__(self, database: Path, holder: dict[str, Any]) -> None:
        """Take it; `holder` is what the next one is told.

        Raises `StoreError`: CC910 when somebody has it, CC903 when the lock cannot be written.
        """
        path = database.with_name(f"{database.name}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+", encoding="utf-8")
        except OSError as error:
            message = f"the lock cannot be written: {error.strerror}"
            hint = "give this user the right to write the folder"
            raise StoreError("CC903", message, where=str(path), hint=hint) from error
        if not self._locked():
            told = _told(path)
            self._file.close()
            hint = "stop it first, or use another --stage"
            raise StoreError("CC910", f"this database is served by {told}", where=str(database), hint=hint)
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(holder))
        self._file.flush()

    def _locked(self) -> bool:
        """Whether the lock could be had; workers of a host that was killed take a moment to end."""
        end = monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if monotonic() > end:
                    return False
                sleep(_NAP)
            else:
                return True

    def fileno(self) -> int:
        """What a worker inherits."""
        return self._file.fileno()

    def close(self) -> None:
        """Let go; the lock ends when the workers have ended, too."""
        self._file.close()

    def __enter__(self) -> Self:
        """Let go at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go."""
        self.close()


def holder(command: str, since: str) -> dict[str, Any]:
    """This process, as another one is told of it."""
    return {"command": command, "pid": os.getpid(), "since": since}


def _told(path: Path) -> str:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        return f"`cloud-cron {known['command']}`, process {known['pid']}, since {known['since']}"
    except (KeyError, OSError, TypeError, ValueError):
        return "another process, which is just starting"
