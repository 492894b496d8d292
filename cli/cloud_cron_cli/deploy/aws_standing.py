"""How a stage stands on AWS: runs in its ledger, messages in its queues, schedules that are switched off."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import items
from cloud_cron.runtime.listening import COUNTED
from cloud_cron.runtime.mail_events import TOLD
from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.ports import Key, Record
    from cloud_cron_cli.deploy.aws_session import AwsSession

PAGES: Final = 20
"""Pages of one task's runs that are read to find what was lost: a megabyte each, or some thousands of runs."""
MOST: Final = 500

_DUE: Any = {"KeyConditionExpression": "pk = :pk AND sk >= :digits", "ConsistentRead": True}


class AwsStanding:
    """Reads alone; every refusal is one of `asking`."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    def depth(self, url: str) -> tuple[int, int]:
        """How many messages wait in a queue, and how many somebody is at."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with asking(f"sqs:GetQueueAttributes of {url}"):
            answer = self._session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
        waiting, in_flight = (int(answer["Attributes"].get(name, 0)) for name in names)
        return waiting, in_flight

    def newest_run(self, table: str, task: str) -> tuple[Key, Record] | None:
        """The run of a task with the latest time, of those that were due at one."""
        found = next(self._runs(table, task, ScanIndexForward=False, Limit=1), None)
        return items.keyed(found) if found else None

    def missed(self, table: str, task: str) -> int:
        """How many runs of a task were missed, as far as the ledger remembers."""
        only: dict[str, Any] = {"FilterExpression": f"{items.STATE} = :missed", "ProjectionExpression": "pk"}
        return sum(1 for _ in self._runs(table, task, {":missed": {"S": "MISSED"}}, **only))

    def counted(self, table: str, notifier: str) -> dict[str, int]:
        """How many mails bounced, were complained of and refused, as far as the ledger remembers."""
        request = {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": f"{COUNTED}{notifier}"}},
            "ProjectionExpression": items.STATE,
        }
        words = Counter(found[items.STATE]["S"].lower() for found in self._items(table, request))
        return {word: words[word] for word in TOLD}

    def given_up(self, table: str, task: str, most: int = MOST) -> tuple[list[tuple[Key, Record]], int]:
        """Runs of a task that failed for good or were missed, and how many more there are, at least.

        The newest ones: a page of the table is read whole, whatever is wanted of it, so that it is not many of them.
        """
        given = {":pk": {"S": f"R#{task}"}, ":failed": {"S": "FAILED"}, ":missed": {"S": "MISSED"}}
        request: dict[str, Any] = {
            "TableName": table,
            "KeyConditionExpression": "pk = :pk",
            "FilterExpression": f"{items.STATE} IN (:failed, :missed)",
            "ExpressionAttributeValues": given,
            "ConsistentRead": True,
            "ScanIndexForward": False,
        }
        found: list[tuple[Key, Record]] = []
        for _ in range(PAGES):
            with asking(f"dynamodb:Query of {table}"):
                answer = self._session.client("dynamodb").query(**request)
            found += map(items.keyed, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return found[:most], max(0, len(found) - most)
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        return found[:most], max(1, len(found) - most)

    def is_off(self, group: str, schedule: str) -> bool:
        """Whether a schedule is switched off."""
        with asking(f"scheduler:GetSchedule of {schedule}"):
            answer = self._session.client("scheduler").get_schedule(GroupName=group, Name=schedule)
        return bool(answer["State"] == "DISABLED")

    def _runs(
        self, table: str, task: str, values: dict[str, Any] | None = None, **more: object
    ) -> Iterator[dict[str, Any]]:
        """The items of a task's runs."""
        given = {":pk": {"S": f"R#{task}"}, ":digits": {"S": "0"}, **(values or {})}
        return self._items(table, {**_DUE, "ExpressionAttributeValues": given, **more})

    def _items(self, table: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """What a query finds, page by page."""
        request = {**query, "TableName": table}
        while True:
            with asking(f"dynamodb:Query of {table}"):
                answer = self._session.client("dynamodb").query(**request)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
