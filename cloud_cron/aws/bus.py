"""The bus on AWS: SNS FIFO topics to publish to, and the SQS FIFO queue that feeds a notifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.aws.bus_calls import called
from cloud_cron.aws.limits import batches, check_queue, check_topic, delay_seconds
from cloud_cron.errors import BusError, did_you_mean
from cloud_cron.ports import Outgoing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from types_boto3_sns.client import SNSClient
    from types_boto3_sns.type_defs import PublishBatchRequestEntryTypeDef
    from types_boto3_sqs.client import SQSClient

    from cloud_cron.aws.resources import Resources
    from cloud_cron.ports import Received


class SnsSqsBus:
    """The port `Bus` over two boto3 clients; it opens nothing itself.

    Ids are explicit, so that topics and queues need no content-based deduplication, under which two equal payloads
    within five minutes would be one message (SNS Developer Guide, "Message deduplication for FIFO topics").
    """

    def __init__(self, sns: SNSClient | None, sqs: SQSClient | None, resources: Resources) -> None:
        """`resources` says which ARN a topic has and which queues are the notifier's own.

        A function that has no topic, or no queue, has no client for them.
        """
        self._sns: Any = sns
        self._sqs: Any = sqs
        self._resources = resources

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Publish in order, ten at a time; the first batch that is not taken whole ends it, and repeating is safe.

        A topic that is not FIFO (an existing ARN of the user's own) takes neither group nor deduplication id, so that a
        repeat is delivered again there (recorded on AWS: "MessageDeduplicationId ... not valid for this topic type").
        """
        arn = self._arn(topic)
        check_topic(topic, messages)
        entry = _fifo_entry if arn.endswith(".fifo") else _plain_entry
        for batch in batches(messages):
            entries = [entry(str(index), message) for index, message in enumerate(batch)]
            answer = called(
                f"topic '{topic}'", self._sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=entries
            )
            _refuse_partial(topic, batch, answer)

    def delay(self, received: Received, seconds: int) -> None:
        """Set the visibility timeout of one message; SQS grants at most 12 hours from the receive."""
        called(
            received.queue,
            self._sqs.change_message_visibility,
            QueueUrl=self._url("queue", self._resources.queue_url),
            ReceiptHandle=received.handle,
            VisibilityTimeout=delay_seconds(seconds),
        )

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Send a copy to the dead-letter queue; within five minutes the same `dedup` is the same copy."""
        check_queue(received.queue, Outgoing(dedup, received.group, received.body), attributes)
        called(
            received.queue,
            self._sqs.send_message,
            QueueUrl=self._url("dead-letter queue", self._resources.dead_letter_url),
            MessageBody=received.body,
            MessageGroupId=received.group,
            MessageDeduplicationId=dedup,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    def _arn(self, topic: str) -> str:
        arn = self._resources.topic(topic)
        if arn is None:
            message, hint = f"this function has no topic '{topic}'", did_you_mean(topic, self._resources.topics)
            raise BusError("CC223", message, where=f"topic '{topic}'", hint=hint)
        return arn

    def _url(self, kind: str, url: str) -> str:
        if not url:
            raise BusError("CC223", f"this function has no {kind}", hint="only notifiers have one; deploy again")
        return url


def _fifo_entry(entry: str, message: Outgoing) -> PublishBatchRequestEntryTypeDef:
    return {
        "Id": entry,
        "Message": message.body,
        "MessageGroupId": message.group,
        "MessageDeduplicationId": message.id,
    }


def _plain_entry(entry: str, message: Outgoing) -> PublishBatchRequestEntryTypeDef:
    return {"Id": entry, "Message": message.body}


def _refuse_partial(topic: str, batch: Sequence[Outgoing], answer: Mapping[str, Any]) -> None:
    """Raise unless every entry was taken: the status is 200 either way (SNS API reference, PublishBatch)."""
    failed = {
        entry["Id"]: f"{entry['Code']}: {entry.get('Message', '')}".rstrip(": ") for entry in answer.get("Failed", ())
    }
    taken = {entry["Id"] for entry in answer.get("Successful", ())}
    lost = [(index, failed.get(str(index), "no answer")) for index in range(len(batch)) if str(index) not in taken]
    if lost:
        reasons = ", ".join(f"{batch[index].id} ({why})" for index, why in lost)
        raise BusError(
            "CC224",
            f"topic '{topic}' did not take {len(lost)} of {len(batch)} messages: {reasons}",
            where=f"topic '{topic}'",
            hint="publishing again is safe: what was taken is not delivered twice within five minutes",
        )
