"""Lines of functions on AWS as a host on one machine writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.local.log import spoken
from cloud_cron_cli.deploy.lambda_lines import entry

AT = 1_893_456_000_123
TIME = "2030-01-01T00:00:00.123Z"
REQUEST = "79b5e81f-9cdd-4145-b1f6-7c50ef8a2a36"
TASK = {"task": "export"}


def read(line, about=None):
    return entry(AT, line if isinstance(line, str) else json.dumps(line), TASK if about is None else about)


def said(line, about=None):
    """What a person reads, without the time."""
    return spoken(read(line, about))[10:]


def ours(**fields):
    return {"timestamp": TIME, "level": "INFO", "logger": "cloud_cron", "requestId": REQUEST, **fields}


def platform(kind, **record):
    return {"time": TIME, "type": f"platform.{kind}", "record": {"requestId": REQUEST, **record}}


def test_a_line_of_the_runtime_has_the_fields_of_one_machine():
    run = {"task": "export", "run_id": "export@2030-01-01T00:00:00Z", "status": "retry", "attempt": 1, "reason": "no"}
    line = ours(message="run retry", event="run", **run) | {"level": "WARN"}
    assert read(line) == {"time": TIME, "level": "warning", "event": "run", "request_id": REQUEST, **run}
    assert said(line) == "export  WARN retry: no  run_id=export@2030-01-01T00:00:00Z attempt=1"


def test_a_line_of_the_runtime_that_says_more_than_its_status_says_all_of_it():
    line = ours(event="heartbeat", message="the heartbeat was not heard", code="CC640", reason="500")
    assert said(line, {"function": "@maintenance"}) == (
        "cloud-cron  CC640: the heartbeat was not heard: 500  function=@maintenance"
    )


def test_the_function_that_hears_mail_events_speaks_of_notifiers():
    line = ours(message="delivery bounced", event="delivery", notifier="mail", status="bounced")
    assert read(line, {"function": "@events"}).items() >= {"notifier": "mail", "function": "@events"}.items()
    assert said(line, {"function": "@events"}) == "mail  bounced  function=@events"


def test_a_delivery_that_raised_has_its_traceback():
    frames = ['  File "app.py", line 3, in tell\n    1 / 0\n']
    line = ours(message="delivery retry", event="delivery", notifier="tell", status="retry", reason="ZeroDivisionError")
    assert said(
        {**line, "errorType": "ZeroDivisionError", "stackTrace": frames}, {"notifier": "tell"}
    ).splitlines() == [
        "tell  retry: ZeroDivisionError",
        "Traceback (most recent call last):",
        '  File "app.py", line 3, in tell',
        "    1 / 0",
        "ZeroDivisionError",
    ]


def test_what_the_app_logs_is_told_with_what_it_adds():
    line = {"timestamp": TIME, "level": "CRITICAL", "message": "frost", "logger": "app", "requestId": REQUEST}
    assert read({**line, "station": "KSEA"}) == {
        "time": TIME, "level": "critical", "event": "log", "task": "export", "request_id": REQUEST, "logger": "app",
        "message": "frost", "station": "KSEA",
    }  # fmt: skip
    assert read({"level": "FATAL", "message": {"a": "ö"}})["message"] == '{"a": "ö"}'


def test_what_the_app_adds_is_never_taken_for_whose_line_it_is():
    adds = {"time": "then", "task": ["x"], "request_id": 4, "event": "run"}
    found = read({"level": "INFO", "message": "x", "logger": "app", **adds})
    assert found == {"time": TIME, "level": "info", "event": "log", "task": "export", "logger": "app", "message": "x"}
    assert read(platform("report", task="other"))["task"] == "export"


def test_what_an_app_says_was_raised_is_told_whichever_way_it_does():
    line = {"level": "ERROR", "message": "caught", "errorType": "E", "errorMessage": "no"}
    assert said(line) == "export  ERROR caught  errorType=E errorMessage=no"
    raised = {**line, "stackTrace": ["  frame\n"], "location": "/var/task/app.py:export:3"}
    assert said(raised) == "export  ERROR caught\nTraceback (most recent call last):\n  frame\nE: no"
    assert said({**line, "errorType": "", "errorMessage": "", "traceback": ["x"]}).endswith("\n['x']")
    assert said({"level": "ERROR", "message": "caught", "traceback": None}) == "export  ERROR caught"


def test_what_the_channel_print_prints_is_output():
    line = {"timestamp": TIME, "level": "INFO", "message": "3 orders", "logger": "cloud_cron.print", "delivery": "k"}
    assert read(line, {"notifier": "tell"}) == {
        "time": TIME, "level": "info", "event": "output", "notifier": "tell", "message": "3 orders",
    }  # fmt: skip


def test_what_lambdas_runtime_client_says_was_raised():
    line = {"timestamp": TIME, "level": "ERROR", "errorMessage": "no such\nfile", "errorType": "ValueError",
            "requestId": "", "stackTrace": ['  File "app.py", line 3, in export\n    boom()\n']}  # fmt: skip
    assert said(line).splitlines() == [
        "export  ERROR ValueError: no such file",
        "Traceback (most recent call last):",
        '  File "app.py", line 3, in export',
        "    boom()",
        "ValueError: no such",
        "file",
    ]
    assert "request_id" not in read(line)
    assert said({**line, "errorType": "", "stackTrace": []}) == "export  ERROR no such file"


@pytest.mark.parametrize(
    "line",
    [
        platform("initStart", initializationType="on-demand", phase="init"),
        platform("start", version="$LATEST"),
        platform("runtimeDone", status="timeout"),
        platform("initRuntimeDone", status="error"),
        platform("report", status="success", metrics={"durationMs": 3.1}),
        platform("extension", name="x", state="Ready"),
        f"START RequestId: {REQUEST} Version: $LATEST\n",
        f"END RequestId: {REQUEST}\n",
        f"REPORT RequestId: {REQUEST}\tDuration: 3.10 ms\tBilled Duration: 4 ms\t\n",
        "INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:0\n",
    ],
)
def test_lambda_alone_is_told_in_detail_alone(line):
    assert (read(line)["level"], read(line)["event"]) == ("debug", "platform")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            platform("report", status="timeout", metrics={"durationMs": 60000, "maxMemoryUsedMB": 84}, spans=[]),
            "timeout: platform.report  durationMs=60000 maxMemoryUsedMB=84",
        ),
        (
            platform("report", status="error", errorType="Runtime.OutOfMemory"),
            "error: Runtime.OutOfMemory: platform.report",
        ),
        (
            platform("initReport", status="failure", phase="init"),
            "failure: platform.initReport  phase=init",
        ),
        (
            {"time": TIME, "type": "platform.fault", "record": f"RequestId: {REQUEST} Process exited"},
            f"platform.fault: RequestId: {REQUEST} Process exited",
        ),
        (f"{TIME} {REQUEST} Task timed out after 60.00 seconds\n\n", None),
        (f"RequestId: {REQUEST} Process exited before completing request", None),
        (f"RequestId: {REQUEST} Error: Runtime exited with error: signal: killed", None),
        ("INIT_REPORT Init Duration: 9999.99 ms  Phase: init  Status: timeout", None),
        (f"REPORT RequestId: {REQUEST}  Duration: 3.00 ms  Status: error  Error Type: Runtime.ExitError", None),
    ],
)
def test_lambda_is_told_of_what_was_cut_off_or_failed(line, told):
    assert read(line).items() >= {"level": "error", "event": "platform"}.items()
    assert said(line) == f"export  ERROR {told or line.rstrip()}"


def test_lines_that_lambda_dropped_are_a_warning():
    line = platform("logsDropped", reason="consumer is slow", droppedRecords=12)
    assert said(line) == "export  WARN platform.logsDropped: consumer is slow  droppedRecords=12"


def test_a_request_is_known_by_whatever_names_it():
    lines = [platform("report"), f"END RequestId: {REQUEST}", f"{TIME} {REQUEST} Task timed out after 3.00 seconds"]
    assert [read(line)["request_id"] for line in lines] == [REQUEST] * 3


@pytest.mark.parametrize(
    "text",
    ["loading", "", "  indented", "3", "null", '{"n": 1}', "[1]", '{"level": 3, "message": "x"}', '{"level": "INFO"}',
     '{"type": "platform.report"}', "Fatal Python error: Segmentation fault", "START RequestId: mine", "{" * 10_000,
     "9" * 5000, "ö\x1b[2J"],
)  # fmt: skip
def test_everything_else_was_printed(text):
    told = {"time": TIME, "level": "info", "event": "output", "task": "export", "message": text}
    assert read(f"{text}\n") == told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = (
    "timestamp", "time", "level", "logger", "event", "message", "type", "record", "requestId", "request_id", "run_id",
    "task", "status", "reason", "errorType", "errorMessage", "stackTrace", "traceback", "metrics", "location",
)  # fmt: skip
SHAPES = st.sampled_from(
    [
        {},
        {"logger": "cloud_cron", "event": "run"},
        {"logger": "cloud_cron.print", "level": "INFO", "message": "x"},
        {"level": "INFO", "message": "x"},
        {"level": "ERROR", "errorMessage": "x"},
        {"type": "platform.report", "record": {}},
    ]
)
MORE = st.dictionaries(st.sampled_from(NAMES), JSON)
OBJECTS = st.builds(
    lambda shape, more, inner: json.dumps({**shape, **more, "record": inner}), SHAPES, MORE, MORE | JSON
)


ABOUT = st.sampled_from([TASK, {"notifier": "mail"}, {"function": "@events"}])


@given(at=st.integers(0, 4_000_000_000_000), text=st.text() | OBJECTS, about=ABOUT)
def test_every_text_is_a_line_of_its_time(at, text, about):
    found = entry(at, text, about)
    assert datetime.fromisoformat(found["time"]) == datetime.fromtimestamp(at // 1000, UTC).replace(
        microsecond=at % 1000 * 1000
    )
    assert found["level"] in {"debug", "info", "warning", "error", "critical"}
    assert isinstance(found["event"], str)
    assert isinstance(found.get("request_id", ""), str)
    assert spoken(found).startswith(f"{found['time'][11:19]}  ")
    json.dumps(found)
