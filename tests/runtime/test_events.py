"""Events: every shape that is understood, and every one that is refused, in which words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from cloud_cron.encoding import dumps
from cloud_cron.errors import EventError
from cloud_cron.messages import envelope
from cloud_cron.runtime import events
from cloud_cron.runtime.invocations import Invocation, invocation
from tests.runtime.support import QUEUE, START, DictPayloads, message, received

FIRE = datetime(2030, 1, 1, 8, tzinfo=UTC)
SCHEDULED = {
    "task": "morning",
    "scheduled_at": "2030-01-01T08:00:00Z",
    "attempt": "1",
    "schedule": "arn:aws:scheduler:eu-central-1:111122223333:schedule/weather-dev/morning-1a2b3c",
}


def refused(event: object, now: datetime = FIRE) -> EventError:
    with pytest.raises(EventError) as caught:
        invocation(event, "morning", now)
    return caught.value


# What asks for a run


def test_the_input_of_the_scheduler_asks_for_the_run_of_its_instant():
    assert invocation(SCHEDULED, "morning", FIRE) == Invocation("schedule", scheduled_at=FIRE)


def test_a_backfill_says_so_and_may_be_of_any_time():
    event = {"task": "morning", "scheduled_at": "2040-01-01T08:00:00Z", "trigger": "backfill", "input": {"a": 1}}

    assert invocation(event, "morning", FIRE) == Invocation(
        "backfill", scheduled_at=datetime(2040, 1, 1, 8, tzinfo=UTC), input={"a": 1}
    )


@pytest.mark.parametrize(
    ("event", "as_of", "given"),
    [
        ({}, None, None),
        ({"input": {"a": 1}}, None, {"a": 1}),
        ({"input": None}, None, None),
        ({"input": 0}, None, 0),
        ({"as_of": "2030-01-01T09:00:00+01:00", "input": None}, FIRE, None),
        ({"as_of": None}, None, None),
    ],
)
def test_a_run_on_demand(event, as_of, given):
    assert invocation(event, "morning", FIRE) == Invocation("manual", as_of=as_of, input=given)


def test_a_further_attempt_of_a_run_on_demand_names_the_request_that_it_began_with():
    assert invocation({"input": 1, "request": "r-7"}, "morning", FIRE) == Invocation("manual", input=1, request="r-7")


@pytest.mark.parametrize("request_", [7, None, "é", "a\nb", "x" * 65])
def test_a_request_that_cannot_be_part_of_a_key_is_refused(request_):
    error = refused({"request": request_})

    assert error.code == "CC624"
    assert error.message == f"request={request_!r} is no request of a run"


def test_an_offset_other_than_utc_is_understood():
    event = {"task": "morning", "scheduled_at": "2030-01-01T09:00:00+01:00"}

    assert invocation(event, "morning", FIRE).scheduled_at == FIRE


def test_late_is_as_late_as_it_gets_and_early_is_two_days():
    assert invocation(SCHEDULED, "morning", FIRE + timedelta(days=900)).scheduled_at == FIRE
    assert invocation(SCHEDULED, "morning", FIRE - timedelta(days=2)).scheduled_at == FIRE
    error = refused(SCHEDULED, FIRE - timedelta(days=2, seconds=1))

    assert error.code == "CC623"
    assert error.message == "scheduled_at 2030-01-01T08:00:00Z is more than two days ahead of 2029-12-30T07:59:59Z"
    assert error.hint


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"task": "evening"}, "CC620", "an event for task 'evening' reached task 'morning'"),
        ({"task": None}, "CC620", "an event for task None reached task 'morning'"),
        ({"scheduled_at": "<aws.scheduler.scheduled-time>"}, "CC622", "<aws.scheduler.scheduled-time>"),
        ({"scheduled_at": "yesterday"}, "CC621", "scheduled_at 'yesterday' is not a time"),
        ({"scheduled_at": "2030-01-01T08:00:00"}, "CC621", "is not a time with its offset"),
        ({"scheduled_at": "2030-01-01"}, "CC621", "is not a time with its offset"),
        ({"scheduled_at": "0001-01-01T00:00:00+14:00"}, "CC621", "is not a time with its offset"),
        ({"scheduled_at": 1893484800}, "CC621", "scheduled_at 1893484800 is not a time"),
        ({"scheduled_at": None}, "CC621", "scheduled_at None is not a time"),
        ({"scheduled_at": ""}, "CC621", "scheduled_at '' is not a time"),
    ],
)
def test_an_event_of_the_scheduler_that_cannot_be(change, code, text):
    error = refused({**SCHEDULED, **change})

    assert error.code == code
    assert text in error.message
    assert error.hint


@pytest.mark.parametrize("key", ["task", "schedule"])
def test_an_event_of_the_scheduler_without_its_time(key):
    error = refused({key: SCHEDULED[key]})

    assert (error.code, error.hint) == ("CC621", "deploy again")
    assert "has no scheduled_at" in error.message


@pytest.mark.parametrize(
    ("event", "shape"),
    [
        (None, "a NoneType"),
        ([], "a list"),
        ("{}", "a str"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "an event from aws:s3"),
        ({"Records": [{"EventSource": "aws:sns"}]}, "an event from aws:sns"),
        ({"Records": [], "input": 1}, "an event with the keys ['Records', 'input']"),
        ({"version": "2.0", "routeKey": "$default"}, "an event with the keys ['routeKey', 'version']"),
        ({"source": "aws.scheduler", "detail": "{}"}, "an event with the keys ['detail', 'source']"),
        ({"inputs": {}}, "an event with the keys ['inputs']"),
    ],
)
def test_an_event_of_another_kind_never_becomes_a_run(event, shape):
    error = refused(event)

    assert error.code == "CC624"
    assert error.message == f"task 'morning' was called with {shape}"
    assert error.hint == 'send {} or {"input": {...}} to run it on demand'


def test_as_of_has_the_same_rules():
    error = refused({"as_of": "2030-01-01T08:00:00"})

    assert error.code == "CC621"
    assert error.message.startswith("as_of '2030-01-01T08:00:00' is not a time")


# A batch of records

RECORD: dict[str, Any] = {
    "messageId": "19dd0b57-b21e-4ac1-bd88-01bbb068cb78",
    "receiptHandle": "MessageReceiptHandle",
    "body": '{"n": 1}',
    "attributes": {
        "ApproximateReceiveCount": "3",
        "SentTimestamp": "1893456000500",
        "SequenceNumber": "18849496460467696128",
        "MessageGroupId": "group",
        "SenderId": "AIDAIO23YVJENQZJOL4VO",
        "MessageDeduplicationId": "dedup",
        "ApproximateFirstReceiveTimestamp": "1893456000600",
    },
    "messageAttributes": {
        "topic": {"stringValue": "reports", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
        "blob": {"binaryValue": "AA==", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
    },
    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "md5OfMessageAttributes": "00484c68c2b8a5a6ef9a94e0e8e2ba3e",
    "eventSource": "aws:sqs",
    "eventSourceARN": QUEUE,
    "awsRegion": "eu-central-1",
}


def test_a_record_as_aws_hands_it_over():
    [found] = events.batch({"Records": [RECORD]}, "mail")

    assert found.id == "19dd0b57-b21e-4ac1-bd88-01bbb068cb78"
    assert (found.handle, found.body, found.group, found.dedup) == (
        "MessageReceiptHandle",
        '{"n": 1}',
        "group",
        "dedup",
    )
    assert (found.receives, found.sent_at, found.queue) == (3, 1893456000.5, QUEUE)
    assert found.attributes == {"topic": "reports", "blob": ""}


def test_records_keep_their_order():
    records = [{**RECORD, "messageId": name} for name in "cab"]

    assert [found.id for found in events.batch({"Records": records}, "mail")] == ["c", "a", "b"]
    assert events.batch({"Records": []}, "mail") == []


@pytest.mark.parametrize(
    ("event", "shape"),
    [
        ({}, "an empty event"),
        (None, "a NoneType"),
        ("Records", "a str"),
        ({"scheduled_at": "x"}, "an event with the keys ['scheduled_at']"),
        ({"Records": {"body": "x"}}, "an event with the keys ['Records']"),
        ({"Records": ["x"]}, "an event with the keys ['Records']"),
        ({"Records": [{"eventSource": "aws:s3", "s3": {}}]}, "an event from aws:s3"),
        ({"Records": [{"EventSource": "aws:sns", "Sns": {}}]}, "an event from aws:sns"),
        ({"Records": [{**RECORD, "body": None}]}, "an event from aws:sqs"),
    ],
)
def test_an_event_of_another_kind_fails_the_invocation(event, shape):
    with pytest.raises(EventError) as caught:
        events.batch(event, "mail")

    assert caught.value.code == "CC601"
    assert caught.value.message == f"notifier 'mail' was called with {shape}"
    assert caught.value.hint == "only its SQS queue calls it"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"messageId": ""}, "has no messageId"),
        ({"attributes": {}}, "has no MessageGroupId"),
        ({"attributes": None, "messageId": None}, "has no messageId and no MessageGroupId"),
    ],
)
def test_a_record_without_its_ids_fails_the_invocation_loudly(change, text):
    with pytest.raises(EventError) as caught:
        events.batch({"Records": [RECORD, {**RECORD, **change}]}, "mail")

    assert caught.value.code == "CC602"
    assert text in caught.value.message
    assert caught.value.hint == "the event source must be an SQS FIFO queue"


# The message in a record


def read(about: Any, topics: tuple[str, ...] = ("reports",), **changes: Any) -> Any:
    return events.message(received(about, **changes), topics, QUEUE, DictPayloads())


def refusal(about: Any, **changes: Any) -> EventError:
    with pytest.raises(EventError) as caught:
        read(about, **changes)
    return caught.value


OURS = envelope("weather", "dev", message())
ENVELOPE = json.loads(OURS)


def sns(body: str, **more: Any) -> dict[str, Any]:
    """A notification for a subscription without raw delivery."""
    return {
        "Type": "Notification",
        "MessageId": "951f2c2e",
        "SequenceNumber": "10000000000000003000",
        "TopicArn": "arn:aws:sns:eu-central-1:111122223333:weather-dev-reports.fifo",
        "Message": body,
        "Timestamp": "2030-01-01T00:00:00.000Z",
        "UnsubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
        **more,
    }


def test_our_envelope_is_the_message():
    assert read(message()) == message()
    assert read(message(), attributes={"topic": "reports"}) == message()


def test_an_envelope_inside_a_notification_of_sns_is_the_same_message():
    attributes = {"topic": {"Type": "String", "Value": "reports"}}

    assert read(sns(json.dumps(ENVELOPE))) == message()
    assert read(sns(json.dumps(ENVELOPE), MessageAttributes=attributes)) == message()


@pytest.mark.parametrize(
    "body", [OURS, json.dumps(ENVELOPE), sns(OURS), {"payload": None, **ENVELOPE}, json.dumps(ENVELOPE["payload"])]
)
def test_a_payload_has_the_same_digest_whoever_wrote_the_message_down(body):
    found = events.carried(received(body), ("reports",), QUEUE)

    assert found.digest == sha256(dumps(message().payload).encode()).hexdigest()


def test_a_plain_object_of_somebody_else_is_known_by_the_queues_id():
    found = read({"any": ["thing"]})

    assert (found.topic, found.payload, found.id) == ("reports", {"any": ["thing"]}, "sqs-M0")
    assert (found.task, found.run_id, found.scheduled_at, found.issued_at) == (None, None, None, START)


def test_a_plain_object_keeps_its_id_over_a_redrive_of_a_forwarded_copy():
    assert read({"a": 1}, attributes={"cc_message_id": "first"}).id == "first"


@pytest.mark.parametrize(
    ("topics", "attributes", "topic"),
    [
        (("reports",), {}, "reports"),
        (("reports", "alerts"), {}, ""),
        ((), {}, ""),
        (("reports", "alerts"), {"topic": "alerts"}, "alerts"),
        (("reports",), {"topic": "elsewhere"}, "elsewhere"),
    ],
)
def test_the_topic_of_a_plain_object_is_told_or_the_only_one(topics, attributes, topic):
    assert read({"a": 1}, topics, attributes=attributes).topic == topic


def test_the_topic_of_a_plain_object_inside_a_notification_is_told_there():
    body = sns('{"a": 1}', MessageAttributes={"topic": {"Type": "String", "Value": "alerts"}})

    assert read(body, ("reports", "alerts")).topic == "alerts"
    assert read(body, ("reports", "alerts"), attributes={"topic": "reports"}).topic == "reports"


def test_an_object_that_only_looks_like_a_notification_is_a_payload():
    assert read({"Type": "Notification", "Message": {"a": 1}}).payload == {"Type": "Notification", "Message": {"a": 1}}


def test_payload_keys_may_be_called_as_ours():
    payload = {"result_type": 1, "cc": 2, "self": 3, "id": 4, "topic": 5}

    assert read(payload).payload == payload
    assert read(message(payload=payload)).payload == payload


@pytest.mark.parametrize(
    ("about", "changes", "code", "text"),
    [
        (
            message(),
            {"queue": "arn:aws:sqs:eu-central-1:1:other.fifo"},
            "CC603",
            "a record from arn:aws:sqs:eu-central-1",
        ),
        (message(), {"queue": ""}, "CC603", "a record from no SQS queue reached the queue"),
        ("not json", {}, "CC604", "the body is not JSON"),
        ("", {}, "CC604", "the body is not JSON"),
        ('{"a": NaN}', {}, "CC604", "the body is not JSON"),
        ("[" * 100_000, {}, "CC604", "the body is not JSON"),
        ('{"a": ' + "1" * 5000 + "}", {}, "CC604", "the body is not JSON"),
        (sns("not json"), {}, "CC604", "the body is not JSON"),
        (
            message(),
            {"attributes": {"topic": "alerts"}},
            "CC605",
            "the attribute says topic 'alerts', the envelope 'reports'",
        ),
        ("[1]", {}, "CC606", "the body is a JSON list, not an object"),
        ("null", {}, "CC606", "the body is a JSON NoneType, not an object"),
        (sns("[1]"), {}, "CC606", "the body is a JSON list, not an object"),
        ({"cloud_cron": 1}, {}, "CC606", "the envelope is damaged: KeyError 'topic'"),
        ({**ENVELOPE, "payload": []}, {}, "CC606", "the envelope is damaged: TypeError payload is"),
        ({**ENVELOPE, "id": 5}, {}, "CC606", "the envelope is damaged: TypeError id is a int"),
        ({**ENVELOPE, "issued_at": "2030-01-01"}, {}, "CC606", "the envelope is damaged: ValueError issued_at"),
        ({**ENVELOPE, "payload": {"a": "\ud800"}}, {}, "CC606", "payload.a: "),
        ('{"a": ' + "[" * 70 + "]" * 70 + "}", {}, "CC606", "nested deeper"),
        ('{"a": 1e999}', {}, "CC606", "payload.a: Infinity"),
        *(
            (OURS.replace('"n":1', text), {}, "CC606", said)
            for text, said in (
                ('"a":-1e999', "payload.a: -Infinity"),
                ('"a":["\\udc00"]', "payload.a[0]: "),
                ('"a":' + "[" * 70 + "]" * 70, "nested deeper"),
            )
        ),
        ({**ENVELOPE, "cloud_cron": 99}, {}, "CC610", "envelope version 99 is not 1"),
        ({**ENVELOPE, "cloud_cron": None}, {}, "CC610", "envelope version None is not 1"),
    ],
)
def test_a_message_that_no_retry_could_mend(about, changes, code, text):
    error = refusal(about, **changes)

    assert error.code == code
    assert text in error.message
