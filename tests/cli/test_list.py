from __future__ import annotations

import json

APP = """
from cloud_cron import CloudCron

app = CloudCron("weather")

@app.schedule("cron(0 8 * * ? 2199)", "at(2199-12-31T23:00:00)", topics=["reports"], timezone="Europe/Berlin")
def morning(): ...

@app.schedule("rate(1 day)", enabled=False)
def off(): ...

@app.schedule()
def by_hand(): ...

@app.schedule("at(2020-01-01T00:00:00)")
def over(): ...

@app.notifier("email", topics=["reports"], recipients=["ada@example.org", "bob@example.org", "ada@EXAMPLE.org"])
def mail(message): ...

@app.notifier("email", topics=["ops"], enabled=False)
def nobody(message): ...
"""


def test_the_json_shape(project, run):
    project(APP)

    assert json.loads(run("list", "--json", "--stage", "prod").stdout) == {
        "app": "weather",
        "stage": "prod",
        "tasks": [
            {
                "name": "morning",
                "schedules": ["cron(0 8 * * ? 2199)", "at(2199-12-31T23:00:00)"],
                "timezone": "Europe/Berlin",
                "topics": ["reports"],
                "next": ["2199-01-01T08:00:00+01:00", "2199-01-02T08:00:00+01:00", "2199-01-03T08:00:00+01:00"],
            },
            {"name": "off", "schedules": ["rate(1 day)"], "timezone": "UTC", "topics": [], "next": []},
            {"name": "by_hand", "schedules": [], "timezone": "UTC", "topics": [], "next": []},
            {"name": "over", "schedules": ["at(2020-01-01T00:00:00)"], "timezone": "UTC", "topics": [], "next": []},
        ],
        "notifiers": [
            {"name": "mail", "channel": "email", "topics": ["reports"], "recipients": 2},
            {"name": "nobody", "channel": "email", "topics": ["ops"], "recipients": 0},
        ],
        "topics": ["reports", "ops"],
    }


def test_the_table_in_words(project, run):
    project(APP)
    lines = [line.split("  ") for line in run("list").stdout.splitlines()]
    rows = {line[0]: [cell.strip() for cell in line[1:] if cell.strip()] for line in lines if line[0]}

    assert rows["weather"] == ["stage dev"]
    assert rows["morning"][:2] == ["At 08:00 every day, in 2199, Europe/Berlin", "Tue 1 Jan 2199 08:00"]
    assert rows["off"] == ["Every day", "not enabled", "none"]
    assert rows["by_hand"] == ["on demand", "on demand", "none"]
    assert rows["over"] == ["Once, at 00:00 on 2020-01-01, UTC", "never again", "none"]
    assert rows["mail"] == ["email", "reports", "2 recipients"]
    assert rows["nobody"] == ["email", "ops", "nobody, not enabled"]


def test_more_is_said_when_asked(project, run):
    project(APP)
    shown = run("list", "-v").stdout

    assert "cron(0 8 * * ? 2199)" in shown
    assert "bob@example.org" in shown


def test_an_empty_app(project, run):
    project("from cloud_cron import CloudCron\napp = CloudCron('empty')")

    assert run("list").stdout == "empty  stage dev\nno tasks and no notifiers yet\n"
    assert json.loads(run("list", "--json").stdout) == {
        "app": "empty",
        "stage": "dev",
        "tasks": [],
        "notifiers": [],
        "topics": [],
    }


def test_the_configuration_is_applied(project, run):
    project(APP, **{"cloud-cron.toml": '[stages.prod.notifiers.mail]\nrecipients = ["carol@example.org"]'})

    assert json.loads(run("list", "--json", "--stage", "prod").stdout)["notifiers"][0]["recipients"] == 1
    assert json.loads(run("list", "--json").stdout)["notifiers"][0]["recipients"] == 2


def test_what_the_users_module_prints_is_no_data(project, run):
    project("print('hello')\n" + APP)
    result = run("list", "--json")

    assert json.loads(result.stdout)["app"] == "weather"
    assert result.stderr == "hello\n"
