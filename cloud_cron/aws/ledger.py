"""The ledger on AWS: one DynamoDB table a stage, conditions instead of locks, and no scan.

Deliveries are `E#<notifier>#<message>`, runs `R#<task>`, overlap locks `L#<task>`. While a run is open there is a
second item for it, `O#<shard>`, written and deleted in the transaction that opens and closes the run, so that open runs
are found by query. Whoever may use the table needs PutItem, GetItem and Query on its partitions; a notifier UpdateItem
too, a task DeleteItem, and one that puts runs aside BatchGetItem; a transaction is allowed by its items' actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from cloud_cron.aws import items
from cloud_cron.aws.calls import called, cancelled, refused
from cloud_cron.errors import StoreError
from cloud_cron.ports import Key, Record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from types_boto3_dynamodb.client import DynamoDBClient

    from cloud_cron.ports import Clock

SHARDS: Final = 8
OPEN: Final = frozenset({"CLAIMED", "RECORDED", "RETRY"})
SENT: Final = "SENT"
LARGEST: Final = 400 * 1024
_BATCH: Final = 100
_CONFLICTS: Final = 5
_FREE: Final = "attribute_not_exists(pk)"
_OWN: Final = f"{_FREE} OR ({items.CLAIM} = :token AND {items.STATE} <> :sent)"
_EXPECTED: Final = f"{items.STATE} = :state AND {items.CLAIM} = :token"


class DynamoLedger:
    """The port `Ledger` on a client that the caller made; each method is one call, but for queries with many pages.

    Reads are consistent. A record may be deleted `horizon` seconds after it was last written, by the table's time to
    live on the attribute `exp`; until DynamoDB gets to it, it counts. Partitions in `kept` are never deleted from.
    """

    def __init__(
        self, client: DynamoDBClient, table: str, *, clock: Clock, horizon: float, kept: Collection[str] = ()
    ) -> None:
        """`horizon` is in seconds."""
        self._client: Any = client
        self._table = table
        self._clock = clock
        self._horizon = horizon
        self._kept = frozenset(kept)

    def create(self, key: Key, record: Record) -> Record | None:
        """Write the record when nothing is there, or what this very claim wrote; otherwise return what is there."""
        condition, values = (_OWN, {":token": record.token, ":sent": SENT}) if record.token else (_FREE, {})
        found = self._put(key, record, condition, values, marked=_is_run(key), answered=None)
        return items.record(found) if found is not None else None

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        """Replace the record if state and token are still the expected ones, unless that would undo SENT."""
        if expected.state == SENT != record.state:
            return False
        marked = _is_run(key) and (expected.state in OPEN) != (record.state in OPEN)
        values = {":state": expected.state, ":token": expected.token}
        return self._put(key, record, _EXPECTED, values, marked=marked, answered=record) is None

    def sent(self, key: Key, provider_id: str) -> None:
        """Note one acceptance, whatever the state; the count shows duplicates. `StoreError` without a record."""
        request = {
            "Key": items.keys(key),
            "UpdateExpression": f"SET {items.STATE} = :sent, {items.PROVIDER} = :id ADD {items.ACCEPTS} :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":sent": {"S": SENT}, ":id": {"S": provider_id}, ":one": {"N": "1"}},
        }
        try:
            self._client.update_item(TableName=self._table, **request)
        except self._client.exceptions.ConditionalCheckFailedException:
            message = f"delivery {key.partition} {key.sort} was accepted, but has no record"
            hint = "a delivery is claimed before it is sent"
            raise StoreError("CC905", message, where=self._table, hint=hint) from None
        except Exception as error:
            raise refused(error, self._table) from error

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        answer = self._call("get_item", Key=items.keys(key), ConsistentRead=True)
        return items.record(answer["Item"]) if "Item" in answer else None

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        """Every record of one partition, in the order of the sort key."""
        return [items.keyed(found) for found in self._query("pk = :pk", {":pk": partition})]

    def latest(self, partition: str, state: str) -> Record | None:
        """The record of that partition and state with the greatest `at`.

        Runs that are due at a time have it as their sort key, so that the newest is found from the end; those on demand
        come before them, in no order.
        """
        among = {":pk": partition, ":state": state}
        if not _is_run(Key(partition, "")):
            found = [record for _, record in self.records(partition) if record.state == state]
            return max(found, key=lambda record: record.at, default=None)
        due = self._query("pk = :pk AND sk >= :digits", {**among, ":digits": "0"}, state=True, backwards=True)
        on_demand = self._query("pk = :pk AND sk < :digits", {**among, ":digits": "0"}, state=True)
        newest = next(due, None)
        found = [items.record(each) for each in (*on_demand, *([newest] if newest else []))]
        return max(found, key=lambda record: record.at, default=None)

    def open_runs(self) -> list[tuple[Key, Record]]:
        """Runs that are claimed, recorded or waiting for a retry, oldest first."""
        marks = [mark for shard in range(SHARDS) for mark in self._query("pk = :pk", {":pk": f"O#{shard}"})]
        wanted = [Key(*mark["sk"]["S"].split("|", 1)) for mark in marks]
        found = [
            items.keyed(each)
            for start in range(0, len(wanted), _BATCH)
            for each in self._batch(wanted[start:][:_BATCH])
        ]
        opened = [(key, record) for key, record in found if record.state in OPEN]
        return sorted(opened, key=lambda run: (run[1].at, run[0]))

    def _put(  # noqa: PLR0913 - what a conditional write consists of
        self,
        key: Key,
        record: Record,
        condition: str,
        values: dict[str, str],
        *,
        marked: bool,
        answered: Record | None,
    ) -> items.Item | None:
        """Write under a condition, with the mark of an open run when `marked`: None, or the item that stands there.

        An item equal to `answered` is our own write, whose answer was lost and which was tried again.
        """
        write: dict[str, Any] = {
            "TableName": self._table,
            "Item": items.item(key, record, self._expires(key)),
            "ConditionExpression": condition,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if values:
            write["ExpressionAttributeValues"] = {name: {"S": value} for name, value in values.items()}
        self._fits(key, record)
        if marked:
            return self._transaction(write, self._mark(key, record))
        try:
            self._client.put_item(**write)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            found: items.Item = error.response.get("Item", {})
            retried = error.response["ResponseMetadata"].get("RetryAttempts", 0)
            return None if retried and answered and found and items.record(found) == answered else found
        except Exception as error:
            raise refused(error, self._table) from error
        return None

    def _transaction(self, write: dict[str, Any], mark: dict[str, Any]) -> items.Item | None:
        """Run and mark in one; a conflict with another worker's transaction is over when it is, so try again.

        DynamoDB API reference, TransactWriteItems: the call is idempotent by its token, which the client makes.
        """
        for _ in range(_CONFLICTS):
            try:
                self._client.transact_write_items(TransactItems=[{"Put": write}, mark])
            except self._client.exceptions.TransactionCanceledException as error:
                found = cancelled(error)
                if found is not None:
                    return found
            except Exception as error:
                raise refused(error, self._table) from error
            else:
                return None
        message = "another worker writes the same run again and again"
        raise StoreError("CC908", message, where=self._table, hint="the run is tried again")

    def _mark(self, key: Key, record: Record) -> dict[str, Any]:
        """The write that keeps the mark of a run in step with its state."""
        shard = crc32("|".join(key).encode()) % SHARDS
        mark = items.keys(Key(f"O#{shard}", "|".join(key)))
        if record.state in OPEN:
            return {"Put": {"TableName": self._table, "Item": mark}}
        return {"Delete": {"TableName": self._table, "Key": mark}}

    def _expires(self, key: Key) -> int | None:
        return None if key.partition in self._kept else round(self._clock.now().timestamp() + self._horizon)

    def _fits(self, key: Key, record: Record) -> None:
        """Refuse what an item cannot hold before DynamoDB does (Developer Guide, "Quotas": 400 KB)."""
        size = len(record.data.encode()) + len(record.reason.encode())
        if size > LARGEST - 4_096:
            message = f"the record of {key.partition} {key.sort} has {size:,} bytes, and an item holds {LARGEST:,}"
            raise StoreError("CC907", message, where=self._table, hint="return a reference to the data instead")

    def _query(
        self, condition: str, values: dict[str, str], *, state: bool = False, backwards: bool = False
    ) -> Iterator[items.Item]:
        """The items of a partition, page by page; with `state`, those in the state `:state`."""
        request: dict[str, Any] = {
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
            "ConsistentRead": True,
            "ScanIndexForward": not backwards,
        }
        if state:
            request["FilterExpression"] = f"{items.STATE} = :state"
        while True:
            answer = self._call("query", **request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _batch(self, wanted: list[Key]) -> Iterator[items.Item]:
        """The items of up to 100 keys; DynamoDB leaves some for another call when it has much to do."""
        asked: dict[str, Any] = {self._table: {"Keys": [items.keys(key) for key in wanted], "ConsistentRead": True}}
        while asked:
            answer = called(self._table, self._client.batch_get_item, RequestItems=asked)
            yield from answer["Responses"].get(self._table, ())
            asked = answer.get("UnprocessedKeys", {})

    def _call(self, method: str, **request: Any) -> Any:  # noqa: ANN401 - boto3's own types
        return called(self._table, getattr(self._client, method), TableName=self._table, **request)


def _is_run(key: Key) -> bool:
    return key.partition.startswith("R#")
