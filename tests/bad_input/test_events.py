"""What Lambda hands a function: refused loudly as a whole, or dead-lettered while the batch goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import EventError
from cloud_cron.messages import Reference, envelope
from cloud_cron.runtime import handle
from tests.runtime.support import QUEUE, World, message
from tests.runtime.test_entrypoint import Context

S3 = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]}
API = {"version": "2.0", "routeKey": "$default", "body": "{}"}


def app() -> CloudCron:
    app = CloudCron("weather")
    app.schedule("cron(0 8 * * ? *)", topics=["reports"], name="morning")(lambda: {"reports": {"text": "hello"}})
    app.notifier("print", topics=["reports"], name="show")(lambda message: message.payload["text"])
    return app


def call(world: World, handler: str, event: object) -> dict[str, Any]:
    return handle(app(), event, Context(), world.ports, handler=handler, stage="dev", queues={"show": QUEUE})


def refusal(handler: str, event: object) -> EventError:
    """The error of the whole invocation, after which nothing has happened."""
    world = World()
    with pytest.raises(EventError) as caught:
        call(world, handler, event)
    assert (world.post.calls, world.ledger.rows, world.bus.dead, dict(world.bus.published)) == ([], {}, {}, {})
    return caught.value


def record(number: int, body: object, **changes: Any) -> dict[str, Any]:
    """One record of a batch, in a group of its own."""
    return {
        "messageId": f"sqs-{number}",
        "receiptHandle": f"handle-{number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1893456000000",
            "MessageGroupId": f"group-{number}",
            "MessageDeduplicationId": f"dedup-{number}",
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE,
        **changes,
    }


def good(number: int, text: str = "hello") -> dict[str, Any]:
    return record(number, envelope("weather", "dev", message(number, payload={"text": text})))


OURS = json.loads(envelope("weather", "dev", message(9, payload={"text": "bad"})))
FOREIGN = envelope("weather", "dev", message(9), Reference("theirs", "payloads/x", "0" * 64, 300_000))


@pytest.mark.parametrize(
    ("event", "shape"),
    [
        pytest.param({}, "an empty event", id="71"),
        pytest.param(S3, "an event from aws:s3", id="72-s3"),
        pytest.param(API, "an event with the keys ['body', 'routeKey', 'version']", id="72-api"),
        pytest.param({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}, "an event from aws:sns", id="72-sns"),
    ],
)
def test_71_and_72_a_notifier_is_called_by_its_queue_alone(event, shape):
    error = refusal("show", event)

    assert (error.code, error.hint) == ("CC601", "only its SQS queue calls it")
    assert error.message == f"notifier 'show' was called with {shape}"


def test_73_a_message_that_sns_wrapped_is_the_same_message():
    wrapped = {"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(OURS)}
    world = World()

    assert call(world, "show", {"Records": [record(9, wrapped), good(9)]}) == {"batchItemFailures": []}
    assert [content for _, content, _ in world.post.accepted] == ["bad"]


@pytest.mark.parametrize(
    ("bad", "code", "text"),
    [
        pytest.param(record(9, OURS, eventSourceARN="arn:aws:sqs:x:1:o.fifo"), "CC603", "from arn:aws:sqs:x", id="74"),
        pytest.param(record(9, "not json"), "CC604", "the body is not JSON", id="76-json"),
        pytest.param(record(9, "[1]"), "CC606", "a JSON list, not an object", id="76-list"),
        pytest.param(
            record(9, OURS, messageAttributes={"topic": {"stringValue": "alerts", "dataType": "String"}}),
            "CC605",
            "the attribute says topic 'alerts', the envelope 'reports'",
            id="76-attribute",
        ),
        pytest.param(record(9, {**OURS, "cloud_cron": 99}), "CC610", "envelope version 99 is not 1", id="77"),
        pytest.param(record(9, {**OURS, "cloud_cron": True}), "CC610", "envelope version True is not 1", id="77-true"),
        pytest.param(record(9, FOREIGN), "CC612", "lies in theirs/payloads/x", id="79"),
        pytest.param(record(9, {**OURS, "issued_at": "2029-11-22T00:00:00Z"}), "CC611", "issued 40 days ago", id="78"),
    ],
)
def test_74_to_79_a_message_that_no_retry_could_mend_is_parked_and_the_batch_goes_on(bad, code, text):
    world = World()
    event = {"Records": [good(1, "before"), bad, good(2, "after")]}

    assert call(world, "show", event) == {"batchItemFailures": []}
    assert [content for _, content, _ in world.post.accepted] == ["before", "after"]
    [(letter, attributes)] = world.bus.dead.values()
    assert letter.id == "sqs-9"
    assert attributes["cc_error_code"] == code
    assert text in attributes["cc_error"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        pytest.param({"messageId": ""}, "has no messageId", id="id"),
        pytest.param({"messageId": None}, "has no messageId", id="none"),
        pytest.param({"attributes": {}}, "has no MessageGroupId", id="group"),
        pytest.param({"attributes": "x"}, "is damaged: AttributeError", id="attributes"),
        pytest.param({"messageAttributes": {"topic": "reports"}}, "is damaged: AttributeError", id="topic"),
        pytest.param(
            {"attributes": {"MessageGroupId": "g", "ApproximateReceiveCount": "x"}},
            "is damaged: ValueError",
            id="count",
        ),
    ],
)
def test_75_a_record_without_its_ids_fails_the_whole_invocation(changes, text):
    error = refusal("show", {"Records": [good(1), record(9, OURS, **changes)]})

    assert (error.code, error.hint) == ("CC602", "the event source must be an SQS FIFO queue")
    assert text in error.message


def test_49_another_payload_under_a_known_id_is_parked():
    world = World()
    again = {**good(1, "other"), "messageId": "sqs-9"}

    assert call(world, "show", {"Records": [good(1, "first"), again]}) == {"batchItemFailures": []}
    assert [content for _, content, _ in world.post.accepted] == ["first"]
    [(_, attributes)] = world.bus.dead.values()
    assert attributes["cc_error_code"] == "CC203"
    assert "another payload" in attributes["cc_error"]


FIRE = {"task": "morning", "scheduled_at": "2030-01-01T08:00:00Z", "attempt": "1", "schedule": "arn"}


@pytest.mark.parametrize(
    ("event", "code", "text", "hint"),
    [
        pytest.param({**FIRE, "task": "evening"}, "CC620", "task 'evening' reached task", "known: morning", id="80"),
        pytest.param({"task": "morning"}, "CC621", "has no scheduled_at", "deploy again", id="81"),
        pytest.param({**FIRE, "scheduled_at": "soon"}, "CC621", "'soon' is not a time", "such as 2030-", id="81-words"),
        pytest.param(
            {**FIRE, "scheduled_at": "<aws.scheduler.scheduled-time>"}, "CC622", "unreplaced", "Scheduler", id="82"
        ),
        pytest.param({**FIRE, "scheduled_at": "2030-01-03T00:00:01Z"}, "CC623", "two days ahead", "clock", id="83"),
        pytest.param(S3, "CC624", "an event from aws:s3", "on demand", id="72-task"),
        pytest.param(API, "CC624", "'routeKey'", "on demand", id="72-task-api"),
        pytest.param({"input": {"x": float("nan")}}, "CC210", "NaN", "use None", id="26-input"),
    ],
)
def test_80_to_83_an_event_that_asks_for_no_run(event, code, text, hint):
    error = refusal("morning", event)

    assert error.code == code
    assert text in error.message
    assert hint in (error.hint or "")


def test_80_a_handler_that_is_none_names_the_known_ones():
    error = refusal("evening", FIRE)

    assert (error.code, error.hint) == ("CC620", "known: morning, show")


def test_83_two_days_ahead_are_allowed():
    world = World()

    assert call(world, "morning", {**FIRE, "scheduled_at": "2030-01-03T00:00:00Z"})["state"] == "done"
