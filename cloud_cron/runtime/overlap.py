"""At most one run of a task at a time, unless the task allows more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.ports import Key, Record
from cloud_cron.runtime import naming

if TYPE_CHECKING:
    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Ports

HELD: Final = "HELD"
FREE: Final = "FREE"


class Lock:
    """A task's overlap lock, which ends with its lease when its holder does not come back.

    It carries the run, so that a further attempt of the run that holds it takes over at once, and never turns its own
    run into a skipped one. A run that is no longer claimed holds nothing: its worker stopped before it let go.
    """

    def __init__(self, ports: Ports, task: TaskModel, run: str, key: Key, claim: Record) -> None:
        """A lock for one attempt of `run`, whose record is at `key`, for as long as its `claim`."""
        self._ledger = ports.ledger
        self._now = ports.clock.now().timestamp()
        self._key = naming.lock_key(task.name)
        self._runs = key.partition
        self._mine = Record(HELD, claim.token, claim.lease, source=run, at=claim.at, data=key.sort)
        self._needed = task.overlap != "allow"

    def take(self) -> str | None:
        """Take the lock: None when it is this run's, else the run that holds it."""
        if not self._needed:
            return None
        found = self._ledger.create(self._key, self._mine)
        if found is None:
            return None
        if found.state == HELD and found.source != self._mine.source and found.lease >= self._now:
            holder = self._ledger.get(Key(self._runs, found.data))
            if holder is None or holder.state == "CLAIMED":
                return found.source
        return None if self._ledger.swap(self._key, found, self._mine) else found.source

    def release(self) -> None:
        """Let the next run begin, if the lock is still this attempt's."""
        if self._needed:
            self._ledger.swap(self._key, self._mine, self._mine._replace(state=FREE))
