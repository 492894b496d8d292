"""The worlds in which the contract of the bus is checked: a database, memory, and SNS and SQS in the emulator moto.

A world is a bus with one topic "reports", one queue on it with its dead-letter queue, and the hands of the service:
what receives, deletes, and lets time pass.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Protocol

import pytest

from cloud_cron.aws.bus import SnsSqsBus
from cloud_cron.aws.resources import Resources
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.store import Store
from cloud_cron.ports import Received
from cloud_cron.testing.simulator.bus import MemoryBus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.ports import Bus

START = datetime(2030, 1, 1, tzinfo=UTC)
NUMBERS = count()


class World(Protocol):
    bus: Bus
    emulated: bool

    def receive(self, limit: int = 10) -> list[Received]: ...

    def delete(self, received: Received) -> None: ...

    def dead(self) -> list[Received]: ...

    def pass_time(self, seconds: int) -> None: ...


class LocalWorld:
    emulated = False

    def __init__(self, local: LocalBus | MemoryBus, clock: VirtualClock) -> None:
        self.clock = clock
        self.local = local
        self.bus: Bus = local
        self.local.create_queue("d", visibility=30, max_receives=0, dead_letter=None)
        self.local.create_queue("q", visibility=30, max_receives=5, dead_letter="d")
        self.local.subscribe("reports", "q")

    def receive(self, limit: int = 10) -> list[Received]:
        return self.local.receive("q", limit)

    def delete(self, received: Received) -> None:
        self.local.delete("q", received.handle)

    def dead(self) -> list[Received]:
        return self.local.peek("d")

    def pass_time(self, seconds: int) -> None:
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))


@contextmanager
def local() -> Iterator[World]:
    with Store() as store:
        clock = VirtualClock(START)
        yield LocalWorld(LocalBus(store, clock, RandomIds()), clock)


@contextmanager
def memory() -> Iterator[World]:
    clock = VirtualClock(START)
    yield LocalWorld(MemoryBus(clock), clock)


class AwsWorld:
    emulated = True

    def __init__(self, sns, sqs, traveller) -> None:
        self.sqs, self.traveller = sqs, traveller
        number = next(NUMBERS)
        fifo = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
        self.dead_url = sqs.create_queue(QueueName=f"d{number}.fifo", Attributes=fifo)["QueueUrl"]
        self.url = sqs.create_queue(QueueName=f"q{number}.fifo", Attributes={**fifo, "VisibilityTimeout": "30"})[
            "QueueUrl"
        ]
        self.arn = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        scope = {"FifoTopic": "true", "ContentBasedDeduplication": "false", "FifoThroughputScope": "MessageGroup"}
        topic = sns.create_topic(Name=f"t{number}.fifo", Attributes=scope)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=self.arn, Attributes={"RawMessageDelivery": "true"})
        self.bus: Bus = SnsSqsBus(sns, sqs, Resources({"reports": topic}, self.url, self.dead_url))

    def receive(self, limit: int = 10) -> list[Received]:
        return self._receive(self.url, limit)

    def delete(self, received: Received) -> None:
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=received.handle)

    def dead(self) -> list[Received]:
        return self._receive(self.dead_url, 10)

    def pass_time(self, seconds: int) -> None:
        self.traveller.shift(seconds)

    def _receive(self, url: str, limit: int) -> list[Received]:
        answer = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=limit, MessageSystemAttributeNames=["All"], MessageAttributeNames=["All"]
        )
        return [self._received(message) for message in answer.get("Messages", [])]

    def _received(self, message) -> Received:
        system = message["Attributes"]
        given = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
        return Received(
            message["MessageId"],
            message["ReceiptHandle"],
            message["Body"],
            system["MessageGroupId"],
            system["MessageDeduplicationId"],
            int(system["ApproximateReceiveCount"]),
            int(system["SentTimestamp"]) / 1000,
            given,
            self.arn,
        )


@pytest.fixture(scope="module")
def clients():
    """One pair of clients for the module: each costs more than all its calls."""
    boto3, moto = pytest.importorskip("boto3"), pytest.importorskip("moto")
    with moto.mock_aws():
        yield boto3.client("sns", "us-east-1"), boto3.client("sqs", "us-east-1")


@contextmanager
def aws(clients) -> Iterator[World]:
    import time_machine  # noqa: PLC0415 - only this world needs it

    sns, sqs = clients
    with time_machine.travel(START, tick=False) as traveller:
        yield AwsWorld(sns, sqs, traveller)


@pytest.fixture(params=[pytest.param(local), pytest.param(memory), pytest.param(aws, marks=pytest.mark.moto)])
def world(request):
    made = aws(request.getfixturevalue("clients")) if request.param is aws else request.param()
    with made as world:
        yield world
