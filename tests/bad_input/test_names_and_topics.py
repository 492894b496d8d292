"""Names of tasks and notifiers, and the topics between them."""

from __future__ import annotations

import json

import pytest

from tests.aws.test_names import APP, STAGE, twins
from tests.bad_input.conftest import HEAD


@pytest.mark.parametrize("declare", ["app.schedule(", "app.notifier('print', "])
@pytest.mark.parametrize(
    "name", ["my task", "a" * 65, "a" * 41, "x.fifo", "\N{ALARM CLOCK}", "", "_internal", "9to5", "zürich"]
)
def test_10_to_12_a_name_that_no_resource_could_carry(refused, declare, name):
    found = refused(f"@{declare}name={name!r})\ndef go(it): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC110", "app.py", 3)
    assert repr(name) in found["message"]
    assert ("is reserved" if name == "_internal" else "must match [A-Za-z][A-Za-z0-9_-]{0,39}") in found["message"]
    assert found["hint"] == "give it another one with name="


def test_11_names_that_would_be_deployed_as_one(project, run):
    one, other = twins()
    tasks = "".join(
        f"@app.schedule(name={name!r})\ndef task{number}(): ...\n" for number, name in enumerate((one, other))
    )
    project(HEAD.replace("weather", APP) + tasks)
    shown = run("check", "--stage", STAGE, "--json")
    [found] = json.loads(shown.stdout)["diagnostics"]

    assert (shown.exit_code, found["code"], found["file"], found["line"]) == (2, "CC111", "app.py", 5)
    assert f"{other!r} and {one!r} (at app.py:3) would both be deployed as " in found["message"]
    assert found["hint"] == "rename one of them"
    assert run("check").exit_code == 0


def test_12_a_function_whose_own_name_is_reserved(refused):
    assert refused("@app.schedule()\ndef _internal(): ...\n")["code"] == "CC110"


@pytest.mark.parametrize(
    ("body", "kind", "hint"),
    [
        pytest.param(
            "@app.schedule()\ndef go(): ...\n@app.schedule(name='go')\ndef other(): ...\n",
            "task",
            "rename one, or tell them apart with name=",
            id="13",
        ),
        pytest.param(
            "@app.schedule('rate(1 day)')\n\n@app.schedule('rate(2 days)')\ndef go(): ...\n",
            "task",
            "give both expressions to one schedule()",
            id="14",
        ),
        pytest.param(
            "@app.notifier('print')\ndef go(m): ...\n@app.notifier('email', name='go')\ndef other(m): ...\n",
            "notifier",
            "rename one, or tell them apart with name=",
            id="15",
        ),
        pytest.param(
            "@app.schedule()\ndef go(): ...\n@app.notifier('print', name='go')\ndef other(m): ...\n",
            "task",
            "rename one, or tell them apart with name=",
            id="16",
        ),
    ],
)
def test_13_to_16_two_of_one_name_are_told_with_both_lines(refused, body, kind, hint):
    found = refused(body)

    assert found["code"] == "CC112"
    assert f"is already a {kind}, declared at app.py:" in found["message"]
    assert {"app.py:3", "app.py:5"} <= set(found["message"].replace(",", " ").split())
    assert (found["file"], found["hint"]) == ("app.py", hint)


@pytest.mark.parametrize("declare", ["app.schedule(", "app.notifier('print', "])
@pytest.mark.parametrize(
    ("topics", "text", "hint"),
    [
        pytest.param("['']", "topic '' must match", "use letters, digits, - and _", id="17"),
        pytest.param("['a b']", "topic 'a b' must match", "use letters, digits, - and _", id="18"),
        pytest.param("['x' * 129]", "(129 characters) must match", "use letters, digits, - and _", id="19"),
        pytest.param("'reports'", "must be a list of names, not 'reports'", "write topics=['reports']", id="20"),
    ],
)
def test_17_to_20_topics_that_are_none(refused, declare, topics, text, hint):
    found = refused(f"@{declare}topics={topics})\ndef go(it): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC120", "app.py", 3)
    assert text in found["message"]
    assert found["hint"] == hint


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        pytest.param(
            "@app.schedule(topics=['reports'])\ndef go(): ...\n", "W121", "task 'go' publishes to 'reports'", id="21"
        ),
        pytest.param(
            "@app.notifier('print', topics=['reports'])\ndef go(m): ...\n", "W122", "notifier 'go' hears", id="22"
        ),
    ],
)
def test_21_and_22_a_topic_with_one_end_is_a_warning_and_strictly_an_error(project, run, body, code, text):
    project(HEAD + body)
    shown = run("check", "--json")
    [found] = json.loads(shown.stdout)["diagnostics"]

    assert (shown.exit_code, found["severity"], found["code"], found["line"]) == (0, "warning", code, 3)
    assert text in found["message"]
    assert found["hint"]
    assert run("check", "--strict").exit_code == 2
