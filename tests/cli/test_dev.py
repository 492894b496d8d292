"""`cloud-cron dev` with its processes, on a terminal of its own and without one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.channels.mail_servers import Box, served
from tests.host.machine import until

if sys.platform == "win32":
    pytest.skip("needs fork", allow_module_level=True)

from tests.cli.terminal import Terminal

APP = """
import os, time
from pathlib import Path
from cloud_cron import CloudCron

app = CloudCron("weather")
print("imported")
here = Path(__file__).parent

@app.schedule("cron(0 8 * * ? *)", topics=["reports"], timezone="Europe/Berlin")
def morning(run):
    print("good morning")
    return {"reports": {"city": "Berlin"}}

@app.schedule()
def waits():
    while not (here / "go").exists():
        time.sleep(0.02)

@app.schedule()
def breaks():
    os.write(1, b"past the log\\n")
    raise LookupError("no such station")

@app.notifier("email", topics=["reports"], recipients=["ada@example.org"], template="report")
def mail(message):
    return {"city": message.payload["city"]}
"""

FILES = {
    "templates/report.subject.txt": "Weather for {{ city }}",
    "templates/report.txt": "Sunny in {{ city }}.",
    "templates/report.html": "<p>Sunny in {{ city }}.</p>",
}


@pytest.fixture
def dev(project):
    """Starts `dev` on a terminal in a project."""
    opened = []

    def start(*arguments, app=APP, columns=100, stdin=None, **environment):
        folder = project(app, **FILES)
        opened.append(Terminal(folder, "dev", *arguments, columns=columns, stdin=stdin, **environment))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def rewrite(path: Path, before: str, after: str) -> None:
    """As an editor saves: a new file takes the place of the old one."""
    path.with_suffix(".new").write_text(path.read_text().replace(before, after))
    path.with_suffix(".new").replace(path)


def test_the_table_shows_tasks_notifiers_and_keys(dev):
    terminal = dev()
    terminal.shows("│ imported", "loaded  app=weather tasks=3 notifiers=1")
    terminal.tells("weather  stage dev  sends nothing", "At 08:00 every day", "on demand", "never")
    terminal.tells("mail      email", "outbox  empty", "r run · p pause", "q quit")

    terminal.type("?")
    terminal.shows("step the clock to just before the next run")
    terminal.type("q")
    assert terminal.ends() == 0
    assert terminal.modes() == terminal.before
    assert "TASK" not in terminal.text
    assert "\x1b[?25h" in terminal.raw.rpartition("\x1b[?25l")[2]


def test_a_task_is_run_by_its_number_and_its_mail_opened(dev, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.part\nmv {tmp_path}/opened.part {tmp_path}/opened\n')
    browser.chmod(0o755)
    terminal = dev(BROWSER=str(browser))
    terminal.tells("outbox  empty")
    terminal.type("o")
    terminal.shows("the outbox is empty")

    terminal.type("r")
    terminal.tells("run which?  1 morning  2 waits  3 breaks")
    terminal.type("\x1b")
    terminal.tells("r run")
    terminal.type("r1")
    terminal.shows("morning  good morning", "morning  done  messages=1", "mail  outbox")
    terminal.tells("✓ done", "outbox  1  Weather for Berlin  to ada@example.org")

    terminal.type("o")
    until((tmp_path / "opened").exists, patience=20)
    file = Path((tmp_path / "opened").read_text().strip().removeprefix("file://"))
    assert "<p>Sunny in Berlin.</p>" in file.read_text()


def test_a_run_that_fails_shows_the_users_traceback_alone(dev):
    terminal = dev()
    terminal.tells("breaks")
    terminal.type("r3")
    terminal.shows("│ past the log", 'raise LookupError("no such station")')
    terminal.tells("LookupError: no such")

    assert "cloud_cron/" not in terminal.text


def test_what_runs_is_shown_as_running(dev, tmp_path):
    terminal = dev()
    terminal.tells("waits")
    terminal.type("r2")
    terminal.tells("running")
    (tmp_path / "go").touch()
    terminal.shows("waits  done")
    terminal.tells("✓ done")


def test_pause_and_resume(dev):
    terminal = dev()
    terminal.tells("r run")
    terminal.type("p")
    terminal.shows("paused morning, waits, breaks and mail")
    terminal.tells("mail  paused")
    terminal.type("r1")
    terminal.shows("morning  done")
    terminal.tells("outbox  empty")

    terminal.type("p")
    terminal.shows("resumed", "mail  outbox")
    terminal.tells("outbox  1")
    terminal.lacks("paused")


def test_the_clock_is_stepped_to_the_next_run(dev):
    terminal = dev(TZ="Europe/Berlin")
    terminal.tells("never")
    terminal.type("n")
    terminal.shows("clock stepped to", "morning  done", "mail  outbox")
    terminal.tells("ahead", "08:00:0", "in 2", "✓ done")


def test_another_app_and_another_template_are_loaded_at_once(dev, tmp_path):
    terminal = dev()
    terminal.tells("morning")
    rewrite(tmp_path / "app.py", "def breaks", "def mends")
    terminal.shows(" s: app.py")
    assert re.search(r"reloaded in \d+\.\d s: app\.py", terminal.text)
    terminal.tells("mends")

    rewrite(tmp_path / "templates" / "report.subject.txt", "Weather", "Sunshine")
    terminal.shows(" s: templates/report.subject.txt")
    terminal.type("r1")
    terminal.tells("Sunshine for Berlin")


def test_an_app_that_does_not_load_leaves_the_one_before_at_work(dev, tmp_path):
    terminal = dev()
    terminal.tells("morning")
    rewrite(tmp_path / "app.py", 'print("imported")', "1 / 0")
    terminal.shows("    1 / 0", "ZeroDivisionError: division by zero", "error CC702")
    terminal.tells("the last change could not be loaded")
    assert "cloud_cron/" not in terminal.text
    assert "importlib" not in terminal.text
    assert terminal.text.count("raised ZeroDivisionError") == 1

    terminal.type("r1")
    terminal.shows("morning  done")
    rewrite(tmp_path / "app.py", "1 / 0", "")
    terminal.shows(" s: app.py")
    terminal.lacks("could not be loaded")


def test_an_app_that_never_loaded_is_waited_for(dev, tmp_path):
    terminal = dev(app="import nothing_there")
    terminal.shows("No module named 'nothing_there'", "waiting for a change", "q quit")
    rewrite(tmp_path / "app.py", "import nothing_there", "def")
    terminal.shows("SyntaxError")
    (tmp_path / "app.py").write_text(APP)
    terminal.tells("morning", "r run")

    os.kill(terminal.pid, signal.SIGINT)
    assert terminal.ends() == 0
    assert terminal.modes() == terminal.before


@pytest.mark.parametrize("way", ["q", "\x03"])
def test_waiting_for_a_change_ends_when_asked_to(dev, way):
    terminal = dev(app="import nothing_there")
    terminal.shows("q quit")
    terminal.type(way)
    assert terminal.ends() == 0
    assert terminal.modes() == terminal.before


def test_sixty_columns_without_colours_are_enough(dev):
    terminal = dev(columns=60, NO_COLOR="1")
    terminal.tells("NEXT RUN", "IN FLIGHT", "OUTBOX", "r run  p pause  n next  o open", "? help  q quit")
    terminal.type("p")
    terminal.tells("mail", "paused")

    assert max(len(line) for line in terminal.table.splitlines()) <= 60
    assert "\x1b[1m" not in terminal.raw
    assert "\x1b[3" not in terminal.raw


def test_sixty_columns_ask_and_list_on_as_many_lines_as_it_takes(dev):
    many = "".join(f"\napp.schedule(name='task{number}')(lambda: None)" for number in range(60))
    terminal = dev(app=f"{APP}{many}", columns=60)
    terminal.tells("morning", "and ", " more", "mail", "outbox  empty", "q quit")
    assert terminal.table.count("\n") < terminal.rows

    terminal.type("r")
    terminal.tells("run which?  1 morning", "63 task59  esc: none", "outbox  empty")
    assert terminal.table.count("\n") < terminal.rows
    terminal.type("1\r")
    terminal.shows("morning  done")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_the_c_locale_has_a_table_too(dev, encoding):
    terminal = dev(LC_ALL="C", PYTHONIOENCODING=encoding, columns=80)
    terminal.shows("q quit")
    terminal.type("r1")
    terminal.shows("morning  done", {"utf-8": "✓ done", "ascii": "ok done"}[encoding])
    assert "\\u" not in terminal.text


def test_a_dumb_terminal_gets_lines(dev):
    terminal = dev(TERM="dumb")
    terminal.shows("imported", "loaded  app=weather")

    terminal.type("\x03")
    assert terminal.ends() == 0
    assert "TASK" not in terminal.text
    assert "\x1b" not in terminal.raw


def test_where_nothing_can_be_typed_no_keys_are_shown(dev):
    terminal = dev(stdin=os.devnull)
    terminal.tells("morning", "outbox  empty")
    assert "quit" not in terminal.text

    os.kill(terminal.pid, signal.SIGTERM)
    assert terminal.ends() == 0


def test_the_screen_is_left_alone_while_nothing_happens(dev):
    terminal = dev(app='from cloud_cron import CloudCron\napp = CloudCron("idle")')
    terminal.tells("outbox  empty", "q quit")
    terminal.shows("loaded")
    drawn = len(terminal.raw)
    with pytest.raises(AssertionError):
        terminal.shows("what never comes", patience=1.5)
    assert len(terminal.raw) == drawn


def test_a_suspended_host_gives_the_terminal_back(dev):
    terminal = dev()
    terminal.tells("r run")
    terminal.type("\x1a")
    assert os.WIFSTOPPED(os.waitpid(terminal.pid, os.WUNTRACED)[1])
    assert terminal.modes() == terminal.before

    os.kill(terminal.pid, signal.SIGCONT)
    terminal.type("r1")
    terminal.shows("morning  done")


def test_a_host_whose_terminal_is_closed_ends(dev):
    terminal = dev()
    terminal.tells("r run")
    terminal.hang_up()
    terminal.ends()


@pytest.mark.parametrize("how", [(), ("--send",)])
def test_a_mail_server_hears_of_dev_only_with_send(dev, tmp_path, how):
    box = Box()
    with served(box) as port:
        server = f'sender = "shop@example.org"\nsmtp = "smtp+plain://127.0.0.1:{port}"\nredirect_to = "me@example.org"'
        (tmp_path / "cloud-cron.toml").write_text(f"[channels.email]\n{server}\n")
        terminal = dev(*how)
        terminal.tells("r run")
        terminal.type("r1")
        terminal.shows("mail  sent" if how else "mail  outbox")
        terminal.close()

    assert [to for _, to, _ in box.mails] == ([["me@example.org"]] if how else [])
    assert bool(box.sessions) is bool(how)


def test_sending_for_real_is_said_loudly(dev, tmp_path):
    app = APP.replace('"email", topics=["reports"], recipients=["ada@example.org"]', '"print", topics=["reports"]')
    terminal = dev("--send", app=app)
    terminal.shows("--send: this sends for real")
    terminal.tells("sends for real", "SENT")
    terminal.type("r1")
    terminal.shows("mail  sent")
    terminal.type("n")
    terminal.shows("with --send the clock stays")
    assert (tmp_path / ".cloud-cron" / "dev.db").exists()


class Plain:
    """`dev` in a pipe."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.out, self.err = folder / "out", folder / "err"
        command = [sys.executable, "-m", "cloud_cron_cli", "dev", *arguments]
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    def ends(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def plain(project):
    """Starts `dev` without a terminal."""
    started = []

    def start(*arguments, app=APP):
        started.append(Plain(project(app, **FILES), *arguments))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_without_a_terminal_there_are_lines(plain, tmp_path):
    host = plain()
    until(lambda: "loaded  app=weather" in host.out.read_text(), patience=20)
    rewrite(tmp_path / "app.py", '"weather"', '"whether"')
    until(lambda: " s: app.py" in host.out.read_text(), patience=20)

    assert host.ends() == 0
    assert "TASK" not in host.out.read_text()
    assert "\x1b" not in host.out.read_text() + host.err.read_text()


def test_json_lines_for_a_program(plain):
    host = plain("--json")
    until(lambda: "loaded" in host.out.read_text(), patience=20)

    assert host.ends(signal.SIGINT) == 0
    entries = [json.loads(line) for line in host.out.read_text().splitlines()]
    assert any(entry.get("status") == "loaded" and entry["app"] == "weather" for entry in entries)
    assert "imported" in host.err.read_text()


def test_without_hot_reload_an_app_that_does_not_load_is_an_error(plain):
    host = plain("--no-reload", app="import nothing_there")

    assert host.process.wait(20) == 2
    said = host.out.read_text() + host.err.read_text()
    assert said.count("No module named 'nothing_there'") >= 1
    assert "error CC" in said


def test_two_hosts_of_one_database_are_refused(plain, run):
    host = plain()
    until(lambda: "loaded" in host.out.read_text(), patience=20)
    second = run("dev")

    assert second.exit_code == 1
    assert "CC910" in second.output
