"""The ledger of one machine: the port `Ledger` in three statements and a few queries."""

# ruff: noqa: S608 - every part of a statement is a constant of this module

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import StoreError
from cloud_cron.ports import Key, Record

if TYPE_CHECKING:
    from cloud_cron.local.store import Store

SENT: Final = "SENT"

_NAMES: Final = (
    "state", "token", "lease", "attempts", "ambiguous", "not_before", "source", "digest", "provider_id", "accepts",
    "forwarded", "code", "reason", "at", "data",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_NAMES)
_ASSIGNED: Final = ", ".join(f"{name} = ?" for name in _NAMES)
_REPLACED: Final = ", ".join(f"{name} = excluded.{name}" for name in _NAMES)
_STATES: Final = ("CLAIMED", "RECORDED", "RETRY", "DONE", "FAILED", "SKIPPED", "MISSED")
_values = attrgetter(*_NAMES)

_CREATE: Final = f"""
    INSERT INTO ledger (partition, sort, {_COLUMNS}) VALUES (?, ?{", ?" * len(_NAMES)})
    ON CONFLICT (partition, sort) DO UPDATE SET {_REPLACED}
    WHERE ledger.token = excluded.token AND excluded.token <> '' AND ledger.state <> 'SENT'
"""
_SWAP: Final = f"UPDATE ledger SET {_ASSIGNED} WHERE partition = ? AND sort = ? AND state = ? AND token = ?"
_SENT: Final = """
    UPDATE ledger SET state = 'SENT', provider_id = ?, accepts = accepts + 1 WHERE partition = ? AND sort = ?
"""
_GET: Final = f"SELECT {_COLUMNS} FROM ledger WHERE partition = ? AND sort = ?"
_RECORDS: Final = f"SELECT partition, sort, {_COLUMNS} FROM ledger WHERE partition = ? ORDER BY sort"
_LATEST: Final = f"SELECT {_COLUMNS} FROM ledger WHERE partition = ? AND state = ? ORDER BY at DESC LIMIT 1"
_RUNS: Final = "partition >= 'R#' AND partition < 'R$'"  # word for word the condition of the index `runs`
_LATEST_RUN: Final = f"""
    SELECT {_COLUMNS} FROM ledger WHERE partition = ? AND state = ? AND {_RUNS} ORDER BY at DESC LIMIT 1
"""
_NEWEST_RUN: Final = f"""
    SELECT partition, sort, {_COLUMNS} FROM ledger
    WHERE partition = ? AND state = ? AND {_RUNS} ORDER BY at DESC LIMIT 1
"""
_MISSED: Final = f"""
    SELECT partition, count(*) FROM ledger WHERE state = 'MISSED' AND at >= ? AND {_RUNS} GROUP BY partition
"""
_DELIVERIES: Final = """
    SELECT state, count(*) FROM ledger WHERE partition >= ? AND partition < ? AND sort <> '*' GROUP BY state
"""
_OPEN_RUNS: Final = f"""
    SELECT partition, sort, {_COLUMNS} FROM ledger
    WHERE state IN ('CLAIMED', 'RECORDED', 'RETRY') AND {_RUNS} ORDER BY at, partition, sort
"""
_UNTOLD: Final = f"""
    SELECT partition, sort, {_COLUMNS} FROM ledger
    WHERE state IN ('FAILED', 'MISSED') AND {_RUNS} AND forwarded = 0 ORDER BY state, partition, at
"""
_GIVEN_UP: Final = f"state IN ('FAILED', 'MISSED') AND {_RUNS} AND at >= ? AND (? IS NULL OR partition = ?)"
_NEWEST_GIVEN_UP: Final = f"""
    SELECT partition, sort, {_COLUMNS} FROM ledger WHERE {_GIVEN_UP} ORDER BY at DESC, partition, sort LIMIT ?
"""
_COUNT_GIVEN_UP: Final = f"SELECT count(*) FROM ledger WHERE {_GIVEN_UP}"


class SqliteLedger:
    """Records of deliveries, runs and locks in a `Store`.

    Every method is one transaction of its own: the file, not this object, decides who was first. A record in state SENT
    never leaves it.
    """

    def __init__(self, store: Store) -> None:
        """Keep the records in `store`."""
        self._store = store

    def create(self, key: Key, record: Record) -> Record | None:
        """Write the record when nothing is there, or what this very claim wrote; otherwise return what is there.

        The clause about the own token lets a caller repeat a write whose answer was lost. An empty token belongs to
        nobody.
        """
        if self._store.change(_CREATE, (*key, *_values(record))):
            return None
        return self.get(key)

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        """Replace the record if state and token are still the expected ones, unless that would undo SENT."""
        if expected.state == SENT != record.state:
            return False
        return self._store.change(_SWAP, (*_values(record), *key, expected.state, expected.token)) == 1

    def sent(self, key: Key, provider_id: str) -> None:
        """Note one acceptance, whatever the state; the count shows duplicates.

        Raises:
            StoreError: there is no such record, so nobody had claimed the delivery.
        """
        if not self._store.change(_SENT, (provider_id, *key)):
            raise StoreError(
                "CC905",
                f"delivery {key.partition} {key.sort} was accepted, but has no record",
                where=self._store.path,
                hint="a delivery is claimed before it is sent",
            )

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        rows = self._store.rows(_GET, key)
        return _record(rows[0]) if rows else None

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        """Every record of one partition, in the order of the sort key."""
        return [_keyed(row) for row in self._store.rows(_RECORDS, (partition,))]

    def latest(self, partition: str, state: str) -> Record | None:
        """The record of that partition and state with the greatest `at`."""
        rows = self._store.rows(_LATEST_RUN if partition.startswith("R#") else _LATEST, (partition, state))
        return _record(rows[0]) if rows else None

    def newest_run(self, task: str) -> tuple[Key, Record] | None:
        """The run of a task with the greatest `at`, whatever became of it."""
        partition = f"R#{task}"
        rows = [row for state in _STATES for row in self._store.rows(_NEWEST_RUN, (partition, state))]
        return max(map(_keyed, rows), key=lambda run: run[1].at, default=None)

    def missed(self, since: float) -> dict[str, int]:
        """How many runs of each task were missed that were due at that time (epoch seconds) or later."""
        return {partition.removeprefix("R#"): count for partition, count in self._store.rows(_MISSED, (since,))}

    def deliveries(self, notifier: str) -> dict[str, int]:
        """How many deliveries of a notifier are in each state; what concerns a message as a whole is none."""
        return dict(self._store.rows(_DELIVERIES, (f"E#{notifier}#", f"E#{notifier}$")))

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:
        """Runs that are claimed, recorded or waiting for a retry, of one partition or of all, oldest first."""
        found = [_keyed(row) for row in self._store.rows(_OPEN_RUNS)]
        return found if partition is None else [run for run in found if run[0].partition == partition]

    def given_up(self, task: str | None, since: float, limit: int) -> tuple[list[tuple[Key, Record]], int]:
        """Runs that failed for good or were missed, of one task or of all, and how many there are.

        Those that were due at that time (epoch seconds) or later; of them the newest ones, oldest first.
        """
        partition = None if task is None else f"R#{task}"
        values = (since, partition, partition)
        [(count,)] = self._store.rows(_COUNT_GIVEN_UP, values)
        rows = self._store.rows(_NEWEST_GIVEN_UP, (*values, limit))
        return [_keyed(row) for row in reversed(rows)], count

    def untold(self) -> list[tuple[Key, Record]]:
        """Runs that failed for good or were missed and are not marked as told; by state and task, oldest first."""
        return [_keyed(row) for row in self._store.rows(_UNTOLD)]


def _keyed(row: tuple[Any, ...]) -> tuple[Key, Record]:
    return Key(row[0], row[1]), _record(row[2:])


def _record(row: tuple[Any, ...]) -> Record:
    state, token, lease, attempts, ambiguous, not_before, source, digest, provider, accepts, forwarded, *rest = row
    return Record(
        state, token, lease, attempts, ambiguous, not_before, source, digest, provider, accepts, bool(forwarded), *rest
    )
