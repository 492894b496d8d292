"""What waits on AWS, since when, and why."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import CloudCronError
from cloud_cron.runtime import claims
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.operating.place import Backlog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_session import AwsSession

_RECENT: Final = timedelta(minutes=30)
_PERIOD: Final = 300
_TRIED: Final = '{ $.event = "delivery" && $.status = "retry" }'
_PAGES: Final = 10


class AwsHealth:
    """Reads alone. What the credentials may not read is not known, which is no reason to tell nothing."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    def backlog(self, said: Mapping[str, Any], depth: tuple[int, int], now: datetime) -> Backlog:
        """What waits for a notifier; of one for which nothing waits, nothing more is asked."""
        waiting, in_flight = depth
        if not waiting + in_flight:
            return Backlog(0, 0)
        age = self._age(said["queue_name"], now)
        line = self._last_try(said["log_group_name"], now)
        oldest = None if age is None else now.timestamp() - age
        return Backlog(waiting, in_flight, oldest, str(line.get("reason", "")), line.get("code") == claims.DOWN)

    def _age(self, queue: str, now: datetime) -> float | None:
        """The age of the oldest message in seconds, as CloudWatch has it (SQS Developer Guide, "Available metrics")."""
        with suppress(CloudCronError), asking(f"cloudwatch:GetMetricStatistics of {queue}"):
            answer = self._session.client("cloudwatch").get_metric_statistics(
                Namespace="AWS/SQS",
                MetricName="ApproximateAgeOfOldestMessage",
                Dimensions=[{"Name": "QueueName", "Value": queue}],
                StartTime=now - _RECENT,
                EndTime=now,
                Period=_PERIOD,
                Statistics=["Maximum"],
            )
            latest = max(answer["Datapoints"], key=lambda point: point["Timestamp"], default=None)
            return None if latest is None else float(latest["Maximum"])
        return None

    def _last_try(self, group: str, now: datetime) -> dict[str, Any]:
        """The line of the log about the last delivery that has to be tried again; empty when there is none."""
        begin = int((now - _RECENT).astimezone(UTC).timestamp() * 1000)
        with suppress(CloudCronError), asking(f"logs:FilterLogEvents of {group}"):
            return next((line for line in reversed(self._lines(group, begin)) if line.get("status") == "retry"), {})
        return {}

    def _lines(self, group: str, begin: int) -> list[dict[str, Any]]:
        """What the search finds; a page may be empty before the search is over (CloudWatch Logs API reference)."""
        request: dict[str, Any] = {"logGroupName": group, "startTime": begin, "filterPattern": _TRIED}
        lines: list[dict[str, Any]] = []
        for _ in range(_PAGES):
            answer = self._session.client("logs").filter_log_events(**request)
            lines += [_line(event["message"]) for event in answer["events"]]
            if "nextToken" not in answer:
                break
            request["nextToken"] = answer["nextToken"]
        return lines


def _line(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        line = json.loads(text)
        return line if isinstance(line, dict) else {}
    return {}
