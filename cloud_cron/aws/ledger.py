"""The ledger on AWS: one DynamoDB table a stage, conditions instead of locks, and no scan.

Deliveries are `E#<notifier>#<message>`, runs `R#<task>`, overlap locks `L#<task>`. While a run is open there is a
second item for it, `O#<shard>`, written and deleted in the transaction that opens and closes the run, so that open runs
are found by query. A task's open runs are marked in one shard.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from cloud_cron.aws import items
from cloud_cron.aws.table import Table
from cloud_cron.errors import StoreError
from cloud_cron.ports import Key, Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from types_boto3_dynamodb.client import DynamoDBClient

    from cloud_cron.ports import Clock

TASK_ACTIONS: Final = ("DeleteItem", "GetItem", "PutItem", "Query")
"""What a task does with its `R#` and `L#`, and with `O#`. A transaction is allowed by the actions of its items
(DynamoDB Developer Guide, "Using IAM with DynamoDB transactions")."""

MAINTENANCE_ACTIONS: Final = ("BatchGetItem", *TASK_ACTIONS)
"""What maintenance does with the same of every task."""

NOTIFIER_ACTIONS: Final = ("GetItem", "PutItem", "Query", "UpdateItem")
"""What a notifier does with its `E#`."""

SHARDS: Final = 8
OPEN: Final = frozenset({"CLAIMED", "RECORDED", "RETRY"})
SENT: Final = "SENT"
LARGEST: Final = 400 * 1024
_ROOM: Final = 4_096
_FIRST_PAGE: Final = 8
_FREE: Final = "attribute_not_exists(pk)"
_OWN: Final = f"{_FREE} OR ({items.CLAIM} = :token AND {items.STATE} <> :sent)"
_EXPECTED: Final = f"{items.STATE} = :state AND {items.CLAIM} = :token"
_ACCEPT: Final = f"SET {items.STATE} = :sent, {items.PROVIDER} = :id, {items.ANSWER} = :answer ADD {items.ACCEPTS} :one"
_NOT_YET: Final = f"attribute_exists(pk) AND (attribute_not_exists({items.ANSWER}) OR {items.ANSWER} <> :answer)"


class DynamoLedger:
    """The port `Ledger` on a client that the caller made; each write and `get` is one call.

    Reads are consistent. A record may be deleted `horizon` seconds after it was last written, by the table's time to
    live on the attribute `exp`; until DynamoDB gets to it, it counts. Partitions in `kept` are never deleted from.
    Everything raises `StoreError`: CC908 for a call that AWS refused or that did not get through, CC907 for a record
    that no item holds, CC905 for an acceptance without a record.
    """

    def __init__(
        self, client: DynamoDBClient, table: str, *, clock: Clock, horizon: float, kept: Collection[str] = ()
    ) -> None:
        """`horizon` is in seconds."""
        self._table = Table(client, table)
        self._clock = clock
        self._horizon = horizon
        self._kept = frozenset(kept)

    def create(self, key: Key, record: Record) -> Record | None:
        """Write the record when nothing is there, or what this very claim wrote; otherwise return what is there."""
        if record.token:
            return self._put(key, record, _OWN, {":token": record.token, ":sent": SENT}, marked=_is_run(key))
        return self._put(key, record, _FREE, {}, marked=_is_run(key))

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        """Replace the record if state and token are still the expected ones, unless that would undo SENT."""
        if expected.state == SENT != record.state:
            return False
        marked = _is_run(key) and (expected.state in OPEN) != (record.state in OPEN)
        values = {":state": expected.state, ":token": expected.token}
        return self._put(key, record, _EXPECTED, values, marked=marked) is None

    def sent(self, key: Key, provider_id: str) -> None:
        """Note one acceptance, whatever the state; the count shows duplicates, and counts a lost answer once."""
        values = {
            ":sent": {"S": SENT},
            ":id": {"S": provider_id},
            ":answer": {"S": os.urandom(6).hex()},
            ":one": {"N": "1"},
        }
        stood = self._table.update(key, _ACCEPT, _NOT_YET, values)
        if stood is not None and not stood.item:
            message = f"delivery {key.partition} {key.sort} was accepted, but has no record"
            hint = "a delivery is claimed before it is sent"
            raise StoreError("CC905", message, where=self._table.name, hint=hint)

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        found = self._table.get(key)
        return items.record(found) if found else None

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        """Every record of one partition, in the order of the sort key."""
        return [items.keyed(found) for found in self._table.query("pk = :pk", {":pk": partition})]

    def latest(self, partition: str, state: str) -> Record | None:
        """The record of that partition and state with the greatest `at`.

        Runs that are due at a time have it as their sort key, so that the newest is found from the end; those on demand
        come before them, in no order.
        """
        values = {":pk": partition}
        if not partition.startswith("R#"):
            found = list(self._table.query("pk = :pk", values, state=state))
        else:
            values[":digits"] = "0"
            found = list(self._table.query("pk = :pk AND sk < :digits", values, state=state))
            condition = "pk = :pk AND sk >= :digits"
            due = self._table.query(condition, values, state=state, backwards=True, limit=_FIRST_PAGE)
            newest = next(due, None)
            found += [newest] if newest else []
        return max(map(items.record, found), key=lambda record: record.at, default=None)

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:
        """Runs that are claimed, recorded or waiting for a retry, of one partition or of all, oldest first."""
        if partition is None:
            shards, begin = [f"O#{number}" for number in range(SHARDS)], "R#"
        else:
            shards, begin = [_shard(partition)], f"{partition}|"
        condition = "pk = :pk AND begins_with(sk, :begin)"
        marks = [mark for shard in shards for mark in self._table.query(condition, {":pk": shard, ":begin": begin})]
        wanted = [Key(*mark["sk"]["S"].split("|", 1)) for mark in marks]
        found = [items.keyed(each) for each in (self._table.batch(wanted) if partition is None else self._each(wanted))]
        return sorted((run for run in found if run[1].state in OPEN), key=lambda run: (run[1].at, run[0]))

    def _put(self, key: Key, record: Record, condition: str, values: dict[str, str], *, marked: bool) -> Record | None:
        """Write under a condition, with the mark of an open run when `marked`: None, or the record that stands there.

        What equals the record after a lost answer is our own. `swap` on nothing finds a record of no state.
        """
        _fit(self._table.name, key, record)
        item = items.item(key, record, self._expires(key, self._horizon))
        stood = self._table.put(item, condition, values, self._mark(key, record) if marked else None)
        if stood is None:
            return None
        found = items.record(stood.item) if stood.item else Record("")
        return None if stood.retried and found == record else found

    def _each(self, wanted: list[Key]) -> Iterator[items.Item]:
        """The items of a few keys, without the permission that a batch needs."""
        return filter(None, map(self._table.get, wanted))

    def _mark(self, key: Key, record: Record) -> dict[str, Any]:
        """The write that keeps the mark of a run in step with its state; it outlives the run's record."""
        mark = Key(_shard(key.partition), "|".join(key))
        if record.state not in OPEN:
            return {"Delete": {"Key": items.keys(mark)}}
        return {"Put": {"Item": items.keys(mark) | items.expiry(self._expires(key, 2 * self._horizon))}}

    def _expires(self, key: Key, horizon: float) -> int | None:
        return None if key.partition in self._kept else round(self._clock.now().timestamp() + horizon)


def _is_run(key: Key) -> bool:
    return key.partition.startswith("R#")


def _shard(partition: str) -> str:
    return f"O#{crc32(partition.encode()) % SHARDS}"


def _fit(table: str, key: Key, record: Record) -> None:
    """Refuse what no item holds before DynamoDB does (DynamoDB Developer Guide, "Quotas": 400 KB)."""
    size = len(record.data.encode("utf-8", "surrogatepass")) + len(record.reason.encode("utf-8", "surrogatepass"))
    if size > LARGEST - _ROOM:
        message = f"the record of {key.partition} {key.sort} has {size:,} bytes, and an item holds {LARGEST:,}"
        raise StoreError("CC907", message, where=table, hint="return a reference to the data instead")
