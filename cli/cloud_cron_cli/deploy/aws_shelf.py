"""Dead letters in SQS, in somebody's hands for a moment: seen, copied, taken away, put down again.

Whoever looks into a queue hides what they see from everybody else, for `HOLD` seconds at most. A FIFO queue hides the
rest of a group with its first ten messages, so that no more than these are ever seen of it (SQS Developer Guide, "FIFO
queue delivery logic").
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.failures import received
from cloud_cron.errors import CloudCronError
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.operating.letters import MOVED_FROM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Received
    from cloud_cron_cli.deploy.aws_session import AwsSession

HOLD: Final = 30
"""Seconds: enough to copy a letter and to take it away."""
MOST: Final = 200
"""Letters of one queue that are looked at."""
PATIENCE: Final = 1
"""Seconds to wait for letters that are counted and were not handed out: a short poll asks some of SQS's servers alone
(SQS Developer Guide, "Amazon SQS short and long polling")."""

_BATCH: Final = 10
_COUNTS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_VALUES: Final = ("DataType", "StringValue", "BinaryValue")
_RUNNING: Final = "already a task running"


class Shelf:
    """The letters that one command has looked at, until it puts them down. Every refusal is one of `asking`."""

    def __init__(self, session: AwsSession, patience: int = PATIENCE) -> None:
        """No call is made yet."""
        self._session = session
        self._patience = patience
        self._held: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._depths: dict[str, int] = {}

    def look(self, url: str) -> tuple[list[Mapping[str, Any]], int]:
        """The messages of a queue, oldest first, as SQS gives them, and how many more there are, at least.

        A queue is looked into once: what is seen a second time is what was seen before.
        """
        if url not in self._held:
            self._depths[url] = self._depth(url)
            self._held[url] = self._taken(url, self._depths[url])
        held = self._held[url]
        return sorted(held.values(), key=_sent), max(0, self._depths[url] - len(held))

    def copy(self, letter: Received, target: str, dedup: str) -> None:
        """Send the message to a queue, in its group; within five minutes the same `dedup` is the same copy."""
        raw = self._held[letter.queue][letter.id]
        attributes = {
            name: {key: value[key] for key in _VALUES if key in value}
            for name, value in raw.get("MessageAttributes", {}).items()
        }
        with asking(f"sqs:SendMessage to {target}"):
            self._session.client("sqs").send_message(
                QueueUrl=target,
                MessageBody=letter.body,
                MessageGroupId=letter.group,
                MessageDeduplicationId=dedup,
                MessageAttributes=attributes,
            )

    def remove(self, letter: Received) -> None:
        """Delete it. A handle that is too old is refused on a FIFO queue, and the letter stays."""
        with asking(f"sqs:DeleteMessage of {letter.queue}"):
            self._session.client("sqs").delete_message(QueueUrl=letter.queue, ReceiptHandle=letter.handle)
        del self._held[letter.queue][letter.id]
        self._depths[letter.queue] -= 1

    def move_all(self, source: str, target: str) -> bool:
        """Let SQS move everything from a dead-letter queue to a queue, by their ARNs; False when it is at it already.

        The target is named because a copy that a notifier sent to its dead-letter queue came from no queue that SQS
        knows of. SQS API reference, StartMessageMoveTask; recorded on AWS: one task for each queue at a time.
        """
        client = self._session.client("sqs")
        with asking(f"sqs:StartMessageMoveTask from {source}"):
            try:
                client.start_message_move_task(SourceArn=source, DestinationArn=target)
            except client.exceptions.ClientError as error:
                if _RUNNING in error.response["Error"].get("Message", ""):
                    return False
                raise
        return True

    def put_down(self, url: str | None = None) -> None:
        """Let others see what was looked at, in one queue or in all; if that fails, they do after `HOLD` seconds."""
        for each in [url] if url else list(self._held):
            handles = [raw["ReceiptHandle"] for raw in self._held.pop(each, {}).values()]
            for start in range(0, len(handles), _BATCH):
                batch = [
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles[start : start + _BATCH])
                ]
                with suppress(CloudCronError), asking(f"sqs:ChangeMessageVisibility of {each}"):
                    self._session.client("sqs").change_message_visibility_batch(QueueUrl=each, Entries=batch)

    def _depth(self, url: str) -> int:
        with asking(f"sqs:GetQueueAttributes of {url}"):
            answer = self._session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))
        return sum(int(answer.get("Attributes", {}).get(name, 0)) for name in _COUNTS)

    def _taken(self, url: str, depth: int) -> dict[str, Mapping[str, Any]]:
        """What a queue hands out, until that is all that it is said to hold, or as much as is looked at.

        The count is one of a moment ago, so that even an empty queue is asked.
        """
        held: dict[str, Mapping[str, Any]] = {}
        while not held or len(held) < min(depth, MOST):
            with asking(f"sqs:ReceiveMessage of {url}"):
                answer = self._session.client("sqs").receive_message(
                    QueueUrl=url,
                    MaxNumberOfMessages=_BATCH,
                    VisibilityTimeout=HOLD,
                    WaitTimeSeconds=self._patience if len(held) < depth else 0,
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                )
            messages = answer.get("Messages", ())
            if not messages:
                break
            held |= {message["MessageId"]: message for message in messages}
        return held


def read(url: str, raw: Mapping[str, Any]) -> Received:
    """A letter as the ports describe it, with what SQS says of where it moved it from."""
    found = received(url, raw)
    source = raw.get("Attributes", {}).get(MOVED_FROM)
    return found._replace(attributes={**found.attributes, MOVED_FROM: source}) if source else found


def _sent(raw: Mapping[str, Any]) -> int:
    return int(raw.get("Attributes", {}).get("SentTimestamp", 0))
