"""Whom a notifier tells: in its decorator, in the configuration, and in what it returns."""

from __future__ import annotations

import json

import pytest

from cloud_cron import CloudCron, Email
from cloud_cron.testing import CronRunner
from tests.bad_input.conftest import HEAD

ROWS = [
    pytest.param("", "is empty", id="50-empty"),
    pytest.param("a@b", "no complete domain", id="50-domain"),
    pytest.param("a..b@c.org", "single dots", id="50-dots"),
    pytest.param("ada@b.org, c@d.org", "more than one address", id="50-two"),
    pytest.param("ada@b.org\n", "U+000A", id="50-newline"),
    pytest.param("äda@b.org", "not ASCII", id="50-letter"),
]


@pytest.mark.parametrize(("address", "text"), ROWS)
def test_50_an_address_in_the_decorator(refused, address, text):
    found = refused(f"@app.notifier('email', recipients=['bob@b.org', {address!r}])\ndef go(m): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC301", "app.py", 3)
    assert found["message"].startswith("recipients[1]: address ")
    assert text in found["message"]
    assert not address or address not in found["message"]
    assert "ada@example.org" in found["hint"]


@pytest.mark.parametrize(("address", "text"), ROWS)
def test_50_an_address_in_the_configuration(refused, address, text):
    found = refused(
        "@app.notifier('email')\ndef go(m): ...\n",
        **{"cloud-cron.toml": f"[channels.email]\nrecipients = ['bob@b.org', {json.dumps(address)}]\n"},
    )

    assert (found["code"], found["file"], found["line"]) == ("CC301", "cloud-cron.toml", 2)
    assert text in found["message"]
    assert not address or address not in found["message"]


def told(to):
    """A runner whose notifier names its recipients itself, after its task ran and was delivered."""
    app = CloudCron("weather")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    app.notifier("email", topics=["a"], name="mail", recipients="bob@b.org")(lambda message: Email("s", "t", to=to))
    with CronRunner(app) as cron:
        cron.run("go")
        cron.deliver(raises=False)
        return [sent.recipient for sent in cron.outbox], cron.dlq("mail")


@pytest.mark.parametrize(("address", "text"), ROWS)
def test_50_an_address_that_a_message_chose_is_dead_lettered_and_the_others_are_told(address, text):
    sent, [letter] = told(["bob@b.org", address, "cy@b.org"])

    assert sent == ["bob@b.org", "cy@b.org"]
    assert letter.code == "CC301"
    assert text in letter.reason
    assert not address or address not in letter.reason


def test_52_an_empty_list(refused):
    found = refused("@app.notifier('email', recipients=[])\ndef go(m): ...\n")

    assert (found["code"], found["line"]) == ("CC302", 3)
    assert found["hint"] == "leave it out to use the configuration's"


def test_52_an_empty_list_in_a_message():
    sent, [letter] = told([])

    assert (sent, letter.code) == ([], "CC302")


def test_53_one_person_twice_is_a_warning_and_is_told_once(project, run):
    project(
        HEAD
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + "@app.notifier('email', topics=['a'], recipients=['ada@b.org', 'ada@B.ORG'])\ndef mail(m): return 'x'\n"
    )
    [found] = json.loads(run("check", "--json").stdout)["diagnostics"]

    assert (found["code"], found["severity"], found["line"]) == ("W303", "warning", 5)
    assert found["hint"] == "name each once; it is sent only once anyway"
    assert [sent["recipient"] for sent in json.loads(run("invoke", "go", "--json").stdout)["deliveries"]] == [
        "ada@b.org"
    ]
    assert told(["ada@b.org", "ada@B.org"])[0] == ["ada@b.org"]
