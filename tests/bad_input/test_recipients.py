"""Whom a notifier tells: in the configuration, and in what it returns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_cron import CloudCron, Email, Sms
from cloud_cron.testing import CronRunner

ROWS = [
    pytest.param("", "is empty", id="50-empty"),
    pytest.param("a@b", "no complete domain", id="50-domain"),
    pytest.param("a..b@c.org", "single dots", id="50-dots"),
    pytest.param("ada@b.org, c@d.org", "more than one address", id="50-two"),
    pytest.param("ada@b.org\n", "U+000A", id="50-newline"),
    pytest.param("äda@b.org", "not ASCII", id="50-letter"),
]


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


def test_52_an_empty_list_in_a_message():
    sent, [letter] = told([])

    assert (sent, letter.code) == ([], "CC302")


def test_53_one_person_twice_is_told_once():
    assert told(["ada@b.org", "ada@B.org"])[0] == ["ada@b.org"]


DEAR = [
    pytest.param("+19005551234", "", "CC311", "premium-rate", id="56-premium"),
    pytest.param("+881612345678", "", "CC311", "satellite", id="57-satellite"),
    pytest.param("+12684601234", ", regions=['US']", "CC312", "of region AG", id="58-region"),
]


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
