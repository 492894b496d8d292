"""The command line itself, as a process: streams that are closed, locales, signals, and what is handed over."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

APP = """
import signal
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule("cron(0 8 * * ? *)", topics=["a"])
def go(run):
    if (run.input or {}).get("stop"): signal.raise_signal(signal.SIGINT)
    return {"a": {"city": "Z\\u00fcrich"}}

@app.schedule()
async def wait(run):
    import asyncio
    print("waiting", flush=True)
    await asyncio.sleep(60)

@app.schedule()
def fail(run): raise ValueError("Z\\u00fcrich")

@app.notifier("print", topics=["a"])
def tell(message): return message.payload["city"]
"""
COMMAND = [sys.executable, "-m", "cloud_cron_cli"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONUTF8", "PYTHONIO", "LC_"))}
POSIX = pytest.mark.skipif(os.name == "nt", reason="streams and signals of POSIX")


def ran(*arguments, data=b"", **environment):
    return subprocess.run(
        [*COMMAND, *arguments], input=data, capture_output=True, check=False, env={**CLEAN, **environment}
    )


@pytest.mark.parametrize("line", [["list"], ["check"], ["render", "tell"], ["graph"]])
def test_95_a_misspelt_stage_does_nothing(project, run, line):
    folder = project(APP, **{"cloud-cron.toml": "[stages.production]"})
    result = run(*line, "--stage", "prodction")

    assert result.exit_code == 2
    assert "error CC510 there is no stage 'prodction'" in result.stdout + result.stderr
    assert "  hint say --stage production" in result.stdout + result.stderr
    assert not (folder / ".cloud-cron").exists()


@pytest.mark.parametrize("line", [["list"], ["check"], ["graph"], ["render", "x"]])
def test_96_outside_of_a_project(project, run, line):
    folder = project(None)
    result = run(*line)

    assert result.exit_code == 2
    assert "error CC701 " in result.stdout + result.stderr
    assert "`cloud-cron init`" in result.stdout + result.stderr
    assert list(folder.iterdir()) == []


@POSIX
def test_97_a_run_that_is_interrupted_ends_quietly(project):
    import signal  # noqa: PLC0415 - POSIX's own

    project(APP)
    with subprocess.Popen(
        [*COMMAND, "invoke", "wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out, err.strip()) == (130, "", "")


def test_97_what_was_interrupted_is_not_said_to_be_done(project, run):
    project(APP)
    stopped = run("invoke", "go", "--at", "2026-01-01T08:00", "--send", "--input", "-", stdin='{"stop": true}')
    again = run("invoke", "go", "--at", "2026-01-01T08:00", "--send")

    assert (stopped.exit_code, stopped.stdout.strip()) == (130, "")
    assert again.exit_code == 1
    assert "✓" not in again.stdout
    assert "this run is under way, or was cut off: it can be taken up again after " in again.stdout


def test_98_without_a_terminal_there_are_no_styles_and_no_questions(project):
    project(APP)
    for line in (["list"], ["check"], ["invoke", "go"], ["invoke", "fail"]):
        shown = ran(*line, TERM="xterm-256color")
        assert b"\x1b" not in shown.stdout + shown.stderr


@POSIX
@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("list >&-", 0, ""),
        ("lst >&-", 2, "error there is no command 'lst'\n"),
        ("lst 2>&-", 2, ""),
        ("invoke go --input - <&-", 2, "error CC707 standard input is closed\n  hint pipe JSON in, or name a file\n"),
    ],
)
def test_98_a_stream_that_is_closed_is_no_fault(project, line, code, told):
    project(APP)
    command = ["/bin/sh", "-c", f'"$0" -m cloud_cron_cli {line}', sys.executable]
    shown = subprocess.run(command, capture_output=True, check=False, text=True)

    assert (shown.returncode, shown.stdout) == (code, "")
    assert shown.stderr.startswith(told)
    assert told or not shown.stderr


def test_99_a_failure_is_told_to_a_stream_of_ascii(project):
    project(APP)
    shown = ran("invoke", "fail", PYTHONIOENCODING="ascii")

    assert (shown.returncode, shown.stdout) == (1, b"")
    assert b"error task 'fail' raised ValueError: Z\\xfcrich" in shown.stderr
    assert b"cloud_cron_cli" not in shown.stderr


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}])
def test_99_json_from_a_pipe_is_utf8_in_any_locale(project, locale):
    project(APP.replace('"Z\\\\u00fcrich"', "run.input"))
    shown = ran("invoke", "go", "--input", "-", "--json", data='{"x": "\u00fc"}'.encode(), **locale)
    wrong = ran("invoke", "go", "--input", "-", data=b'{"x": "\xfc"}', **locale)

    assert shown.returncode == 0, shown.stderr
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert wrong.stderr.splitlines() == [b"error CC707 standard input is not UTF-8", b"  hint save it as UTF-8"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("{", "CC707", "is no JSON"),
        ("1" * 5000, "CC707", "more than 4,300 digits"),
        ("[" * 100_000, "CC707", "nested too deeply"),
        ("[" * 70 + "]" * 70, "CC214", "deeper than 64 levels"),
        ("[NaN]", "CC210", "NaN"),
        ('["\\ud800"]', "CC217", "U+D800"),
    ],
)
def test_26_to_42_input_that_no_run_could_be_given(project, run, text, code, said):
    folder = project(APP, **{"given.json": text})
    for source, stdin in (("given.json", None), ("-", text)):
        result = run("invoke", "go", "--send", "--input", source, stdin=stdin)

        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"error {code} ")
        assert said in result.stderr
        assert "  hint " in result.stderr
    assert not (folder / ".cloud-cron").exists()
