"""Who is at work on a database at the moment: what its lock says, and whether it is really held."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


class Serving(NamedTuple):
    """A host: the name of its command, its process, and since when (ISO 8601); nothing of a host that just starts."""

    command: str = ""
    pid: int = 0
    since: str = ""

    def __str__(self) -> str:
        """In words."""
        if not self.command:
            return "a process that is just starting"
        return f"`cloud-cron {self.command}`, process {self.pid}, since {self.since}"


def serving(database: Path) -> Serving | None:
    """The host of a database, or None. What the lock's file says of a host that is gone does not count."""
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415 - not there on Windows

    try:
        with database.with_name(f"{database.name}.lock").open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _told(file)
    except OSError:
        pass
    return None


def _told(file: TextIO) -> Serving:
    try:
        known = json.load(file)
        return Serving(known["command"], known["pid"], known["since"])
    except (KeyError, TypeError, ValueError):
        return Serving()
