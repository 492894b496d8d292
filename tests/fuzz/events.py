"""What a notifier is called with: a batch from SQS, with envelopes, wrappers of SNS and anything else in records."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cloud_cron import CloudCron
from cloud_cron.errors import EventError
from cloud_cron.messages import Message, Reference, envelope, opened
from cloud_cron.runtime import Runtime
from cloud_cron.runtime.events import batch, carried
from tests.fuzz.target import Target, assert_well_said, json_of
from tests.runtime.support import QUEUE, START, World

if TYPE_CHECKING:
    from cloud_cron.ports import Received

_WHOLE: Final = frozenset({"CC601", "CC602"})
_PARKED: Final = frozenset(
    {
        "CC203",
        "CC230",
        "CC231",
        "CC411",
        "CC603",
        "CC604",
        "CC605",
        "CC606",
        "CC610",
        "CC611",
        "CC612",
        "CC613",
        "CC614",
    }
)
_REASON: Final = 1_000


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "5d6f"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@cache
def _app() -> CloudCron:
    app = CloudCron("weather")
    app.schedule("cron(0 8 * * ? *)", topics=["reports"], name="morning")(lambda: None)
    app.notifier("print", topics=["reports"], name="show")(lambda message: str(message.payload.get("text", "none")))
    return app


def check(data: bytes) -> None:
    """A batch is refused as a whole and nothing happens, or each of its records is sent, parked, or comes back."""
    try:
        event = json_of(data)
    except ValueError:
        return
    world = World()
    runtime = Runtime(_app(), _app().model(), world.ports, stage="dev", queues={"show": QUEUE})
    try:
        answer = runtime.handle("show", event, Context())
    except EventError as error:
        assert_well_said(error, _WHOLE)
        assert (world.post.calls, world.ledger.rows, world.bus.dead) == ([], {}, {})
        return
    records = batch(event, "show")
    assert answer.keys() == {"batchItemFailures"}
    failures = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
    settled = {each.message.id for each in world.journal.deliveries} | {each.id for each, _ in world.bus.dead.values()}
    assert not [each for each in world.journal.deliveries if each.status == "retry"], world.journal.deliveries
    for _, attributes in world.bus.dead.values():
        assert attributes["cc_error_code"] in _PARKED, attributes
        assert len(attributes["cc_error"]) <= _REASON
    for received in records:
        assert {received.id, travelled(received)} & (failures | settled), received


def travelled(received: Received) -> str:
    """The id of the message in a record; what was read is what an envelope of its own says."""
    try:
        found = carried(received, ("reports",), QUEUE)
    except EventError:
        return ""
    if found.elsewhere is None and found.message.topic and found.message.id:
        again = opened(json.loads(envelope("weather", "dev", found.message)))
        assert again == replace(found.message, **_whole_seconds(found.message))
    return found.message.id


def _whole_seconds(message: Message) -> dict[str, Any]:
    due = message.scheduled_at
    return {
        "scheduled_at": due.replace(microsecond=0) if due else None,
        "issued_at": message.issued_at.replace(microsecond=0),
    }


def _record(body: str, **changes: Any) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1893456000000",
        "MessageGroupId": "g",
        "MessageDeduplicationId": "d",
    }
    return {
        "messageId": "sqs-1",
        "receiptHandle": "handle",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {"topic": {"stringValue": "reports", "dataType": "String"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        **changes,
    }


def _seeds() -> tuple[str, ...]:
    ours = Message("reports", {"text": "hello"}, "M1", "morning", "morning@2030-01-01T00:00:00Z", START, START)
    body = envelope("weather", "dev", ours)
    far = envelope("weather", "dev", ours, Reference("theirs", "payloads/x", "0" * 64, 300_000))
    wrapped = json.dumps(
        {"Type": "Notification", "Message": body, "MessageAttributes": {"topic": {"Value": "reports"}}}
    )
    events: list[Any] = [
        {},
        {"Records": [_record(body)]},
        {"Records": [_record(body), _record('{"text": "x"}', messageId="sqs-2"), _record("[1]", messageId="sqs-3")]},
        {"Records": [_record(far), _record(wrapped, messageId="sqs-2", messageAttributes={})]},
        {"Records": [_record(body, eventSourceARN="arn:aws:sqs:x:1:o.fifo")]},
        {"Records": [_record(body.replace('"cloud_cron":1', '"cloud_cron":99'))]},
        {"Records": [_record(body.replace("2030", "0001").replace('Z"', '+14:00"'))]},
        {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]},
        {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": body}}]},
    ]
    return tuple(map(json.dumps, events))


TARGET: Final = Target(
    "events",
    check,
    seeds=_seeds(),
    modules=("cloud_cron.runtime.batch", "cloud_cron.runtime.delivery", "cloud_cron.runtime.attempt"),
    words=("reports", QUEUE, "aws:sqs", "2030-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "Notification", "M1"),
    is_json=True,
)
