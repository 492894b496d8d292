"""What a delivery costs its ledger when nothing goes wrong: two writes of a small record, and no read."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.runtime.batch import deliver_batch
from tests.aws.dynamodb import table
from tests.runtime.support import START, World, desk, message, plenty, received

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cloud_cron.ports import Ledger

MESSAGES, PEOPLE = 10, ("ada@x.org", "bob@x.org", "eve@x.org")
DELIVERIES = MESSAGES * len(PEOPLE)


class CountedStore(Store):
    """A database that counts what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        self.asked["read"] += 1
        return super().rows(sql, parameters)

    def change(self, sql: str, parameters: Sequence[object] = ()) -> int:
        self.asked["write"] += 1
        return super().change(sql, parameters)


@contextmanager
def calls_of(client: Any) -> Iterator[Counter[str]]:
    """The calls that a client makes, by their names."""
    calls: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    client.meta.events.register("before-call.dynamodb", count)
    try:
        yield calls
    finally:
        client.meta.events.unregister("before-call.dynamodb", count)


def deliver(ledger: Ledger) -> int:
    """How many were accepted of ten messages for three people each."""
    world = World()
    world.ledger = ledger  # type: ignore[assignment]
    batch = [received(message(number)) for number in range(MESSAGES)]

    assert deliver_batch(desk(world, lambda _: "text", recipients=PEOPLE), batch, plenty) == {"batchItemFailures": []}
    return len(world.post.accepted)


def test_a_delivery_is_two_writes_and_no_read_of_the_database():
    with CountedStore() as store:
        store.asked.clear()

        assert deliver(SqliteLedger(store)) == DELIVERIES
        assert store.asked == {"write": 2 * DELIVERIES}


@pytest.mark.moto
def test_a_delivery_is_two_writes_and_no_read_of_the_table():
    with table() as (client, name), calls_of(client) as calls:
        assert deliver(DynamoLedger(client, name, clock=VirtualClock(START), horizon=3_024_000)) == DELIVERIES
        assert calls == {"PutItem": DELIVERIES, "UpdateItem": DELIVERIES}


@pytest.mark.moto
def test_each_of_the_writes_is_one_unit():
    """A write unit is a kilobyte of names and values (DynamoDB Developer Guide, "Read and write operations")."""
    with table() as (client, name):
        deliver(DynamoLedger(client, name, clock=VirtualClock(START), horizon=3_024_000))
        items = client.scan(TableName=name)["Items"]

    assert len(items) == DELIVERIES
    assert max(sum(len(key) + len(str(value)) for key, value in item.items()) for item in items) < 1024
