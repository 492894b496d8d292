"""A deployed stage, looked at through AWS's own API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.emulator import Account


class Stage:
    """What the outputs of its stacks say is there, by kind and name."""

    def __init__(self, account: Account, outputs: Mapping[str, str]) -> None:
        self.account = account
        self.outputs = outputs
        told = [json.loads(value) for value in outputs.values() if value.startswith("{")]
        self.parts: dict[tuple[str, str], dict[str, Any]] = {(each["kind"], each["name"]): each for each in told}

    def invoke(self, task: str, event: Any) -> dict[str, Any]:
        """Run a task and wait for what it answers."""
        return self.call("task", task, event)

    def call(self, kind: str, name: str, event: Any = None) -> dict[str, Any]:
        """Call a function, and wait for what it answers."""
        function = self.parts[kind, name]["function_name"]
        answer = self.account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event or {}))
        body: dict[str, Any] = json.load(answer["Payload"])
        assert "FunctionError" not in answer, body
        return body

    def begin(self, task: str, event: Any) -> None:
        """Have a task run as the scheduler would: Lambda takes the event, and sees to the rest."""
        name = self.parts["task", task]["function_name"]
        done = self.account.client("lambda").invoke(
            FunctionName=name, InvocationType="Event", Payload=json.dumps(event)
        )
        assert done["StatusCode"] == 202

    def scheduled(self, task: str, at: str) -> Any:
        """The event of a task's schedule, as EventBridge Scheduler would fill it in."""
        (schedule,) = self.parts["task", task]["schedules"]
        group = schedule["arn"].split("/")[-2]
        found = self.account.client("scheduler").get_schedule(Name=schedule["name"], GroupName=group)
        text = found["Target"]["Input"].replace("<aws.scheduler.scheduled-time>", at)
        return json.loads(text.replace("<aws.scheduler.attempt-number>", "1"))

    def waiting(self, url: str) -> int:
        """How many messages are in a queue, those included that are hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        client = self.account.client("sqs")
        return sum(map(int, client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))

    def taken(self, url: str) -> list[dict[str, Any]]:
        """Take messages out of a queue: as many as one receive gives."""
        client = self.account.client("sqs")
        given = client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        for message in given.get("Messages", []):
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return list(given.get("Messages", []))


def said(message: Mapping[str, Any]) -> dict[str, str]:
    """The attributes of a message, as text."""
    return {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}


def described(account: Account, stack: str) -> dict[str, str]:
    """The outputs of a stack."""
    (found,) = account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
