"""An AWS on the loopback interface, for functions that call it."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from tests.aws.dynamodb import KEYS

NUMBERS = count()
FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}


class Cloud:
    """The emulator moto as a server, and clients for it."""

    def __init__(self, url: str) -> None:
        import boto3  # noqa: PLC0415 - beside its one use

        self.url = url
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        names = ("sns", "sqs", "dynamodb", "sesv2", "secretsmanager")
        self._made: dict[str, Any] = {name: session.client(name, endpoint_url=url) for name in names}  # type: ignore[call-overload]

    def __getattr__(self, name: str) -> Any:
        return self._made[name]

    def stage(self) -> dict[str, Any]:
        """A topic "reports", a queue on it with its dead-letter queue, and a table: as a function is told of them."""
        number = next(NUMBERS)
        dead = self.sqs.create_queue(QueueName=f"d{number}.fifo", Attributes=FIFO)["QueueUrl"]
        queue = self.sqs.create_queue(QueueName=f"q{number}.fifo", Attributes=FIFO)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = self.sns.create_topic(Name=f"t{number}-reports.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        self.dynamodb.create_table(
            TableName=f"ledger{number}",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in KEYS],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS],
        )
        return {
            "topics": {"reports": topic}, "queue": arn, "queue_url": queue, "dead_letter_url": dead,
            "table": f"ledger{number}",
        }  # fmt: skip

    def environment(self, **resources: Any) -> dict[str, str]:
        return {"AWS_ENDPOINT_URL": self.url, "CLOUD_CRON_RESOURCES": json.dumps(resources)}

    def bodies(self, url: str) -> list[dict[str, Any]]:
        """The messages that wait in a queue; they are deleted."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


@pytest.fixture(scope="session")
def cloud():
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield Cloud(f"http://{host}:{port}")
    finally:
        server.stop()
