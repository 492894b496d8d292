"""`cloud-cron logs --remote`: what a stage on AWS wrote down, on the emulator moto."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.operating.app import due

pytestmark = pytest.mark.moto

REQUEST = "79b5e81f-9cdd-4145-b1f6-7c50ef8a2a36"
LAST = {"timestamp": "", "level": "INFO", "logger": "cloud_cron", "requestId": REQUEST}
RUN = {**LAST, "message": "run done", "event": "run", "task": "export", "run_id": f"export@{due(1)}", "status": "done"}
SENT = {
    **LAST, "message": "delivery sent", "event": "delivery", "notifier": "mail", "run_id": f"export@{due(1)}",
    "status": "sent",
}  # fmt: skip
START = {"time": "", "type": "platform.start", "record": {"requestId": REQUEST, "version": "$LATEST"}}
REPORT = {"time": "", "type": "platform.report", "record": {"requestId": REQUEST, "status": "timeout"}}
BEAT = {**LAST, "level": "WARN", "message": "the heartbeat was not heard", "event": "heartbeat", "code": "CC640"}


@pytest.fixture
def aws(commanded):
    """A stage whose functions were at work, in its project's folder."""
    commanded.log("export", (9, START), (8, "exporting"), (7, RUN), (3, REPORT))
    commanded.log("mail", (6, SENT), (2, {**SENT, "level": "DEBUG", "message": "", "status": "duplicate"}))
    commanded.log("maintenance", (5, BEAT))
    return commanded


def said(shown):
    """The lines of a person without their times and days."""
    assert shown.exit_code == 0, shown.stderr
    return [line[10:] for line in shown.stdout.splitlines() if line[2] == ":"]


def events(shown):
    assert shown.exit_code == 0, shown.stderr
    return [json.loads(line)["event"] for line in shown.stdout.splitlines()]


def test_a_person_reads_the_lines_that_a_host_here_would_have_written(aws, run):
    lines = [
        f"export  exporting  run_id=export@{due(1)}",
        f"export  done  run_id=export@{due(1)}",
        f"mail  sent  run_id=export@{due(1)}",
        "cloud-cron  WARN CC640: the heartbeat was not heard  function=@maintenance",
        f"export  ERROR timeout: platform.report  run_id=export@{due(1)}",
    ]
    shown = run("logs", "--remote")
    assert said(shown) == lines
    assert len(shown.stdout.splitlines()[0]) == len("2030-01-01")
    assert said(run("logs", "--remote", "-n", "2")) == lines[-2:]
    assert len(said(run("logs", "--remote", "-v"))) == len(lines) + 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ["output", "run", "delivery", "heartbeat", "platform", "delivery"]),
        (["export"], ["output", "run", "platform"]),
        (["mail"], ["delivery", "delivery"]),
        ([f"export@{due(1)}"], ["output", "run", "delivery", "platform", "delivery"]),
        ([f"export@{due(2)}"], []),
        (["@maintenance"], ["heartbeat"]),
        (["export", "-v"], ["platform", "output", "run", "platform"]),
    ],
)
def test_names_leave_out_the_others(aws, run, words, told):
    assert events(run("logs", "--remote", "--json", *words)) == told


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("exprt", "CC720 there is no task and no notifier 'exprt'"),
        ("@events", "CC720 there is no task and no notifier '@events'"),
        ("later", "CC826 'later' is not deployed at stage dev"),
    ],
)
def test_a_name_that_nothing_there_has(aws, run, tmp_path, name, said):
    with (tmp_path / "app.py").open("a") as file:
        file.write("\n\n@app.schedule()\ndef later(run): ...\n")
    shown = run("logs", name, "--remote")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert said in shown.stderr


def test_where_nothing_is_deployed(aws, run):
    assert "CC826 nothing is deployed of shop at stage prod" in run("logs", "--remote", "--stage", "prod").stderr


def test_where_nothing_was_written(commanded, run):
    assert said(run("logs", "--remote")) == []
    assert run("logs", "mail", "--remote").stderr == "no lines about mail yet\n"


@pytest.mark.slow
def test_what_is_written_later_follows(aws):
    command = [sys.executable, "-m", "cloud_cron_cli", "logs", "mail", "--remote", "-f", "-n", "1", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUTF8": "1"}) as process:
        assert process.stdout
        try:
            assert json.loads(process.stdout.readline())["status"] == "duplicate"
            aws.log("mail", (1, {**SENT, "status": "skipped"}))
            assert json.loads(process.stdout.readline())["status"] == "skipped"
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()
