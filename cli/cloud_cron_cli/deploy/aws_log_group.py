"""One log group of CloudWatch Logs, read forward: the lines of one function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.lambda_lines import entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.ports import Time

OVERLAP: Final = 120_000
"""Milliseconds that are read again, because a line may arrive that much later than younger ones of its group."""


class Source(NamedTuple):
    """A log group, and whose lines it holds: `{"task": "morning"}`."""

    name: str
    about: Mapping[str, str]


class Line(NamedTuple):
    """One event of CloudWatch Logs; `at` is in milliseconds since 1970, `stream` that of one execution environment."""

    at: int
    id: str
    stream: str
    entry: dict[str, Any]


class LogGroup:
    """Tells each line once; every refusal is one of `asking`. A group that is not there is one without lines."""

    def __init__(self, session: AwsSession, source: Source, time: Time) -> None:
        """No call is made yet."""
        self._session = session
        self._source = source
        self._time = time
        self._newest = self._now()
        self._seen: dict[str, int] = {}
        self._runs: dict[str, str] = {}

    def more(self) -> list[Line]:
        """What came since the last look, be it late."""
        return self.since(self._newest - OVERLAP)

    def since(self, begin: int) -> list[Line]:
        """Every line from an instant on that was not told yet, oldest first."""
        lines = self.between(begin)
        fresh = [line for line in lines if line.id not in self._seen]
        youngest = max((line.at for line in lines), default=0)
        # Whoever logs may give a line any time up to two hours from now: what comes then is not to be missed.
        self._newest = max(self._newest, min(youngest, self._now()))
        self._seen |= {line.id: line.at for line in fresh}
        self._seen = {unique: at for unique, at in self._seen.items() if at >= self._newest - OVERLAP}
        return fresh

    def between(self, begin: int, end: int | None = None) -> list[Line]:
        """Every line of a span of time, both ends included, oldest first."""
        lines = [
            Line(
                event["timestamp"],
                event["eventId"],
                event["logStreamName"],
                entry(event["timestamp"], event["message"], self._source.about),
            )
            for event in self._events(begin, end)
        ]
        if "task" in self._source.about:
            self._attribute(lines)
        return lines

    def _attribute(self, lines: Sequence[Line]) -> None:
        """Say of which run each line is: a task makes one for each request.

        What names no request is of the one that is named next in its stream: a function that prints has not ended yet.
        """
        for line in lines:
            if line.entry["event"] == "run" and {"request_id", "run_id"} <= line.entry.keys():
                self._runs[line.entry["request_id"]] = line.entry["run_id"]
        named: dict[str, str] = {}
        for line in reversed(lines):
            request = named[line.stream] = line.entry.get("request_id") or named.get(line.stream, "")
            if request in self._runs:
                line.entry.setdefault("run_id", self._runs[request])

    def _events(self, begin: int, end: int | None) -> Iterator[Mapping[str, Any]]:
        """Page by page, of which some may be empty (CloudWatch Logs API reference, FilterLogEvents)."""
        request: dict[str, Any] = {"logGroupName": self._source.name, "startTime": max(0, begin)}
        request |= {} if end is None else {"endTime": end}
        client = self._session.client("logs")
        while True:
            with asking(f"logs:FilterLogEvents of {self._source.name}"):
                try:
                    answer = client.filter_log_events(**request)
                except client.exceptions.ResourceNotFoundException:
                    return
            yield from answer["events"]
            if "nextToken" not in answer:
                return
            request["nextToken"] = answer["nextToken"]

    def _now(self) -> int:
        return int(self._time.now() * 1000)
