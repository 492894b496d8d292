"""What a notifier is called with: a batch from SQS, with envelopes, wrappers of SNS and anything else in records."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import EventError
from cloud_cron.messages import Message, Reference, envelope, opened
from cloud_cron.runtime import Runtime
from cloud_cron.runtime.events import batch, carried
from tests.bad_input.catalogue.events import API, S3
from tests.bad_input.ways.invocations import Context, app, record
from tests.fuzz.target import Target, assert_well_said, json_of
from tests.runtime.support import QUEUE, START, World

if TYPE_CHECKING:
    from cloud_cron.ports import Received

_WHOLE: Final = frozenset({"CC601", "CC602"})
_PARKED: Final = frozenset(
    {
        *("CC203", "CC230", "CC231", "CC411"),
        *("CC603", "CC604", "CC605", "CC606", "CC610", "CC611", "CC612", "CC613", "CC614"),
    }
)
_REASON: Final = 1_000
APP: Final = app()
TOPIC: Final = {"topic": {"stringValue": "reports", "dataType": "String"}}


def check(data: bytes) -> None:
    """A batch is refused as a whole and nothing happens, or each of its records is sent, parked, or comes back."""
    try:
        event = json_of(data)
    except ValueError:
        return
    world = World()
    runtime = Runtime(APP, APP.model(), world.ports, stage="dev", queues={"show": QUEUE})
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


def _seeds() -> tuple[str, ...]:
    ours = Message("reports", {"text": "hello"}, "M1", "morning", "morning@2030-01-01T00:00:00Z", START, START)
    body = envelope("weather", "dev", ours)
    far = envelope("weather", "dev", ours, Reference("theirs", "payloads/x", "0" * 64, 300_000))
    wrapped = {"Type": "Notification", "Message": body, "MessageAttributes": {"topic": {"Value": "reports"}}}
    events: list[Any] = [
        {},
        S3,
        API,
        {"Records": [record(1, body, messageAttributes=TOPIC)]},
        {"Records": [record(1, body), record(2, {"text": "x"}, messageAttributes=TOPIC), record(3, "[1]")]},
        {"Records": [record(1, far), record(2, wrapped)]},
        {"Records": [record(1, body, eventSourceARN="arn:aws:sqs:x:1:o.fifo")]},
        {"Records": [record(1, body.replace('"cloud_cron":1', '"cloud_cron":99'))]},
        {"Records": [record(1, body.replace("2030", "0001").replace('Z"', '+14:00"'))]},
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
