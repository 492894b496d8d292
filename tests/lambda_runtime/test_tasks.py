"""A task as a function on Lambda, under the real runtime client."""

from __future__ import annotations

from pathlib import Path

import pytest

SCHEDULED = {"task": "export", "scheduled_at": "2026-11-27T10:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}
PLAIN = """
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.schedule("rate(1 hour)")
def export(run):
    run.logger.info("at work for %s", run.id)
    if run.input:
        raise ValueError("no \\x1b[31m such\\nfile")
"""
REFUSED = [
    ({"Records": []}, "CC624"),
    ({"task": "exprt", "scheduled_at": "2026-11-27T10:00:00Z"}, "CC620"),
    ({"task": "export"}, "CC621"),
    ({"task": "export", "scheduled_at": "<aws.scheduler.scheduled-time>"}, "CC622"),
    ({"task": "export", "scheduled_at": "2999-11-27T10:00:00Z"}, "CC623"),
]
PUBLISHING = """
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.schedule("rate(1 hour)", topics=["reports"], timeout=840)
def export(run):
    if run.attempt == 1 and run.input == "die":
        import os
        os.kill(os.getpid(), 9)
    return {"reports": {"attempt": run.attempt, "ö": run.input}}
"""


def test_a_task_runs_when_it_is_due_and_on_demand(function):
    with function(PLAIN, "export") as plain:
        due = plain.call(SCHEDULED)
        on_demand = plain.call({}, "request-2")
    assert due.body == {"run": "export@2026-11-27T10:00:00Z", "state": "done", "published": 0}
    assert on_demand.body == {"run": "export!request-2", "state": "done", "published": 0}


def test_what_a_task_raises_is_lambdas_to_retry_and_its_traceback_is_the_users(function):
    with function(PLAIN, "export") as plain:
        answer = plain.call({"input": 1})
        again = plain.call(SCHEDULED, "request-2")
    assert (answer.kind, answer.body["errorType"]) == ("error", "ValueError")
    assert [line.split('"')[1].rpartition("/")[2] for line in answer.body["stackTrace"]] == ["function.py", "app.py"]
    assert again.kind == "response"


def test_a_run_is_a_line_of_json_and_so_is_whatever_the_task_logs(function):
    with function(PLAIN, "export", AWS_LAMBDA_LOG_LEVEL="WARN") as plain:
        plain.call(SCHEDULED)
        plain.call({"input": 1}, "request-2")
    with_level = [line for line in plain.lines() if line["level"] == "INFO" and line["logger"] == "cloud_cron"]
    assert with_level == [
        {
            "timestamp": with_level[0]["timestamp"], "level": "INFO", "message": "run done", "logger": "cloud_cron",
            "requestId": "request-1", "event": "run", "task": "export", "run_id": "export@2026-11-27T10:00:00Z",
            "status": "done", "attempt": 1,
        }
    ]  # fmt: skip
    assert b"\x1b" not in plain.log
    retry = next(line for line in plain.lines() if line.get("status") == "retry")
    assert (retry["level"], retry["requestId"]) == ("WARN", "request-2")


def test_a_plain_task_loads_nothing_of_aws_and_nothing_that_renders(function):
    source = PLAIN.replace(
        "run.logger.info", "import sys; run.logger.info('loaded %s', sorted(sys.modules)); run.logger.info"
    )
    with function(source, "export") as plain:
        plain.call(SCHEDULED)
    loaded = next(line["message"] for line in plain.lines() if line["message"].startswith("loaded "))
    for name in ("boto3", "botocore", "jinja2", "cloud_cron.local", "cloud_cron.testing", "click", "rich", "email"):
        assert f"'{name}'" not in loaded


@pytest.mark.parametrize(
    ("source", "handler", "kind", "said"),
    [
        ("import nothing_like_it", "export", "ModuleNotFoundError", "nothing_like_it"),
        ("1 / 0", "export", "ZeroDivisionError", "division by zero"),
        ("object().missing", "export", "LoadError", "AttributeError"),
        ("import sys; sys.exit(3)", "export", "LoadError", "ended the program"),
        ("def broken(:", "export", "SyntaxError", "invalid syntax"),
        (PLAIN, "exprt", "EventError", "CC620"),
        ("app = 1", "export", "LoadError", "CC704"),
    ],
)
def test_an_app_that_cannot_be_loaded_is_an_error_of_initialisation(function, source, handler, kind, said):
    with function(source, handler) as broken:
        answer = broken.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init", kind)
    assert said in answer.body["errorMessage"]
    if kind in {"ZeroDivisionError", "ModuleNotFoundError"}:
        assert Path(answer.body["stackTrace"][-1].split('"')[1]).name == "app.py"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CLOUD_CRON_STAGE": ""}, "CC521 environment variable CLOUD_CRON_STAGE is not set"),
        ({"CLOUD_CRON_HANDLER": ""}, "CC521"),
        ({"CLOUD_CRON_RESOURCES": "{"}, "CC520"),
        ({"CLOUD_CRON_RESOURCES": '{"table": 1}'}, "CC520"),
    ],
)
def test_an_environment_that_lacks_something_says_so(function, environment, said):
    with function(PLAIN, "export", **environment) as broken:
        answer = broken.answer()
    assert answer.kind == "init"
    assert said in answer.body["errorMessage"]


def test_the_file_of_the_stage_counts(function):
    failing = function(PLAIN, "export")
    (failing.folder / "cloud-cron.toml").write_text("[stages.dev.tasks.export]\nretries = 0\n", encoding="utf-8")
    with failing:
        failing.call({"input": 1})
    assert [line["status"] for line in failing.lines() if line.get("event") == "run"] == ["failed"]


def test_a_file_that_cannot_be_read_is_an_error_of_initialisation(function):
    broken = function(PLAIN, "export")
    (broken.folder / "cloud-cron.toml").write_text("[tasks.export\n", encoding="utf-8")
    with broken:
        answer = broken.answer()
    assert (answer.kind, answer.body["errorType"]) == ("init", "ConfigError")
    assert answer.body["errorMessage"].startswith("CC503")


def test_an_app_is_found_under_another_name_and_in_a_package(function):
    other = function(PLAIN.replace("app = ", "jobs = ").replace("@app.", "@jobs."), "export")
    with other:
        assert other.call({}).kind == "response"
    (other.folder / "work").mkdir()
    (other.folder / "app.py").rename(other.folder / "work" / "daily.py")
    other.environment["CLOUD_CRON_APP"] = "work.daily:jobs"
    with other:
        assert other.call({}).kind == "response"
    other.environment["CLOUD_CRON_APP"] = "work.dayly"
    with other:
        assert "CC701" in other.answer().body["errorMessage"]


def test_an_event_that_asks_for_no_run_is_an_error(function):
    with function(PLAIN, "export") as plain:
        answers = [plain.call(event).body["errorMessage"] for event, _ in REFUSED]
    assert [answer.split()[0] for answer in answers] == [code for _, code in REFUSED]


@pytest.mark.moto
def test_a_result_is_published_once_however_often_the_event_comes(function, cloud):
    stage = cloud.stage()
    with function(
        PUBLISHING, "export", **cloud.environment(topics=stage["topics"], table=stage["table"])
    ) as publishing:
        first = publishing.call(SCHEDULED)
        second = publishing.call(SCHEDULED, "request-2")
    assert first.body == {"run": "export@2026-11-27T10:00:00Z", "state": "done", "published": 1}
    assert second.body["state"] == "duplicate"
    [body] = cloud.bodies(stage["queue_url"])
    assert body["payload"] == {"attempt": 1, "ö": None}


@pytest.mark.moto
def test_a_run_that_was_killed_is_taken_over_by_lambdas_retry_and_by_nobody_else(function, cloud):
    stage = cloud.stage()
    environment = cloud.environment(topics=stage["topics"], table=stage["table"])
    event = {**SCHEDULED, "input": "die"}
    with function(PUBLISHING, "export", **environment) as killed:
        killed.api.requests.put(_request("request-1", event))
        killed.process.wait(20)
    with function(PUBLISHING, "export", **environment) as retrying:
        other = retrying.call(event, "request-2", 840.0)
        own = retrying.call(event, "request-1", 840.0)
    assert other.body["state"] == "duplicate"
    assert (own.body["state"], own.body["published"]) == ("done", 1)
    assert [body["payload"]["attempt"] for body in cloud.bodies(stage["queue_url"])] == [2]


def _request(name: str, event: object):
    from tests.lambda_runtime.runtime_api import Request  # noqa: PLC0415 - beside its one use

    return Request(name, event, 840.0)
