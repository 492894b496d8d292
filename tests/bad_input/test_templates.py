"""Templates and subjects: found by `check` where nothing must run for it, and a dead letter's reason otherwise."""

from __future__ import annotations

import json

import pytest

from cloud_cron import CloudCron, Email
from cloud_cron.testing import CronRunner

APP = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["a"])
def go(): return {"a": {"n": 1}}

@app.notifier("email", topics=["a"], recipients=["ada@example.org"]OPTIONS)
def mail(message): return {"n": 1, "lines": "one\\ntwo", "nothing": "", "long": "x" * 999}
"""

FILES = [
    pytest.param(b"one\n{% if %}", "CC402", "templates/mail.txt:2", "Expected an expression", True, id="60-syntax"),
    pytest.param(b"one\n{{ absent }}", "CC403", "templates/mail.txt:2", "'absent' is undefined", False, id="61-name"),
    pytest.param(b"{{ ''.__class__ }}", "CC404", "templates/mail.txt:1", "__class__", False, id="62-sandbox"),
    pytest.param(
        b"\n{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
        "CC405",
        "templates/mail.txt:2",
        "",
        False,
        id="63-endless",
    ),
    pytest.param(b"{{ 'x' * 10000000 }}", "CC405", "templates/mail.txt:1", "10,000,000", False, id="63-10-mb"),
    pytest.param(b"\xef\xbb\xbfhello", "CC402", "templates/mail.txt:1", "byte order mark", True, id="63-mark"),
    pytest.param(b"one\ncaf\xe9", "CC402", "templates/mail.txt:2", "byte 0xE9 in column 4", True, id="63-latin"),
    pytest.param(b" \n", "CC411", "templates/mail.txt:1", "is empty", False, id="65-body"),
]
OPTIONS = [
    pytest.param(", template='absent'", "CC401", "app.py:8", "template 'absent'", True, id="59-missing"),
    pytest.param(", subject='{{ lines }}'", "CC410", "app.py:8", "U+000A", False, id="64-lines"),
    pytest.param(", subject='{{ long }}'", "CC410", "app.py:8", "999 characters", False, id="64-long"),
    pytest.param(", subject='{{ nothing }}'", "CC411", "app.py:8", "is empty", False, id="65-subject"),
]


@pytest.mark.parametrize(
    ("options", "data", "code", "place", "text", "static"),
    [
        *(pytest.param("", *param.values, id=param.id) for param in FILES),
        *(pytest.param(param.values[0], None, *param.values[1:], id=param.id) for param in OPTIONS),
    ],
)
def test_check_finds_a_template_that_cannot_be_sent(project, run, options, data, code, place, text, static):  # noqa: PLR0913, PLR0917 - a table
    folder = project(APP.replace("OPTIONS", options))
    if data is not None:
        (folder / "templates").mkdir()
        (folder / "templates" / "mail.txt").write_bytes(data)
    assert run("check").exit_code == (2 if static else 0)
    (folder / "samples").mkdir()
    (folder / "samples" / "a.json").write_text("{}", encoding="utf-8")
    shown = run("check", "--json")
    found = json.loads(shown.stdout)["diagnostics"][0]

    assert (shown.exit_code, found["code"], f"{found['file']}:{found['line']}") == (2, code, place)
    assert text in found["message"]
    assert found["hint"]


@pytest.mark.parametrize(("data", "code", "place", "text", "static"), FILES)
def test_the_dead_letter_says_why(tmp_path, data, code, place, text, static):  # noqa: PLR0913, PLR0917 - a table
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "mail.txt").write_bytes(data)
    app = CloudCron("weather")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    app.notifier("email", topics=["a"], name="mail", recipients="ada@example.org")(lambda message: {"n": 1})
    with CronRunner(app, folder=tmp_path) as cron:
        cron.run("go")
        cron.deliver(raises=False)
        [letter] = cron.dlq("mail")

        assert (cron.outbox, letter.code) == ([], code)
        assert f"({place})" in letter.reason
        assert text in letter.reason


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(Email("a\nb", "x"), "CC410", id="64-lines"),
        pytest.param(Email("x" * 999, "x"), "CC410", id="64-long"),
        pytest.param(Email("", "x"), "CC411", id="65-subject"),
        pytest.param(Email("x", ""), "CC411", id="65-body"),
        pytest.param("x" * 10_000_000, "CC405", id="63-10-mb"),
    ],
)
def test_content_of_a_notifiers_own_is_dead_lettered_too(content, code):
    app = CloudCron("weather")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    app.notifier("email", topics=["a"], name="mail", recipients="ada@example.org")(lambda message: content)
    with CronRunner(app) as cron:
        cron.run("go")
        cron.deliver(raises=False)

        assert ([letter.code for letter in cron.dlq("mail")], cron.outbox) == ([code], [])
