"""Queues and topics on moto, behind the protocol that the local engine drives."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.bus import SnsSqsBus
from cloud_cron.aws.resources import Resources
from cloud_cron.ports import Received

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_sns.client import SNSClient
    from types_boto3_sqs.client import SQSClient
    from types_boto3_sqs.type_defs import MessageTypeDef

    from cloud_cron.ports import Clock, Outgoing

REGION: Final = "us-east-1"
_RETENTION: Final = 14 * 86_400
_LONGEST_NAME: Final = 80
_GRAIN: Final = timedelta(milliseconds=1)


class MotoBus:
    """The protocol `Queues` over two boto3 clients and moto's own objects; see `cloud_cron.testing.moto` for why."""

    clock: Clock

    def __init__(self, sns: SNSClient, sqs: SQSClient) -> None:
        """Nothing is made before the engine asks for it. `topics` are ARNs; `dead` is the dead-letter queue of each."""
        self.topics: dict[str, str] = {}
        self.urls: dict[str, str] = {}
        self.dead: dict[str, str] = {}
        self._arns: dict[str, str] = {}
        self._sns = sns
        self._sqs = sqs

    def create_queue(self, name: str, *, visibility: int, max_receives: int, dead_letter: str | None) -> str:
        """A FIFO queue of high throughput, with the settings that it has in AWS."""
        attributes: dict[str, str] = {
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
            "VisibilityTimeout": str(visibility),
            "MessageRetentionPeriod": str(_RETENTION),
        }
        if dead_letter is not None:
            policy = {"deadLetterTargetArn": self._arns[dead_letter], "maxReceiveCount": max_receives}
            attributes["RedrivePolicy"] = json.dumps(policy)
            self.dead[name] = dead_letter
        made = self._sqs.create_queue(QueueName=_fifo(name), Attributes=attributes)  # type: ignore[arg-type]  # a literal's keys
        self.urls[name] = made["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=made["QueueUrl"], AttributeNames=["QueueArn"])
        self._arns[name] = found["Attributes"]["QueueArn"]
        return self._arns[name]

    def subscribe(self, topic: str, queue: str) -> None:
        """Raw delivery, as the template writes it."""
        self._sns.subscribe(
            TopicArn=self._topic(topic),
            Protocol="sqs",
            Endpoint=self._arns[queue],
            Attributes={"RawMessageDelivery": "true"},
        )

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Through the bus of AWS."""
        self._topic(topic)
        SnsSqsBus(self._sns, self._sqs, Resources(self.topics)).publish(topic, messages)

    def delay(self, received: Received, seconds: int) -> None:
        """Through the bus of AWS."""
        self._bus(received).delay(received, seconds)

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Through the bus of AWS."""
        self._bus(received).forward(received, dedup, attributes)

    def receive(self, queue: str, limit: int = 10) -> list[Received]:
        """Up to `limit` messages, each of another group."""
        self._drop_expired(queue)
        batch: list[Received] = []
        while len(batch) < limit:
            answer = self._sqs.receive_message(
                QueueUrl=self.urls[queue],
                MaxNumberOfMessages=1,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            )
            if not answer.get("Messages"):
                break
            batch.append(_received(answer["Messages"][0], self._arns[queue]))
        return batch

    def delete(self, queue: str, handle: str) -> None:
        """Forget a received message."""
        self._sqs.delete_message(QueueUrl=self.urls[queue], ReceiptHandle=handle)

    def next_visible(self, queue: str) -> datetime | None:
        """When the first head of a group may be received."""
        self._drop_expired(queue)
        heads: dict[str, Any] = {}
        for message in self._messages(queue):
            heads.setdefault(message.group_id, message)
        now = self.clock.now()
        times = [datetime.fromtimestamp(head.visible_at / 1000, UTC) for head in heads.values()]
        return min((now if time < now else time + _GRAIN for time in times), default=None)

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages wait, and how many are in flight."""
        self._drop_expired(queue)
        waiting = [message.visible for message in self._messages(queue)]
        return waiting.count(True), waiting.count(False)

    def peek(self, queue: str, limit: int = -1) -> list[Received]:
        """Everything that moto holds, or the first few, in flight or not."""
        self._drop_expired(queue)
        found = list(self._messages(queue))
        return [
            Received(
                message.id,
                message.receipt_handle or "",
                message.body,
                message.group_id,
                message.deduplication_id,
                message.approximate_receive_count,
                message.sent_timestamp / 1000,
                _attributes(message.message_attributes),
                self._arns[queue],
            )
            for message in (found if limit < 0 else found[:limit])
        ]

    def redrive(self, dead_letter: str, to: str | None = None) -> int:
        """One message after the other, back to where it came from."""
        [source] = [to] if to else [name for name, dead in self.dead.items() if dead == dead_letter]
        moved = 0
        for found in iter(lambda: self.receive(dead_letter, 1), []):
            attributes = {
                name: {"DataType": "String", "StringValue": text} for name, text in found[0].attributes.items()
            }
            self._sqs.send_message(
                QueueUrl=self.urls[source],
                MessageBody=found[0].body,
                MessageGroupId=found[0].group,
                MessageDeduplicationId=found[0].id,
                MessageAttributes=attributes,  # type: ignore[arg-type]  # a literal's keys
            )
            self.delete(dead_letter, found[0].handle)
            moved += 1
        return moved

    def _topic(self, name: str) -> str:
        if name not in self.topics:
            attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
            made = self._sns.create_topic(Name=_fifo(name), Attributes=attributes)
            self.topics[name] = made["TopicArn"]
        return self.topics[name]

    def _bus(self, received: Received) -> SnsSqsBus:
        """The bus of the function that is fed from the queue."""
        [name] = [name for name, arn in self._arns.items() if arn == received.queue]
        urls = (self.urls[name], self.urls[self.dead[name]])
        return SnsSqsBus(self._sns, self._sqs, Resources(self.topics, *urls))

    def _queue(self, name: str) -> Any:  # noqa: ANN401 - moto's own type
        from moto.sqs.models import sqs_backends  # noqa: PLC0415 - moto is loaded by whoever made the clients

        account = self._arns[name].split(":")[4]
        return sqs_backends[account][REGION].queues[_fifo(name)]

    def _messages(self, queue: str) -> list[Any]:
        messages: list[Any] = self._queue(queue)._messages  # noqa: SLF001 - SQS itself does not show what is in flight
        return messages

    def _drop_expired(self, queue: str) -> None:
        """SQS Developer Guide, "Amazon SQS message quotas": a message is deleted after its retention period."""
        oldest = (self.clock.now().timestamp() - _RETENTION) * 1000
        messages = self._messages(queue)
        messages[:] = [message for message in messages if message.sent_timestamp > oldest]


def _fifo(name: str) -> str:
    """A name for a FIFO topic or queue, of at most 80 characters (SQS API reference, CreateQueue)."""
    suffixed = f"{name}.fifo"
    if len(suffixed) <= _LONGEST_NAME:
        return suffixed
    return f"{name[:50]}-{sha256(name.encode()).hexdigest()[:20]}.fifo"


def _received(message: MessageTypeDef, queue: str) -> Received:
    system = message["Attributes"]
    return Received(
        message["MessageId"],
        message["ReceiptHandle"],
        message["Body"],
        system["MessageGroupId"],
        system["MessageDeduplicationId"],
        int(system["ApproximateReceiveCount"]),
        int(system["SentTimestamp"]) / 1000,
        _attributes(message.get("MessageAttributes", {})),
        queue,
    )


def _attributes(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: value.get("StringValue") or "" for name, value in attributes.items()}
