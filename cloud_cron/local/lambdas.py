"""Events in the shape in which Lambda hands them over (Lambda Developer Guide, "Using Lambda with Amazon SQS")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.ports import Received


def event(batch: Sequence[Received]) -> dict[str, Any]:
    """The event of one batch; attribute values are strings, as in AWS."""
    return {"Records": [_record(received) for received in batch]}


def _record(received: Received) -> dict[str, Any]:
    sent = str(int(received.sent_at * 1000))
    return {
        "messageId": received.id,
        "receiptHandle": received.handle,
        "body": received.body,
        "attributes": {
            "ApproximateReceiveCount": str(received.receives),
            "SentTimestamp": sent,
            "MessageGroupId": received.group,
            "MessageDeduplicationId": received.dedup,
        },
        "messageAttributes": {
            name: {"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"}
            for name, value in received.attributes.items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": received.queue,
        "awsRegion": "local",
    }
