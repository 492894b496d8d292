from __future__ import annotations

import json
from datetime import timedelta, timezone

import pytest

from cloud_cron_cli import times
from cloud_cron_cli.times import aware, away, brief, day, shown

AFTER = ["--after", "2030-03-29T12:00"]


def test_words_and_the_next_fire_times_with_offset_and_day(run):
    result = run("next", "cron(0 8 * * ? *)", "--timezone", "Europe/Berlin", *AFTER, "-n", "3")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "At 08:00 every day, Europe/Berlin"
    assert [line[:32].strip() for line in lines[2:]] == [
        "Sat 2030-03-30 08:00 +01:00",
        "Sun 2030-03-31 08:00 +02:00",
        "Mon 2030-04-01 08:00 +02:00",
    ]
    assert all(" days" in line for line in lines[2:])


def test_the_json_shape(run):
    result = run(
        "next", "rate(90 minutes)", "--timezone", "Europe/Berlin", "--after", "2030-01-01T00:00", "-n2", "--json"
    )

    assert json.loads(result.stdout) == {
        "expression": "rate(90 minutes)",
        "timezone": "Europe/Berlin",
        "description": "Every 90 minutes, counted from 1970-01-01 00:00 UTC",
        "next": ["2030-01-01T01:00:00+01:00", "2030-01-01T02:30:00+01:00"],
    }


def test_five_times_unless_another_number_is_asked_for(run):
    assert len(json.loads(run("next", "rate(1 day)", "--json").stdout)["next"]) == 5


def test_an_after_with_an_offset_is_an_instant(run):
    line = ["next", "rate(1 day)", "--timezone", "Asia/Tokyo", "-n1", "--json", "--after"]

    assert json.loads(run(*line, "2030-01-01T00:00Z").stdout)["next"] == ["2030-01-02T09:00:00+09:00"]
    assert json.loads(run(*line, "2030-01-01T00:00").stdout)["next"] == ["2030-01-01T09:00:00+09:00"]


def test_what_a_clock_change_does_is_told_beside(run):
    result = run("next", "cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", *AFTER)

    assert "warning W104 " in result.stderr
    assert "2030-03-31" in result.stderr
    assert "W104" not in result.stdout
    assert "W104" not in run("next", "cron(30 2 * * ? *)", "--timezone", "Europe/Berlin", *AFTER, "-q").stderr


def test_what_is_over_says_so(run):
    result = run("next", "at(2020-01-01T00:00:00)", *AFTER)

    assert result.exit_code == 0
    assert "  never again; last Wed 2020-01-01 00:00 +00:00\n" in result.stdout
    assert not result.stderr
    assert json.loads(run("next", "at(2020-01-01T00:00:00)", "--json").stdout)["next"] == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["rate(1 hours)"], "error CC101 "),
        (["0 9 * * *"], "error CC102 "),
        (["every hour"], "error CC103 "),
        (["rate(1 hour)", "--timezone", "Mars/X"], "error CC104 "),
        (["rate(1 hour)", "--after", "tomorrow"], "error Invalid value for '--after': 'tomorrow' is no ISO 8601 date"),
        (["rate(1 hour)", "-n", "0"], "error Invalid value for '-n': 0 is not in the range 1<=x<=1000."),
    ],
)
def test_what_cannot_be_read_is_a_misuse(run, line, message):
    result = run("next", *line)

    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert "  hint " in result.stderr


NOW = times.moment("2030-01-07T08:00:00+01:00")


@pytest.mark.parametrize(
    ("moment", "relative", "until", "short"),
    [
        ("2030-01-07T08:00:05+01:00", "today", "in 5 s", "Mon 7 Jan 08:00:05"),
        ("2030-01-07T08:00:00+01:00", "today", "now", "Mon 7 Jan 08:00"),
        ("2030-01-07T09:02:30+01:00", "today", "in 1 h 2 min", "Mon 7 Jan 09:02:30"),
        ("2030-01-08T07:00:00+01:00", "tomorrow", "in 23 h", "Tue 8 Jan 07:00"),
        ("2030-01-08T09:00:00+01:00", "tomorrow", "in 1 day 1 h", "Tue 8 Jan 09:00"),
        ("2030-01-08T00:30:00+09:00", "tomorrow", "in 8 h 30 min", "Tue 8 Jan 00:30"),
        ("2031-01-07T08:00:00+01:00", "in 365 days", "in 365 days", "Tue 7 Jan 2031 08:00"),
        ("2030-01-06T08:00:00+01:00", "yesterday", "now", "Sun 6 Jan 08:00"),
        ("2029-01-06T08:00:00+01:00", "366 days ago", "now", "Sat 6 Jan 2029 08:00"),
    ],
)
def test_times_as_people_say_them(moment, relative, until, short):
    time = times.moment(moment)

    assert (day(time, NOW), away(time, NOW), brief(time, NOW)) == (relative, until, short)


def test_a_moment_with_its_weekday_and_offset():
    assert shown(NOW) == "Mon 2030-01-07 08:00 +01:00"
    assert (
        shown(aware(times.moment("2030-01-07T08:00:01"), timezone(timedelta(hours=1))))
        == "Mon 2030-01-07 08:00:01 +01:00"
    )
