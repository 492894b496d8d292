"""Whom a notifier tells: in its decorator, in the configuration, and in what it returns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_cron import CloudCron, Email, Sms
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


NUMBERS = [
    pytest.param("4155552671", "country's code", id="54-national"),
    pytest.param("00442079460958", "country's code", id="55-zeros"),
    pytest.param("+1415555267\uff11", "U+FF11", id="58-full-width"),
]


@pytest.mark.parametrize(("number", "text"), NUMBERS)
def test_54_a_number_in_the_decorator(refused, number, text):
    found = refused(f"@app.notifier('sms', recipients=[{number!r}])\ndef go(m): ...\n")

    assert (found["code"], found["line"]) == ("CC310", 3)
    assert found["message"].startswith("recipients[0]: phone number ")
    assert text in found["message"]
    assert number not in found["message"]


DEAR = [
    pytest.param("+19005551234", "", "CC311", "premium-rate", id="56-premium"),
    pytest.param("+881612345678", "", "CC311", "satellite", id="57-satellite"),
    pytest.param("+12684601234", ", regions=['US']", "CC312", "of region AG", id="58-region"),
]


@pytest.fixture
def checked(project, run):
    """The one thing that `check` says of a notifier with these words in its decorator."""

    def check(words: str):
        head = HEAD + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        project(f"{head}@app.notifier('sms', topics=['a'], {words})\ndef tell(m): return 'x'\n")
        [found] = json.loads(run("check", "--json").stdout)["diagnostics"]
        return found

    return check


@pytest.mark.parametrize(("number", "options", "code", "text"), DEAR)
def test_56_a_number_that_no_text_is_sent_to(checked, number, options, code, text):
    found = checked(f"recipients=['+12025550123', {number!r}]{options}")

    assert (found["code"], found["severity"], found["line"]) == (code, "error", 5)
    assert found["message"].startswith("recipients[1]: phone number ")
    assert text in found["message"]
    assert number not in found["message"]


@pytest.mark.parametrize(("number", "options", "code", "text"), DEAR)
def test_56_a_number_that_a_message_chose_is_dead_lettered(number, options, code, text):
    app = CloudCron("weather")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    regions: Any = {"regions": ["US"]} if options else {}
    allowed = ["+12025550123", number]
    app.notifier("sms", topics=["a"], name="text", allow_recipients=allowed, **regions)(lambda _: Sms("x", to=allowed))
    with CronRunner(app) as cron:
        cron.run("go")
        cron.deliver(raises=False)
        [letter] = cron.dlq("text")
        assert [sent.recipient for sent in cron.outbox] == ["+12025550123"]
    assert (letter.code, text in letter.reason, number in letter.reason) == (code, True, False)
