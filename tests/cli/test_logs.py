from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from cloud_cron.local import log as logs
from cloud_cron.local.log import Log
from cloud_cron.local.site import log_file
from cloud_cron_cli.tail import Tail


@pytest.fixture
def written(ground):
    """A project with a few lines in its log."""
    here = ground()
    here.log(event="run", task="morning", run_id="morning@2020-01-01T07:00:00Z", status="done", messages=1)
    here.log(event="output", task="morning", run_id="morning@2020-01-02T07:00:00Z", message="hello")
    here.log(event="delivery", notifier="mail", run_id="morning@2020-01-01T07:00:00Z", status="sent")
    here.log(event="run", task="by_hand", level="error", status="failed", reason="broken")
    here.log(event="run", task="by_hand", level="debug", status="duplicate")
    here.log(event="host", status="loaded")
    return here


def said(shown):
    """The lines of a person without their times."""
    assert shown.exit_code == 0, shown.stderr
    return [line[10:] if line[2] == ":" else "day" for line in shown.stdout.splitlines()]


def test_a_person_reads_one_line_for_each_under_its_day(written, run):
    assert said(run("logs")) == [
        "day",
        "morning  done  run_id=morning@2020-01-01T07:00:00Z messages=1",
        "morning  hello  run_id=morning@2020-01-02T07:00:00Z",
        "mail  sent  run_id=morning@2020-01-01T07:00:00Z",
        "by_hand  ERROR failed: broken",
        "cloud-cron  loaded",
    ]
    assert "by_hand  duplicate" in said(run("logs", "-v"))


@pytest.mark.parametrize(
    ("names", "events"),
    [
        (["morning"], ["run", "output"]),
        (["mail"], ["delivery"]),
        (["by_hand", "mail"], ["delivery", "run", "run"]),
        (["morning@2020-01-01T07:00:00Z"], ["run", "delivery"]),
        (["morning!01"], []),
        ([], ["run", "output", "delivery", "run", "run", "host"]),
    ],
)
def test_names_leave_out_the_others(written, run, names, events):
    shown = run("logs", "--json", *names)

    assert [json.loads(line)["event"] for line in shown.stdout.splitlines()] == events


def test_json_is_the_file_itself(written, run):
    written.log(event="run", task="morning", message="Zürich\n→")

    assert run("logs", "--json").stdout == log_file(written.path).read_text(encoding="utf-8")


@pytest.mark.parametrize(("count", "shown"), [("0", 0), ("2", 2), ("9", 6)])
def test_as_many_as_wanted(written, run, count, shown):
    assert len(run("logs", "--json", "-n", count).stdout.splitlines()) == shown


@pytest.mark.parametrize(
    ("name", "code"), [("mornin", "CC720"), ("mial", "CC721"), ("nobody@2020-01-01T07:00:00Z", "CC720")]
)
def test_a_name_that_nobody_has(written, run, name, code):
    shown = run("logs", name)

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert f"{code} there is no task and no notifier" in shown.stderr


def test_lines_of_somebody_else_are_left_out(written, run):
    with log_file(written.path).open("a", encoding="utf-8") as file:
        file.write('no json\n3\n{"level": "info"}\n{"time": "cut')

    assert len(run("logs", "--json").stdout.splitlines()) == 6


def test_nothing_in_a_line_steers_the_terminal(written, run):
    written.log(event="run", task="morning", level="error", message="a\x1b[2Jb", traceback="File\x1b[2J\n  here")
    *_, line, first, second = run("logs").stdout.splitlines()

    assert line.endswith("morning  ERROR a [2Jb")
    assert (first, second) == ("File\\x1b[2J", "  here")


def test_an_app_that_does_not_load_has_a_log_all_the_same(ground, run):
    ground("1 / 0").log(event="host", status="reload failed")

    assert said(run("logs")) == ["day", "cloud-cron  reload failed"]
    assert run("logs", "morning").exit_code == 2


def test_a_host_that_wrote_nothing(ground, run):
    ground()

    shown = run("logs")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "", "no lines yet\n")
    assert run("logs", "-n", "0").stderr == ""


def test_where_nothing_has_run(project, run):
    project()

    assert "CC740" in run("logs").stderr


def test_what_is_written_later_follows_over_a_new_file(written):
    command = [sys.executable, "-m", "cloud_cron_cli", "logs", "-f", "-n", "1", "--json", "morning", "mail"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUTF8": "1"}) as process:
        assert process.stdout
        try:
            assert json.loads(process.stdout.readline())["event"] == "delivery"
            written.log(event="run", task="by_hand")
            written.log(event="run", task="morning", number=1)
            assert json.loads(process.stdout.readline())["number"] == 1
            path = log_file(written.path)
            path.replace(path.with_name(f"{path.name}.1"))
            written.log(event="run", task="morning", number=2)
            assert json.loads(process.stdout.readline())["number"] == 2
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130
        finally:
            process.kill()


def numbers(tail):
    return [entry["number"] for entry in tail.more()]


def test_a_tail_begins_with_the_oldest_file_and_tells_each_line_once(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 1)
    log = Log(tmp_path / "host.log", style="")
    for number in range(3):
        log.write(number=number)
        log.turn_over()
    log.write(number=3)
    with Tail(tmp_path / "host.log") as tail:
        assert numbers(tail) == [0, 1, 2, 3]
        log.write(number=4)
        log.turn_over()
        assert numbers(tail) == [4]
        assert numbers(tail) == []
        log.write(number=5)
        assert numbers(tail) == [5]
        log.write(number=6)
        log.turn_over()
        log.write(number=7)
        assert numbers(tail) == [6, 7]
    log.close()


def test_a_tail_of_what_is_turned_over_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 1)
    log = Log(tmp_path / "host.log", style="")
    log.write(number=0)
    with Tail(tmp_path / "host.log") as tail:
        log.turn_over()
        log.write(number=1)
        assert numbers(tail) == [0, 1]
    log.close()


def test_a_tail_waits_for_the_file_and_for_the_end_of_a_line(tmp_path):
    path = tmp_path / "host.log"
    with Tail(path) as tail:
        assert list(tail.more()) == []
        with path.open("a", encoding="utf-8") as file:
            file.write('{"time": "", "level": "info", "nu')
            file.flush()
            assert list(tail.more()) == []
            file.write('mber": 1}\n')
        assert numbers(tail) == [1]
