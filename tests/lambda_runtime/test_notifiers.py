"""A notifier as a function on Lambda: batches of records in the shape that AWS was recorded to send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_cron.runtime.logs import hashed

pytestmark = pytest.mark.moto

SOURCE = """
from cloud_cron import CloudCron, Permanent
app = CloudCron("shop")

@app.schedule(topics=["reports"])
def export(run): ...

@app.notifier("print", name="tell", timeout=60)
def tell(message):
    if message.payload.get("bad"):
        raise Permanent("no such thing")
    if message.payload.get("worse"):
        raise KeyError("lost")
    return f"n is {message.payload['n']}"
"""


def record(number: int, payload: object, arn: str, group: str = "g1", **attributes: str) -> dict[str, Any]:
    """As recorded on AWS; every value of an attribute is text."""
    return {
        "messageId": f"00000000-0000-4000-8000-{number:012}",
        "receiptHandle": f"handle-{number}",
        "body": payload if isinstance(payload, str) else json.dumps(payload),
        "attributes": {
            "ApproximateReceiveCount": "1", "SentTimestamp": "1793000000000", "SenderId": "AIDAIT2UOQQY3AUEKVGXU",
            "ApproximateFirstReceiveTimestamp": "1793000000001", "SequenceNumber": f"{18849496460467696128 + number}",
            "MessageGroupId": group, "MessageDeduplicationId": f"dedup-{number}",
        },
        "messageAttributes": {
            name: {"stringValue": value, "stringListValues": [], "binaryListValues": [], "dataType": "String"}
            for name, value in attributes.items()
        },
        "md5OfBody": "0" * 32, "eventSource": "aws:sqs", "eventSourceARN": arn, "awsRegion": "us-east-1",
    }  # fmt: skip


def told(stage) -> dict[str, Any]:
    return {name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}


def deliveries(function) -> list[tuple[Any, ...]]:
    return [(line["status"], line.get("recipient")) for line in function.lines() if line.get("event") == "delivery"]


def test_a_batch_is_delivered_and_each_delivery_is_a_line_without_its_payload(function, cloud):
    stage = cloud.stage()
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        records = [record(number, {"n": f"secret-{number}"}, stage["queue"]) for number in range(3)]
        answer = tell.call({"Records": records})
        again = tell.call({"Records": records}, "request-2")
    assert answer.body == again.body == {"batchItemFailures": []}
    assert deliveries(tell) == [("sent", hashed("stdout"))] * 3
    printed = [line for line in tell.log.decode().splitlines() if "secret-" in line]
    assert len(printed) == 3


def test_what_is_printed_is_one_line_of_the_log_whatever_is_in_it(function, cloud):
    stage = cloud.stage()
    text = 'a\n{"level": "ERROR", "message": "made up"}\r\x1b[2J\u2028ü'
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        assert tell.call({"Records": [record(1, {"n": text}, stage["queue"])]}).body == {"batchItemFailures": []}
    [printed] = [line for line in tell.lines() if line.get("logger") == "cloud_cron.print"]
    assert (printed["message"], printed["level"]) == (f"n is {text}", "INFO")
    assert [line for line in tell.lines() if line.get("message") == "made up"] == []
    assert b"\x1b" not in tell.log


def test_a_message_that_is_refused_goes_to_the_dead_letters_and_its_group_goes_on(function, cloud):
    stage = cloud.stage()
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        payloads = [{"n": 1}, {"bad": True}, {"n": 3}]
        answer = tell.call({"Records": [record(n, payload, stage["queue"]) for n, payload in enumerate(payloads)]})
    assert answer.body == {"batchItemFailures": []}
    assert [status for status, _ in deliveries(tell)] == ["sent", "rejected", "sent"]
    assert cloud.bodies(stage["dead_letter_url"]) == [{"bad": True}]


def test_a_failure_stops_its_group_and_no_other(function, cloud):
    stage = cloud.stage()
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        plan = [("a", {"n": 1}), ("a", {"worse": True}), ("b", {"n": 2}), ("a", {"n": 3})]
        records = [record(n, payload, stage["queue"], group) for n, (group, payload) in enumerate(plan)]
        answer = tell.call({"Records": records})
    failed = [failure["itemIdentifier"] for failure in answer.body["batchItemFailures"]]
    assert failed == [records[1]["messageId"], records[3]["messageId"]]
    trace = next(line for line in tell.lines() if line.get("status") == "retry")
    assert (trace["errorType"], "app.py" in trace["stackTrace"][-1]) == ("KeyError", True)


def test_near_its_timeout_a_function_leaves_the_rest_for_another_time(function, cloud):
    stage = cloud.stage()
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        records = [record(number, {"n": number}, stage["queue"]) for number in range(2)]
        answer = tell.call({"Records": records}, seconds=3.0)
    assert [each["itemIdentifier"] for each in answer.body["batchItemFailures"]] == [
        each["messageId"] for each in records
    ]
    assert ("sent", hashed("stdout")) not in deliveries(tell)


def test_a_body_that_sns_wrapped_is_unwrapped(function, cloud):
    stage = cloud.stage()
    wrapped = {
        "Type": "Notification", "MessageId": "m", "SequenceNumber": "1", "TopicArn": stage["topics"]["reports"],
        "Message": json.dumps({"n": 7}), "Timestamp": "2026-11-27T10:00:00.000Z", "UnsubscribeURL": "https://x",
    }  # fmt: skip
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        assert tell.call({"Records": [record(1, wrapped, stage["queue"])]}).body == {"batchItemFailures": []}
    assert "n is 7" in tell.log.decode()


def test_an_event_that_is_no_batch_of_a_queue_is_an_error(function, cloud):
    events = [{}, {"Records": [{"body": "{}", "eventSource": "aws:s3"}]}, {"Records": 1}]
    with function(SOURCE, "tell", **cloud.environment(**told(cloud.stage()))) as tell:
        answers = [tell.call(event) for event in events]
    assert {answer.kind for answer in answers} == {"error"}
    assert [answer.body["errorMessage"][:5] for answer in answers] == ["CC601", "CC602", "CC601"]


def test_a_record_of_another_queue_is_parked_and_the_batch_goes_on(function, cloud):
    stage = cloud.stage()
    with function(SOURCE, "tell", **cloud.environment(**told(stage))) as tell:
        foreign = record(1, {"n": 1}, "arn:aws:sqs:us-east-1:1:other.fifo")
        own = record(2, {"n": 2}, stage["queue"], "g2")
        answer = tell.call({"Records": [foreign, own, record(3, "no json", stage["queue"], "g3")]})
    assert answer.body == {"batchItemFailures": []}
    assert sorted(status for status, _ in deliveries(tell)) == ["rejected", "rejected", "sent"]
