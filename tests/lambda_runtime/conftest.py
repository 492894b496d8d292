"""Functions as Lambda runs them, and an AWS on the loopback interface for those that call it."""

from __future__ import annotations

import compileall
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import cloud_cron
from tests.aws.dynamodb import KEYS
from tests.lambda_runtime.runtime_api import Function

NUMBERS = count()
FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}


@pytest.fixture(scope="session", autouse=True)
def bytecode():
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)


@pytest.fixture
def function(tmp_path):
    """A function of an app: `function(source, handler, **environment)`."""

    def made(source: str, handler: str, **environment: str) -> Function:
        (tmp_path / "app.py").write_text(source, encoding="utf-8")
        names = {"CLOUD_CRON_APP": "app", "CLOUD_CRON_STAGE": "dev", "CLOUD_CRON_HANDLER": handler}
        return Function(tmp_path, {**names, **environment})

    return made


class Cloud:
    """The emulator moto as a server, and clients for it."""

    def __init__(self, url: str) -> None:
        import boto3  # noqa: PLC0415 - beside its one use

        self.url = url
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        self._made = {name: session.client(name, endpoint_url=url) for name in ("sns", "sqs", "dynamodb")}

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
