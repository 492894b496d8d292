from __future__ import annotations

import json

import pytest


def test_by_name_and_only_once(ground, run):
    here = ground()
    first, second = run("pause", "morning", "mail", "morning"), run("pause", "morning", "later")

    assert (first.exit_code, first.stdout) == (0, "paused morning and mail\n")
    assert second.stdout == "paused later\nmorning: paused already\n"
    assert set(here.book.paused()) == {"morning", "mail", "later"}

    assert run("resume", "mail", "by_hand").stdout == "resumed mail\nby_hand: not paused\n"
    assert set(here.book.paused()) == {"morning", "later"}
    assert here.done() == [
        {"status": "paused", "task": "morning"},
        {"status": "paused", "notifier": "mail"},
        {"status": "paused", "task": "later"},
        {"status": "resumed", "notifier": "mail"},
    ]


def test_without_a_name_it_is_everybody(ground, run):
    here = ground()
    here.book.pause(["later"], 1.0)

    assert run("pause").stdout == "paused morning, by_hand and mail\nlater: paused already\n"
    assert here.book.paused()["later"] == 1.0
    assert run("resume").stdout == "resumed morning, later, by_hand and mail\n"
    assert here.book.paused() == {}
    assert run("resume").stdout == "nothing is paused\n"


def test_whoever_the_app_does_not_have_any_more_goes_on_with_all(ground, run):
    here = ground()
    here.book.pause(["gone"], 1.0)

    assert run("resume", "gone").exit_code == 2
    assert run("resume").stdout == "resumed gone\n"


def test_the_json_shapes(ground, run):
    ground()

    assert json.loads(run("pause", "mail", "--json").stdout) == {"paused": ["mail"], "already": []}
    assert json.loads(run("pause", "mail", "later", "--json").stdout) == {"paused": ["later"], "already": ["mail"]}
    assert json.loads(run("resume", "mail", "--json").stdout) == {"resumed": ["mail"], "already": []}
    assert json.loads(run("resume", "mail", "--json").stdout) == {"resumed": [], "already": ["mail"]}


@pytest.mark.parametrize("command", ["pause", "resume"])
@pytest.mark.parametrize(("name", "code"), [("mornin", "CC720"), ("mal", "CC721"), ("x", "CC720")])
def test_a_name_that_nobody_has_changes_nothing(ground, run, command, name, code):
    here = ground()
    here.book.pause(["later"], 1.0)
    shown = run(command, "later", "morning", name)

    assert shown.exit_code == 2
    assert f"{code} there is no task and no notifier {name!r}" in shown.stderr
    assert "hint did you mean 'm" in shown.stderr or "hint known: by_hand, later, mail, morning" in shown.stderr
    assert here.book.paused() == {"later": 1.0}


def test_an_empty_app(ground, run):
    ground("from cloud_cron import CloudCron\napp = CloudCron('empty')")

    assert run("pause").stdout == "the app has no tasks and no notifiers\n"


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_where_nothing_has_run(project, run, command):
    folder = project()

    assert "CC740" in run(command).stderr
    assert not (folder / ".cloud-cron").exists()
