"""What maintenance does on AWS: reads the queues of what failed, counts dead letters, calls functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import failures
from cloud_cron.aws.bus_calls import called
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.resources import VARIABLE, parse_resources
from cloud_cron.errors import BusError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.aws.clients import Clients
    from cloud_cron.aws.resources import Resources
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Received
    from cloud_cron.runtime.maintenance.hands import Failure

_BATCH: Final = 10
_HIDDEN: Final = 120
"""Seconds for which what was read is nobody else's: what is not taken out is seen again before the next round."""
_DEPTHS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class AwsHands:
    """The protocol `Hands` over SQS and Lambda."""

    def __init__(self, clients: Clients, resources: Resources, model: AppModel, stage: str) -> None:
        """Where the queues are stands in `resources`; functions have their names by rule."""
        names = [task.name for task in model.tasks]
        self._tasks = {resource_name(model.name, stage, "task", name): name for name in names}
        self._clients = clients
        self._resources = resources
        self._app = model.name
        self._stage = stage
        self._dead: dict[str, str] = {}

    def invoke(self, task: str, event: Mapping[str, Any]) -> None:
        """Call the function of a task asynchronously."""
        name = resource_name(self._app, self._stage, "task", task)
        payload = json.dumps(dict(event)).encode()
        called(name, self._clients.get("lambda").invoke, FunctionName=name, InvocationType="Event", Payload=payload)

    def failures(self) -> Iterator[Failure]:
        """Records of asynchronous invocations (Lambda Developer Guide, "Capturing records of ... invocations")."""
        for message in self._messages(self._resources.failures_url):
            failure = failures.given_up(self._resources.failures_url, message, self._tasks)
            if failure:
                yield failure

    def unstarted(self) -> Iterator[Failure]:
        """Dead letters of Scheduler (EventBridge Scheduler User Guide, "Configuring a dead-letter queue")."""
        for message in self._messages(self._resources.schedules_url):
            failure = failures.unstarted(self._resources.schedules_url, message)
            if failure:
                yield failure

    def settle(self, failure: Failure) -> None:
        """Delete the message."""
        url, _, handle = failure.handle.partition(" ")
        called(url, self._clients.get("sqs").delete_message, QueueUrl=url, ReceiptHandle=handle)

    def letters(self, notifier: str) -> tuple[int, list[Received]]:
        """The depth of a notifier's dead-letter queue, and up to ten letters at the heads of its groups.

        They stay visible, so that a redrive takes them whenever it comes.
        """
        sqs, url = self._clients.get("sqs"), self._dead_letters(notifier)
        if not url:
            return 0, []
        found = called(url, sqs.get_queue_attributes, QueueUrl=url, AttributeNames=list(_DEPTHS))["Attributes"]
        depth = sum(int(found.get(name, 0)) for name in _DEPTHS)
        if not depth:
            return 0, []
        more = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        answer = called(url, sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=_BATCH, VisibilityTimeout=0, **more)
        return depth, [failures.received(url, message) for message in answer.get("Messages", ())]

    def _messages(self, url: str) -> Iterator[Mapping[str, Any]]:
        """What is in a queue, until it is empty; what is not deleted comes back after a while."""
        sqs = self._clients.get("sqs")
        limits = {"MaxNumberOfMessages": _BATCH, "VisibilityTimeout": _HIDDEN, "MessageAttributeNames": ["All"]}
        while url:
            messages = called(url, sqs.receive_message, QueueUrl=url, **limits).get("Messages", ())
            if not messages:
                return
            yield from messages

    def _dead_letters(self, notifier: str) -> str:
        """The URL of a notifier's dead-letter queue, as its function knows it: CloudFormation named the queue.

        Empty for a function that is not there: its stack is deployed after that of maintenance.
        """
        if notifier not in self._dead:
            name = resource_name(self._app, self._stage, "notifier", notifier)
            try:
                answer = called(name, self._clients.get("lambda").get_function_configuration, FunctionName=name)
            except BusError as error:
                if _code(error) == "ResourceNotFoundException":
                    return ""
                raise
            variables = answer.get("Environment", {}).get("Variables", {})
            self._dead[notifier] = parse_resources(variables.get(VARIABLE, "{}")).dead_letter_url
        return self._dead[notifier]


def _code(error: BusError) -> str:
    """What AWS calls it."""
    response: Any = getattr(error.__cause__, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
