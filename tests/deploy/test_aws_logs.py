"""The log of a stage on AWS, on the emulator moto; what follows, on virtual time, while lines arrive late."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloud_cron.errors import DeployError
from cloud_cron.runtime.function import EVENTS, MAINTENANCE
from cloud_cron_cli.deploy.aws_log_group import OVERLAP, LogGroup, Source
from cloud_cron_cli.deploy.aws_logs import AwsLogs, sources
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.deployed import Deployed
from tests.operating.aws_world import session

if TYPE_CHECKING:
    from collections.abc import Iterator

EXPORT, MAIL = Source("/aws/lambda/export", {"task": "export"}), Source("/aws/lambda/mail", {"notifier": "mail"})
SECOND, HOUR = 1000, 3_600_000


class Waiting:
    """A clock that goes on when somebody waits."""

    def __init__(self, now: float | None = None) -> None:
        self.seconds = time.time() if now is None else now
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def token(self) -> str:
        raise AssertionError


class Logs:
    """Log groups in moto: `put` writes lines that are so many milliseconds old."""

    def __init__(self) -> None:
        self.client, self.time, self.asked = session().client("logs"), Waiting(), list[dict[str, Any]]()
        self.client.meta.events.register("provide-client-params.logs.FilterLogEvents", self._asked)

    def _asked(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:
        self.asked.append(dict(params))
        return {**params, "limit": 2}

    def read(self, *groups: Source) -> AwsLogs:
        return AwsLogs(session(), groups or [EXPORT, MAIL], self.time)

    def put(self, source: Source, *lines: tuple[int, str], stream: str = "s") -> None:
        groups = self.client.describe_log_groups(logGroupNamePrefix=source.name)["logGroups"]
        if not groups:
            self.client.create_log_group(logGroupName=source.name)
        if not self.client.describe_log_streams(logGroupName=source.name, logStreamNamePrefix=stream)["logStreams"]:
            self.client.create_log_stream(logGroupName=source.name, logStreamName=stream)
        now = int(self.time.now() * 1000)
        events = [{"timestamp": now - age, "message": line} for age, line in lines]
        self.client.put_log_events(logGroupName=source.name, logStreamName=stream, logEvents=events)


@pytest.fixture
def logs() -> Iterator[Logs]:
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        made = Logs()
        yield made
        made.client.meta.events.unregister("provide-client-params.logs.FilterLogEvents", made._asked)


def every(_: dict[str, Any]) -> bool:
    return True


def told(entries):
    return [entry["message"] for entry in entries]


def line(**fields):
    return json.dumps({"timestamp": "", "level": "INFO", "logger": "cloud_cron", **fields})


def logged(request, text):
    return json.dumps({"timestamp": "", "level": "INFO", "logger": "app", "requestId": request, "message": text})


def ran(request, run):
    return line(message="run done", requestId=request, event="run", task="export", run_id=run, status="done")


@pytest.mark.moto
def test_the_last_lines_of_all_groups_by_their_time(logs):
    logs.put(EXPORT, (9000, "a"), (5000, "c"), (3000, "d"), (2000, "e"))
    logs.put(EXPORT, (1000, "f"), stream="other")
    logs.put(MAIL, (7000, "b"))
    assert told(logs.read().past(9, every)) == ["a", "b", "c", "d", "e", "f"]
    assert told(logs.read().past(2, every)) == ["e", "f"]
    assert logs.read().past(0, every) == []
    assert [entry.get("task") or entry["notifier"] for entry in logs.read().past(9, every)][:2] == ["export", "mail"]


@pytest.mark.moto
def test_it_is_looked_back_no_farther_than_there_are_enough_lines(logs):
    old = [(12 * 24 * HOUR, "two weeks"), (2 * 24 * HOUR, "two days"), (2 * HOUR, "two hours"), (60_000, "one minute")]
    logs.put(EXPORT, *old)
    spans = []
    for count in (1, 2, 3, 4, 5):
        logs.asked.clear()
        assert told(logs.read(EXPORT).past(count, every)) == [text for _, text in old[-count:]]
        spans.append(len([asked for asked in logs.asked if "nextToken" not in asked]))
    assert spans == [1, 2, 3, 4, 4]
    begins, ends = ([asked.get(name) for asked in logs.asked] for name in ("startTime", "endTime"))
    assert ends == [None, *(begin - 1 for begin in begins[:-1])]


@pytest.mark.moto
def test_only_lines_that_are_wanted_count(logs):
    logs.put(EXPORT, (2 * HOUR, "a"), (3000, "x"), (2000, "b"), (1000, "x"))
    assert told(logs.read().past(2, lambda entry: entry["message"] != "x")) == ["a", "b"]


@pytest.mark.moto
def test_a_group_that_is_not_there_has_no_lines(logs):
    logs.put(MAIL, (1000, "a"))
    assert told(logs.read().past(9, every)) == ["a"]


@pytest.mark.moto
def test_who_may_not_read_is_told_so(logs):
    said = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform: logs:FilterLogEvents"}}
    refusal = lambda **_: (SimpleNamespace(status_code=400), said)  # noqa: E731 - botocore keeps no reference
    logs.client.meta.events.register("before-call.logs.FilterLogEvents", refusal)
    try:
        with pytest.raises(DeployError, match="may not do logs:FilterLogEvents") as caught:
            logs.read().past(1, every)
    finally:
        logs.client.meta.events.unregister("before-call.logs.FilterLogEvents", refusal)
    assert caught.value.code == "CC803"


@pytest.mark.moto
def test_what_comes_later_is_told_once_though_it_is_late(logs):
    logs.put(EXPORT, (5000, "a"), (1000, "c"))
    reading = logs.read()
    assert told(reading.past(1, every)) == ["c"]
    logs.put(EXPORT, (4000, "b"))
    logs.put(MAIL, (3000, "late too"))
    reading.wait()
    assert told(reading.more()) == ["b", "late too"]
    logs.put(EXPORT, (0, "d"))
    assert told(reading.more()) == ["d"]
    assert reading.more() == []
    logs.put(EXPORT, (OVERLAP + 60_000, "too late"))
    assert reading.more() == []


@pytest.mark.moto
def test_lines_of_a_task_are_of_the_run_that_its_request_makes(logs):
    logs.put(
        EXPORT, (9000, "loading"), (8000, logged("r1", "at work")), (7000, "printed"), (6000, ran("r1", "export@1")),
        (5000, "of the second"), (4000, ran("r2", "export@2")), (3000, logged("r3", "cut off")), (2000, "no end"),
    )  # fmt: skip
    logs.put(EXPORT, (6500, "elsewhere"), (2500, ran("r4", "export@4")), stream="other")
    found = {entry.get("message", "run"): entry.get("run_id") for entry in logs.read(EXPORT).past(99, every)}
    assert found.pop("run") == "export@4"
    assert found == {
        "loading": "export@1", "at work": "export@1", "printed": "export@1", "of the second": "export@2",
        "elsewhere": "export@4", "cut off": None, "no end": None,
    }  # fmt: skip


@pytest.mark.moto
def test_lines_of_a_notifier_are_of_no_run_because_it_tells_of_several(logs):
    logs.put(MAIL, (2000, "printed"), (1000, line(message="x", requestId="r", event="run", run_id="export@1")))
    assert "run_id" not in logs.read(MAIL).past(9, every)[0]


class Arriving:
    """CloudWatch Logs on virtual time: a line is there from its arrival on; pages are short, and some are empty.

    Who writes a line gives it its time, which may be later than its arrival.
    """

    def __init__(self, clock: Waiting, lines: list[tuple[int, int]]) -> None:
        self.clock, self.lines, self.begins = clock, lines, list[int]()

    def filter_log_events(self, **asked: Any) -> dict[str, Any]:
        now, first = self.clock.now() * 1000, int(asked.get("nextToken", "0"))
        self.begins.append(asked["startTime"])
        there = [
            {"timestamp": at, "eventId": str(number), "logStreamName": "s", "message": str(number)}
            for number, (at, delay) in enumerate(self.lines)
            if at + delay <= now and asked["startTime"] <= at
        ]
        if first % 2 or not there[first // 2 * 3 :]:
            page = there[first // 2 * 3 : first // 2 * 3 + 3]
            return {"events": page, "nextToken": str(first + 1)} if len(page) == 3 else {"events": page}
        return {"events": [], "nextToken": str(first + 1)}


TIMES, DELAYS = st.integers(-HOUR, 600 * SECOND), st.integers(-300 * SECOND, OVERLAP - 30 * SECOND)


@given(lines=st.lists(st.tuples(TIMES, DELAYS), max_size=20), pauses=st.lists(st.integers(1, 30), max_size=30))
@example(lines=[(500 * SECOND, -450 * SECOND), (60 * SECOND, 0)], pauses=[55, 30])
def test_whatever_arrives_within_the_overlap_is_told_exactly_once(lines, pauses):
    clock = Waiting(2_000_000_000)
    begin = int(clock.now() * 1000)
    arriving = Arriving(clock, [(begin + at, delay) for at, delay in lines])
    group = LogGroup(SimpleNamespace(client=lambda _: arriving), EXPORT, clock)  # type: ignore[arg-type]
    told = [line.id for line in group.since(begin - 2 * HOUR)]
    for pause in [*pauses, 600, *[30] * 10]:
        clock.sleep(pause)
        told += [line.id for line in group.more()]
    assert len(told) == len(set(told))
    assert set(told) == {str(number) for number in range(len(lines))}
    assert arriving.begins == sorted(arriving.begins), "nothing is read again and again"


def stage(*names):
    kinds = {"maintenance": "maintenance", "events": "events", "export": "task", "mail": "notifier"}
    said = [{"kind": kinds[name], "name": name, "log_group_name": f"/aws/lambda/{name}"} for name in kinds]
    pieces = {f"{each['kind']}:{each['name']}": each for each in said} | {"topic:orders": {"kind": "topic"}}
    return [source.name.rpartition("/")[2] for source in sources(Deployed({}, {}, pieces), names)]


def test_only_groups_are_read_that_may_hold_what_is_asked_for():
    whole = ["maintenance", "events", "export", "mail"]
    assert stage() == whole
    assert stage("export") == ["maintenance", "events", "export"]
    assert stage("export", "mail") == whole
    assert stage(MAINTENANCE) == ["maintenance"]
    assert stage(EVENTS, "@else") == ["events"]
    assert stage("export@2030-01-01T00:00:00Z") == stage("export!01JG") == whole


@pytest.mark.parametrize(("groups", "seconds"), [(1, 3.0), (7, 3.0), (50, 20.0)])
def test_many_groups_are_asked_less_often(groups, seconds):
    clock = Waiting()
    AwsLogs(AwsSession("us-east-1"), [EXPORT] * groups, clock).wait()
    assert clock.slept == [seconds]
