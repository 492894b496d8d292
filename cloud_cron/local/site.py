"""What every process of a host knows: where the project and its files are, and whether anything is really sent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = ".cloud-cron"


@dataclass(frozen=True)
class Site:
    """One app at one stage on one machine. `entry` is `module:attribute` if somebody chose it.

    `sends`: content leaves through the channels; else it is kept in the outbox of the database. `style` is how the log
    is repeated on standard error: `json`, `text`, or empty for not at all. `linger` is how long, in seconds, a courier
    without work stays; `threads` how many messages of one notifier are delivered at a time; `chaos` the share of calls
    at which something is made to go wrong.
    """

    folder: str
    stage: str
    database: str
    log: str
    entry: str | None = None
    sends: bool = False
    style: str = "json"
    threads: int = 8
    linger: float = 2.0
    chaos: float = 0.0

    def to_json(self) -> str:
        """One line for another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Site:
        """The site that `to_json` gave."""
        return cls(**json.loads(text))

    @property
    def home(self) -> Path:
        """The project's folder."""
        return Path(self.folder)


def database(folder: Path, stage: str, *, sends: bool) -> Path:
    """The file of a stage; what keeps its outbox has a file of its own, so that the ledger of what was sent is one."""
    return folder / FOLDER / (f"{stage}.db" if sends else f"{stage}.dev.db")


def log_file(database: Path) -> Path:
    """The log beside a database."""
    return database.with_suffix(".log")
