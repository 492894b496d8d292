"""Schedules and time zones, as a decorator and as an argument of `next`."""

from __future__ import annotations

import json

import pytest

from tests.bad_input.conftest import HEAD

ROWS = [
    pytest.param("'rate(1 hours)'", "CC101", "1 takes the singular", "use `rate(1 hour)`", id="1"),
    pytest.param("'rate(0 minutes)'", "CC101", "needs a value >= 1", "such as `rate(5 minutes)`", id="2"),
    pytest.param("'rate(30 seconds)'", "CC101", "one minute is the shortest", "use `rate(1 minute)`", id="3"),
    pytest.param("'0 9 * * *'", "CC102", "five fields", "use `cron(0 9 * * ? *)`", id="4"),
    pytest.param("'cron(0 9 * * * *)'", "CC102", "`?` needed in one day field", "use `cron(0 9 * * ? *)`", id="5"),
    pytest.param("'cron(0 9 31 2 ? *)'", "CC102", "never fires", "use `cron(0 9 L 2 ? *)`", id="6"),
    pytest.param("'every hour'", "CC103", "none of the three forms", "perhaps `rate(1 hour)`", id="7-words"),
    pytest.param("''", "CC103", "the schedule is empty", "`at(2030-01-31T09:00:00)`", id="7-empty"),
    pytest.param("None", "CC103", "a schedule is text, not `None`", "`at(2030-01-31T09:00:00)`", id="7-none"),
    pytest.param(
        "'rate(1 day)', timezone='EST5'",
        "CC104",
        "no time zone `EST5`",
        "did you mean `America/New_York`",
        id="8-posix",
    ),
    pytest.param(
        "'rate(1 day)', timezone='Mars/X'", "CC104", "no time zone `Mars/X`", "such as `UTC`, `Europe/", id="8-mars"
    ),
]


@pytest.mark.parametrize(("written", "code", "text", "hint"), ROWS)
def test_a_schedule_that_aws_would_refuse(refused, written, code, text, hint):
    found = refused(f"\n@app.schedule({written})\ndef go(): ...\n")

    assert (found["code"], found["file"], found["line"]) == (code, "app.py", 4)
    assert text in found["message"]
    assert hint in found["hint"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("rate(1 hours)", "CC101"),
        ("rate(0 minutes)", "CC101"),
        ("rate(30 seconds)", "CC101"),
        ("0 9 * * *", "CC102"),
        ("cron(0 9 * * * *)", "CC102"),
        ("cron(0 9 31 2 ? *)", "CC102"),
        ("every hour", "CC103"),
        ("", "CC103"),
    ],
)
def test_next_refuses_it_in_two_lines(run, expression, code):
    result = run("next", expression)

    assert (result.exit_code, result.stdout) == (2, "")
    first, last = result.stderr.splitlines()
    assert first.startswith(f"error {code} ")
    assert last.startswith("  hint ")


@pytest.mark.parametrize("zone", ["EST5", "Mars/X", ""])
def test_next_refuses_a_zone(run, zone):
    result = run("next", "rate(1 day)", "--timezone", zone)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error CC104 ")


def test_9_a_time_that_the_clocks_skip_is_a_warning_with_its_dates(project, run):
    project(HEAD + "@app.schedule('cron(30 2 * * ? *)', timezone='Europe/Berlin')\ndef go(): ...\n")
    result = run("check", "--json")
    [found] = json.loads(result.stdout)["diagnostics"]

    assert (result.exit_code, found["code"], found["severity"]) == (0, "W104", "warning")
    assert (found["file"], found["line"]) == ("app.py", 3)
    assert found["message"].count("-03-") == found["message"].count("-10-") == 2
    assert "the clocks skip 02:30" in found["message"]
    assert found["hint"].startswith("choose times outside of 02:00-03:00")
    assert run("check", "--strict").exit_code == 2
