"""What SNS and SQS answer when something is wrong; tests/contract holds what happens when nothing is."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from cloud_cron.aws.bus import SnsSqsBus
from cloud_cron.aws.resources import Resources
from cloud_cron.errors import BusError
from cloud_cron.ports import Outgoing, Received

RECEIVED = Received("id", "handle", "body", "group", "dedup", 1, 0.0, {}, "arn:aws:sqs:eu-west-1:1:q.fifo")
RESOURCES = Resources({"reports": "arn:r.fifo", "plain": "arn:plain"}, "https://q", "https://d")


class Service:
    """Answers every call with the next of its answers, or raises it, and keeps what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            self.asked.append((name, parameters))
            answer = self.answers.pop(0) if self.answers else taken(parameters)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def taken(parameters):
    entries = parameters.get("PublishBatchRequestEntries", [])
    return {"Successful": [{"Id": entry["Id"], "MessageId": "m"} for entry in entries], "Failed": []}


def bus(sns: Any = None, sqs: Any = None, resources: Resources = RESOURCES) -> SnsSqsBus:
    nothing: Any = Service()
    return SnsSqsBus(sns or nothing, sqs or nothing, resources)


def messages(number: int) -> list[Outgoing]:
    return [Outgoing(f"id-{n}", "g", f"body-{n}") for n in range(number)]


def refused(act, *given: Any) -> BusError:
    with pytest.raises(BusError) as caught:
        act(*given)
    assert caught.value.hint
    return caught.value


def test_a_batch_has_explicit_ids_and_distinct_entries():
    sns = Service()
    bus(sns).publish("reports", messages(2))
    entries = [
        {"Id": str(n), "Message": f"body-{n}", "MessageGroupId": "g", "MessageDeduplicationId": f"id-{n}"}
        for n in range(2)
    ]
    assert sns.asked == [("publish_batch", {"TopicArn": "arn:r.fifo", "PublishBatchRequestEntries": entries})]


def test_a_topic_that_is_not_fifo_is_given_neither_group_nor_id():
    sns = Service()
    bus(sns).publish("plain", messages(1))
    assert sns.asked[0][1]["PublishBatchRequestEntries"] == [{"Id": "0", "Message": "body-0"}]


def test_a_failed_entry_is_an_error_although_the_call_succeeded():
    failed = [{"Id": "1", "Code": "InternalError", "Message": "try again", "SenderFault": False}]
    sns = Service({"Successful": [{"Id": "0"}], "Failed": failed})
    error = refused(bus(sns).publish, "reports", messages(2))
    assert (error.code, error.where) == ("CC224", "topic 'reports'")
    assert error.message == "topic 'reports' did not take 1 of 2 messages: id-1 (InternalError: try again)"


def test_an_entry_without_any_answer_is_an_error_too():
    error = refused(bus(Service({"Successful": [], "Failed": []})).publish, "reports", messages(1))
    assert "id-0 (no answer)" in error.message


def test_nothing_more_is_published_after_a_failure():
    failed = [{"Id": "9", "Code": "Throttled", "Message": "", "SenderFault": False}]
    sns = Service({"Successful": [{"Id": str(n)} for n in range(9)], "Failed": failed})
    error = refused(bus(sns).publish, "reports", messages(25))
    assert "id-9 (Throttled)" in error.message
    assert len(sns.asked) == 1
    bus(sns).publish("reports", messages(25))
    assert [len(asked["PublishBatchRequestEntries"]) for _, asked in sns.asked] == [10, 10, 10, 5]


def test_a_refused_call_names_operation_and_code():
    denied = ClientError({"Error": {"Code": "AuthorizationError", "Message": "not you"}}, "PublishBatch")
    error = refused(bus(Service(denied)).publish, "reports", messages(1))
    assert error.code == "CC224"
    assert error.message == "PublishBatch was refused: AuthorizationError: not you"
    assert error.__cause__ is denied


def test_a_service_out_of_reach_is_an_error_of_the_bus():
    error = refused(bus(sqs=Service(EndpointConnectionError(endpoint_url="https://q"))).delay, RECEIVED, 5)
    assert error.code == "CC224"
    assert "could not be reached" in error.message


def test_a_topic_that_the_function_does_not_have_names_the_nearest():
    error = refused(bus().publish, "report", messages(1))
    assert (error.code, error.hint) == ("CC223", "did you mean 'reports'?")


def test_a_function_without_queues_can_neither_delay_nor_forward():
    task = bus(resources=Resources({}))
    assert refused(task.delay, RECEIVED, 5).code == "CC223"
    assert refused(task.forward, RECEIVED, "copy", {}).code == "CC223"


@pytest.mark.parametrize(("asked", "granted"), [(90, 90), (86_400, 42_300)])
def test_a_delay_changes_the_visibility_in_the_notifiers_queue(asked, granted):
    sqs = Service()
    bus(sqs=sqs).delay(RECEIVED, asked)
    parameters = {"QueueUrl": "https://q", "ReceiptHandle": "handle", "VisibilityTimeout": granted}
    assert sqs.asked == [("change_message_visibility", parameters)]


def test_a_copy_goes_to_the_dead_letter_queue():
    sqs = Service()
    bus(sqs=sqs).forward(RECEIVED, "copy", {"why": "no"})
    [(name, asked)] = sqs.asked
    assert (name, asked["QueueUrl"], asked["MessageDeduplicationId"]) == ("send_message", "https://d", "copy")
    assert (asked["MessageBody"], asked["MessageGroupId"]) == ("body", "group")
    assert asked["MessageAttributes"] == {"why": {"DataType": "String", "StringValue": "no"}}
