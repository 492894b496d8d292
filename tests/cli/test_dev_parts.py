"""What `dev` is made of, piece by piece."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.local.mailbox import Letter
from cloud_cron_cli.changes import Changes
from cloud_cron_cli.facts import Facts, Notifier, Task
from cloud_cron_cli.fitting import shortened, wrapped
from cloud_cron_cli.letterbox import write
from cloud_cron_cli.telling import told
from cloud_cron_cli.tracebacks import users
from cloud_cron_cli.view import NARROW, View, headline, legend, view

NOW = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)


@pytest.fixture
def changes(tmp_path, monkeypatch):
    monkeypatch.setattr("cloud_cron_cli.changes.EVERY", 0.0)
    monkeypatch.setattr("cloud_cron_cli.changes._SHARE", 0)
    (tmp_path / "app.py").write_text("a")
    (tmp_path / "templates").mkdir()
    return Changes(tmp_path)


@pytest.mark.parametrize("name", ["app.py", "parts/more.py", "templates/a.html", "cloud-cron.toml"])
def test_a_change_is_noticed_once(changes, tmp_path, name):
    assert changes.look() == []
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("changed")

    assert changes.look() == [name]
    assert changes.look() == []


def test_a_file_that_goes_is_a_change(changes, tmp_path):
    (tmp_path / "app.py").unlink()
    assert changes.look() == ["app.py"]


@pytest.mark.parametrize("name", [".venv/a.py", "env/lib/a.py", "node_modules/a.py", "notes.txt", ".hidden.py"])
def test_what_is_not_the_users_code_is_no_change(changes, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / "env").mkdir(exist_ok=True)
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / name).write_text("changed")
    assert changes.look() == []


def test_files_and_templates_elsewhere_are_followed(changes, tmp_path):
    (tmp_path / "mails").mkdir()
    (tmp_path / "data.json").touch()
    changes.follow([str(tmp_path / "data.json")], tmp_path / "mails")
    assert changes.look() == []
    (tmp_path / "mails" / "a.txt").touch()
    (tmp_path / "data.json").write_text("{}")

    assert changes.look() == ["data.json", "mails/a.txt"]


def test_a_traceback_keeps_the_users_frames():
    ours = sys.modules["cloud_cron_cli.changes"].__file__
    text = f"""Traceback (most recent call last):
  File "{ours}", line 1, in load
    load()
    ^^^^
  File "<frozen importlib._bootstrap>", line 1, in _load
  File "/home/ada/app.py", line 3, in <module>
    1 / 0
    ~~^~~
ZeroDivisionError: division by zero
"""
    assert users(text) == [
        "Traceback (most recent call last):",
        '  File "/home/ada/app.py", line 3, in <module>',
        "    1 / 0",
        "    ~~^~~",
        "ZeroDivisionError: division by zero",
    ]
    assert users(f'Traceback (most recent call last):\n  File "{ours}", line 1, in load\nKeyError: 1') == [
        "KeyError: 1"
    ]
    assert users("") == []


def test_a_line_of_the_log_is_short():
    entry = {
        "time": "2030-01-07T07:00:00.000Z",
        "level": "warning",
        "event": "run",
        "task": "morning",
        "run_id": "m@1",
        "status": "retry",
        "attempt": 1,
        "reason": "KeyError: 1 at app.py:3",
        "message": "KeyError: 1",
    }

    assert "WARN retry: KeyError: 1 at app.py:3" in told(entry)
    assert "run_id" not in told(entry)
    assert "run_id=m@1" in told(entry, verbose=True)
    assert told({**entry, "level": "debug"}) == ""


def test_the_view_changes_with_time_and_nothing_else():
    task = Task(
        "morning", "At 08:00", NOW + timedelta(minutes=9.5), "", "failed", "KeyError: 1\nmore", NOW, is_paused=False
    )
    part = Notifier("mail", "email", 2, 1, 3, 4, is_paused=True)
    facts = Facts("weather", "dev", False, (task,), (part,), 0, None, "the disk is full")  # noqa: FBT003 - a value
    shown = view(facts, NOW, [], 90_000.0, (), width=100)

    assert shown == view(facts, NOW + timedelta(microseconds=1), [], 90_000.0, (), width=100)
    assert shown != view(facts, NOW + timedelta(minutes=1), [], 90_000.0, (), width=100)
    assert "running" in str(view(facts, NOW, ["morning"], 0.0, (), width=60))
    assert "25 h 0 min ahead" in str(shown)
    assert "the disk is full" in str(shown)


def test_the_legend_fits():
    from click import unstyle  # noqa: PLC0415 - for this alone

    assert all(len(unstyle(legend(width))) <= width for width in range(60, 200))
    assert "dead letters" in legend(NARROW)
    assert legend(NARROW) != legend(100)


def test_a_letter_without_html_is_its_text():
    letter = Letter(1, 0.0, "text_alert", "sms", "+491701234567", "m", {"text": "\nstorm <now>\n"})

    assert headline(letter) == "storm <now>"
    assert "<pre>\nstorm &lt;now&gt;" in write(letter).read_text()


def table(rows: int) -> tuple[tuple[str, ...], ...]:
    return (("A", "B"), *((str(number), "b") for number in range(rows)))


@pytest.mark.parametrize("sizes", [(3,), (30,), (3, 30), (30, 3), (30, 30), (300, 1), ()])
@pytest.mark.parametrize("height", [3, 10, 12, 24, 50])
def test_a_view_is_shortened_to_the_terminal(sizes, height):
    whole = View("title", tuple(map(table, sizes)), ("outbox", "keys"))
    shown = shortened(whole, height)
    lines = 1 + 2 + sum(len(rows) + 1 for rows in shown.tables) + len(shown.below) + 1

    assert shown.below == whole.below
    assert lines <= max(height, 6)
    assert shown == whole or height < 1 + 2 + sum(2 + size for size in sizes) + 2 + 1


def test_what_is_left_out_is_counted():
    from click import unstyle  # noqa: PLC0415 - for this alone

    [rows] = shortened(View("", (table(30),), ()), 10).tables
    *shown, last = rows
    assert (unstyle(last[0]), last[1], len(shown)) == ("and 25 more", "", 6)


def test_words_are_wrapped_between_each_other():
    assert wrapped(["one", "two", "three"], 8) == ("one  two", "three")
    assert wrapped(["much too long", "a"], 8) == ("much too long", "a")
    assert wrapped([], 8) == ()
