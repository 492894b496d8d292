"""One DynamoDB table: conditional writes that tell what stood in the way, and reads page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import items
from cloud_cron.aws.refusals import Stood, is_conflict, stood, telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from types_boto3_dynamodb.client import DynamoDBClient

    from cloud_cron.aws.items import Item
    from cloud_cron.ports import Key

CONFLICTS: Final = 5
"""Tries of a write that meets another worker's transaction; the SDK makes none of its own."""

BATCH: Final = 100
"""Keys of one call (DynamoDB API reference, BatchGetItem)."""


class Table:
    """A table with a partition key `pk` and a sort key `sk`; reads are consistent, refusals are `StoreError`s."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        """The client is the caller's."""
        self._client: Any = client
        self.name = name

    def put(
        self, item: Item, condition: str, values: Mapping[str, str], beside: Mapping[str, Any] | None = None
    ) -> Stood | None:
        """Write an item under a condition, and with it in one transaction what is `beside` it, without one.

        None, or what stood in the way. A transaction that the client repeats, because its answer was lost, is made once
        (DynamoDB API reference, TransactWriteItems, ClientRequestToken).
        """
        write = {**_conditional(condition, values), "TableName": self.name, "Item": item}
        if beside is None:
            return self._tried(self._client.put_item, write)
        ((kind, other),) = beside.items()
        both = [{"Put": write}, {kind: {"TableName": self.name, **other}}]
        return self._tried(self._client.transact_write_items, {"TransactItems": both})

    def update(self, key: Key, change: str, condition: str, values: Mapping[str, Any]) -> Stood | None:
        """Change an item under a condition: None, or what stood in the way. `values` are typed."""
        update = {**_conditional(condition, {}), "TableName": self.name, "Key": items.keys(key)}
        update |= {"UpdateExpression": change, "ExpressionAttributeValues": values}
        return self._tried(self._client.update_item, update)

    def get(self, key: Key) -> Item | None:
        """One item, or None."""
        with telling(self.name):
            answer = self._client.get_item(TableName=self.name, Key=items.keys(key), ConsistentRead=True)
        found: Item | None = answer.get("Item")
        return found

    def query(
        self,
        condition: str,
        values: Mapping[str, str],
        *,
        state: str | None = None,
        backwards: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """The items of a partition, page by page, if need be of one state.

        `limit` is how many are read for the first page; each further one is four times as large, since a page is paid
        for whole, whatever is wanted of it.
        """
        typed = {name: {"S": value} for name, value in values.items()}
        request: dict[str, Any] = {"KeyConditionExpression": condition, "ExpressionAttributeValues": typed}
        if state is not None:
            typed[":state"] = {"S": state}
            request["FilterExpression"] = f"{items.STATE} = :state"
        while True:
            if limit is not None:
                request["Limit"] = limit
                limit *= 4
            with telling(self.name):
                answer = self._client.query(
                    TableName=self.name, ConsistentRead=True, ScanIndexForward=not backwards, **request
                )
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def batch(self, wanted: Sequence[Key]) -> Iterator[Item]:
        """The items of these keys, in no order; DynamoDB leaves some for another call when it has much to do."""
        for start in range(0, len(wanted), BATCH):
            named = [items.keys(key) for key in wanted[start : start + BATCH]]
            asked: dict[str, Any] = {self.name: {"Keys": named, "ConsistentRead": True}}
            while asked:
                with telling(self.name):
                    answer = self._client.batch_get_item(RequestItems=asked)
                yield from answer["Responses"].get(self.name, ())
                asked = answer.get("UnprocessedKeys", {})

    def _tried(self, method: Any, request: Mapping[str, Any]) -> Stood | None:  # noqa: ANN401 - a client's method
        from botocore.exceptions import ClientError  # noqa: PLC0415 - loaded by whoever made the client

        with telling(self.name):
            for left in reversed(range(CONFLICTS)):
                try:
                    method(**request)
                except ClientError as error:
                    found = stood(error)
                    if found is not None:
                        return found
                    if not (left and is_conflict(error)):
                        raise
                else:
                    break
        return None


def _conditional(condition: str, values: Mapping[str, str]) -> dict[str, Any]:
    """A condition that answers with what stands in its way (DynamoDB API reference, PutItem)."""
    made: dict[str, Any] = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if values:
        made["ExpressionAttributeValues"] = {name: {"S": value} for name, value in values.items()}
    return made
