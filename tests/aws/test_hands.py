"""What maintenance does on AWS: queues in the emulator, and the records that AWS puts into them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron.aws.clients import Clients
from cloud_cron.aws.hands import AwsHands
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.resources import Resources
from cloud_cron.model import AppModel, TaskModel

pytestmark = pytest.mark.moto

FUNCTION = resource_name("shop", "dev", "task", "export")
EVENT = {"task": "export", "scheduled_at": "2030-01-01T00:00:00Z"}
GIVEN_UP = {
    "version": "1.0", "timestamp": "2030-01-01T00:03:10.000Z",
    "requestContext": {
        "requestId": "r1", "functionArn": "arn:aws:lambda:us-east-1:1:function:" + FUNCTION + ":$LATEST",
        "condition": "RetriesExhausted", "approximateInvokeCount": 3,
    },
    "requestPayload": EVENT,
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "boom", "errorType": "ValueError", "stackTrace": []},
}  # fmt: skip


class Functions:
    """The client of Lambda: calls are kept, and each function is told of its dead letters."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def invoke(self, **request: Any) -> None:
        self.calls.append(request)

    def get_function_configuration(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request["FunctionName"])
        told = json.dumps({"dead_letter_url": self.url})
        return {"Environment": {"Variables": {"CLOUD_CRON_RESOURCES": told}}}


@pytest.fixture
def stage():
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws():
        clients = Clients(boto3.session.Session("testing", "testing", region_name="us-east-1"))
        sqs = clients.get("sqs")
        failures, schedules = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("failures", "schedules"))
        dead = sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        functions = Functions(dead)
        both: Any = SimpleNamespace(get=lambda name: functions if name == "lambda" else clients.get(name))
        model = AppModel("shop", tasks=(TaskModel("export"),))
        hands = AwsHands(both, Resources(failures_url=failures, schedules_url=schedules), model, "dev")
        yield SimpleNamespace(
            hands=hands, sqs=sqs, failures=failures, schedules=schedules, dead=dead, functions=functions
        )


def test_what_lambda_gave_up_is_read_and_then_taken_out(stage):
    for number in range(12):
        stage.sqs.send_message(QueueUrl=stage.failures, MessageBody=json.dumps({**GIVEN_UP, "number": number}))
    found = list(stage.hands.failures())
    assert {each[:4] for each in found_keys(found)} == {("export", "r1", "ValueError", "boom")}
    assert len(found) == 12
    for failure in found:
        stage.hands.settle(failure)
    left = stage.sqs.get_queue_attributes(QueueUrl=stage.failures, AttributeNames=["All"])["Attributes"]
    assert (left["ApproximateNumberOfMessages"], left["ApproximateNumberOfMessagesNotVisible"]) == ("0", "0")


def found_keys(found):
    return [(each.task, each.request, each.code, each.reason) for each in found]


def test_an_event_that_waited_too_long_has_no_response(stage):
    record = {key: value for key, value in GIVEN_UP.items() if not key.startswith("response")}
    record["requestContext"] = {**GIVEN_UP["requestContext"], "condition": "EventAgeExceeded"}  # type: ignore[dict-item]
    stage.sqs.send_message(QueueUrl=stage.failures, MessageBody=json.dumps(record))
    [failure] = stage.hands.failures()
    assert (failure.code, failure.reason) == ("EventAgeExceeded", "Lambda gave it up: EventAgeExceeded")


@pytest.mark.parametrize("body", ["no json", "[]", '{"a": 1}', '{"requestContext": 1, "requestPayload": {}}'])
def test_a_message_of_another_kind_stays_in_the_queue(stage, body):
    stage.sqs.send_message(QueueUrl=stage.failures, MessageBody=body)
    stage.sqs.send_message(QueueUrl=stage.schedules, MessageBody=body)
    assert [*stage.hands.failures(), *stage.hands.unstarted()] == []
    left = stage.sqs.get_queue_attributes(QueueUrl=stage.failures, AttributeNames=["All"])["Attributes"]
    assert left["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_what_scheduler_could_not_hand_over_tells_why(stage):
    said = {
        "ERROR_CODE": "AWS.Lambda.ResourceNotFoundException",
        "ERROR_MESSAGE": "Function not found",
        "RETRY_ATTEMPTS": "0",
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    stage.sqs.send_message(QueueUrl=stage.schedules, MessageBody=json.dumps(EVENT), MessageAttributes=attributes)
    [failure] = stage.hands.unstarted()
    assert (failure.event, failure.code, failure.reason) == (
        EVENT, "AWS.Lambda.ResourceNotFoundException", "Function not found",
    )  # fmt: skip


def test_dead_letters_are_counted_and_stay(stage):
    assert stage.hands.letters("tell") == (0, [])
    for number in range(3):
        stage.sqs.send_message(
            QueueUrl=stage.dead, MessageBody=str(number), MessageGroupId="g", MessageDeduplicationId=str(number),
            MessageAttributes={"cc_error": {"DataType": "String", "StringValue": "no such box"}},
        )  # fmt: skip
    depth, letters = stage.hands.letters("tell")
    assert (depth, [letter.body for letter in letters]) == (3, ["0", "1", "2"])
    assert letters[0].attributes == {"cc_error": "no such box"}
    assert stage.hands.letters("tell")[0] == 3
    assert stage.functions.asked == [resource_name("shop", "dev", "notifier", "tell")]


def test_a_task_is_called_by_its_functions_name_and_nobody_waits(stage):
    stage.hands.invoke("export", EVENT)
    [call] = stage.functions.calls
    assert call == {
        "FunctionName": resource_name("shop", "dev", "task", "export"),
        "InvocationType": "Event",
        "Payload": json.dumps(EVENT).encode(),
    }


def test_a_notifier_that_is_not_deployed_yet_has_no_dead_letters():
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws(config={"lambda": {"use_docker": False}}):
        clients = Clients(boto3.session.Session("testing", "testing", region_name="us-east-1"))
        assert AwsHands(clients, Resources(), AppModel("shop"), "dev").letters("tell") == (0, [])
