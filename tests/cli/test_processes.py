"""A few runs of the real command, where the process itself matters: streams, locale, signals, the current folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shlex import quote

import pytest

FULL = Path("/dev/full")

NAMED = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["a"])
def go(): return {"a": {"city": "Zürich"}}

@app.notifier("print")
def tell(message): return f"→ {message.payload['city']}"
"""


def ran(*arguments, **environment):
    """What the command in a pipe says, with other environment variables."""
    command = [sys.executable, "-m", "cloud_cron_cli", *arguments]
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHONUTF8", "PYTHONIO", "LC_"))
    }
    return subprocess.run(command, capture_output=True, check=False, env={**variables, **environment})


@pytest.mark.parametrize(
    "locale",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    ],
)
def test_no_locale_breaks_the_output(project, locale):
    project(NAMED)
    shown = ran("invoke", "go", **locale)

    assert shown.returncode == 0, shown.stderr
    assert b"Traceback" not in shown.stderr
    assert b"tell  print " in shown.stdout
    data = json.loads(ran("invoke", "go", "--json", **locale).stdout)
    assert data["published"][0]["payload"] == {"city": "Zürich"}


def test_ascii_streams_get_ascii(project):
    project(NAMED)
    done = ran("invoke", "go", PYTHONIOENCODING="ascii")

    assert done.stdout.isascii()
    assert done.stderr.isascii()
    assert done.stdout.startswith(b"ok go")
    assert b"print -> stdout" in done.stdout


def test_a_pipe_gets_no_colours(project):
    project(NAMED)
    done = ran("list", TERM="xterm-256color")

    assert b"\x1b" not in done.stdout + done.stderr


def test_a_failure_is_an_exit_code_and_words_on_stderr(project):
    project(NAMED)
    done = ran("invoke", "og")

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().splitlines() == ["error CC720 there is no task 'og'", "  hint known: go"]


def test_an_interrupt_is_exit_code_130(project):
    project("import os, signal\nos.kill(os.getpid(), signal.SIGINT)")
    done = ran("list")

    assert done.returncode == 130
    assert (done.stdout, done.stderr.strip()) == (b"", b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_disaster(project, unbuffered):
    project(NAMED)
    command = [sys.executable, "-m", "cloud_cron_cli", "list"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False, env=environment)

    assert done.returncode == 1
    assert done.stderr == b""


@pytest.mark.skipif(not FULL.exists(), reason="a disk that is full by nature is Linux's")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["list"], ["list", "--json"]])
def test_an_output_that_cannot_be_written_is_told(project, words, unbuffered):
    project(NAMED)
    with FULL.open("wb") as full:
        command = [sys.executable, "-m", "cloud_cron_cli", *words]
        environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=environment)

    assert done.returncode == 1
    assert done.stderr.startswith(b"error CC708 standard output cannot be written: No space left on device")


def test_what_a_browser_says_is_no_data(project):
    folder = project(NAMED, **{"samples/a.json": '{"city": "Z\\u00fcrich"}'})
    program = folder / "browser.py"
    program.write_text("print('Opening in existing browser session.')", encoding="utf-8")
    done = ran(
        "render", "tell", "--open", "--json", BROWSER=f"{quote(sys.executable)} {program} %s", TMPDIR=str(folder)
    )

    assert json.loads(done.stdout)["content"] == {"text": "→ Zürich"}
    assert b"existing browser session" in done.stderr
    assert next(folder.glob("cloud-cron-*/tell.html")).read_bytes().startswith(b"\xef\xbb\xbf<pre>")
