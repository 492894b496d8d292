"""A ledger in dictionaries: the port `Ledger` of a simulated world, as fast as it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import StoreError

if TYPE_CHECKING:
    from cloud_cron.ports import Key, Record

_SENT: Final = "SENT"
_OPEN: Final = frozenset({"CLAIMED", "RECORDED", "RETRY"})


class MemoryLedger:
    """Records of deliveries, runs and locks, which outlive every worker of the world and nothing else."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._records: dict[Key, Record] = {}
        self._keys: dict[str, list[Key]] = {}
        self._open: set[Key] = set()

    def create(self, key: Key, record: Record) -> Record | None:
        """Write the record when nothing, or what this very claim wrote, is there: None. Otherwise what is there."""
        found = self.get(key)
        if found is not None and (not found.token or found.token != record.token or found.state == _SENT):
            return found
        self._write(key, record)
        return None

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        """Replace the record if state and token are still the expected ones, unless that would undo SENT."""
        found = self.get(key)
        if found is None or found.state != expected.state or found.token != expected.token:
            return False
        if found.state == _SENT != record.state:
            return False
        self._write(key, record)
        return True

    def sent(self, key: Key, provider_id: str) -> None:
        """Note one acceptance, whatever the state; StoreError (CC905) when nobody had claimed the delivery."""
        found = self.get(key)
        if found is None:
            message = f"delivery {key.partition} {key.sort} was accepted, but has no record"
            raise StoreError("CC905", message, where="memory", hint="a delivery is claimed before it is sent")
        self._write(key, found._replace(state=_SENT, provider_id=provider_id, accepts=found.accepts + 1))

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        return self._records.get(key)

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        """Every record of one partition, in the order of the sort key."""
        return [(key, self._records[key]) for key in sorted(self._keys.get(partition, ()))]

    def latest(self, partition: str, state: str) -> Record | None:
        """The record of that partition and state with the greatest `at`."""
        found = [self._records[key] for key in self._keys.get(partition, ()) if self._records[key].state == state]
        return max(found, key=lambda record: record.at, default=None)

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:
        """Runs in state CLAIMED, RECORDED or RETRY, of one partition or of all, oldest (`at`) first."""
        keys = [key for key in self._open if partition in {None, key.partition}]
        runs = [(key, self._records[key]) for key in keys]
        return sorted(runs, key=lambda run: (run[1].at, run[0]))

    def expire(self, before: float) -> None:
        """Forget what is over and older than that (epoch seconds), as a table's time to live does in the end."""
        for key in [key for key, record in self._records.items() if record.at < before and key not in self._open]:
            del self._records[key]
            self._keys[key.partition].remove(key)

    def _write(self, key: Key, record: Record) -> None:
        if key not in self._records:
            self._keys.setdefault(key.partition, []).append(key)
        self._records[key] = record
        if record.state in _OPEN and key.partition.startswith("R#"):
            self._open.add(key)
        else:
            self._open.discard(key)
