from __future__ import annotations

from datetime import timedelta

import pytest

from cloud_cron import Ambiguous, ChannelDown, CloudCron, Permanent, Retry
from cloud_cron.testing import Accepted, CronRunner

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def app():
    app = CloudCron("shop")

    @app.schedule(topics=["orders"])
    def export(run):
        return {"orders": [{"n": 1}, {"n": 2}]}

    @app.notifier("email", recipients=[ANN, BOB], subject="order")
    def mail(message):
        return f"order {message.payload['n']}"

    @app.notifier("sms", recipients=["+4915112345678"])
    def text(message):
        return f"order {message.payload['n']}"

    return app


def told(cron, notifier):
    return [(sent.recipient, sent.message.payload["n"]) for sent in cron.outbox if sent.notifier == notifier]


EVERYBODY = [(ANN, 1), (BOB, 1), (ANN, 2), (BOB, 2)]


def test_permanent_is_dead_lettered_and_the_group_goes_on(app, start):
    cron = start(app)
    cron.answer("mail", Permanent("no such box"), recipient="Bob@Example.org".replace("Bob", "bob"))
    cron.run("export")
    cron.deliver()
    assert told(cron, "mail") == [(ANN, 1), (ANN, 2), (BOB, 2)]
    [dead] = cron.dlq("mail")
    assert (dead.message.payload, dead.code, dead.reason) == ({"n": 1}, "permanent", "no such box")
    assert cron.errors == []


def test_a_redrive_tries_only_whom_it_did_not_reach(app, start):
    cron = start(app)
    cron.answer("mail", Permanent("box full"), recipient=BOB)
    cron.run("export")
    cron.deliver()
    cron.redrive("mail")
    cron.deliver()
    assert sorted(told(cron, "mail")) == sorted(EVERYBODY)
    assert cron.dlq("mail") == []


def test_an_answer_is_given_as_often_as_the_test_said_and_order_is_kept(app, start):
    cron = start(app)
    cron.answer("mail", Retry("busy", after=60), times=2, recipient=ANN)
    cron.run("export")
    cron.deliver()
    assert told(cron, "mail") == [(BOB, 1)]
    cron.advance("61 seconds")
    assert told(cron, "mail") == [(BOB, 1)]
    cron.advance("61 seconds")
    assert told(cron, "mail") == [(BOB, 1), (ANN, 1), (ANN, 2), (BOB, 2)]
    assert cron.dlq("mail") == []


def test_answers_are_used_in_the_order_in_which_they_were_given(app, start):
    cron = start(app)
    cron.answer("text", Accepted())
    cron.answer("text", Permanent("second"))
    cron.run("export")
    cron.deliver()
    assert [sent.message.payload["n"] for sent in cron.outbox if sent.notifier == "text"] == [1]
    assert [letter.reason for letter in cron.dlq("text")] == ["second"]


def test_a_class_is_raised_like_an_exception(app, start):
    cron = start(app)
    cron.answer("text", Permanent)
    cron.run("export")
    cron.deliver()
    assert len(cron.dlq("text")) == 1


@pytest.mark.parametrize("unknown", [Ambiguous("read timeout"), ConnectionResetError("reset")])
def test_what_may_have_been_accepted_is_tried_again_within_the_bound(app, start, unknown):
    cron = start(app)
    cron.answer("mail", unknown, recipient=ANN)
    cron.run("export")
    cron.deliver()
    cron.advance("1 hour")
    assert sorted(told(cron, "mail")) == sorted(EVERYBODY)
    assert cron.errors == []


def test_beyond_the_bound_it_is_in_doubt(app, start):
    cron = start(app)
    cron.answer("mail", Ambiguous("read timeout"), times=2, recipient=ANN)
    cron.answer("text", Ambiguous("read timeout"))
    cron.run("export")
    cron.advance("1 hour")
    assert sorted(told(cron, "mail")) == [(ANN, 2), (BOB, 1), (BOB, 2)]
    assert [(letter.code, letter.reason) for letter in cron.dlq("mail")] == [("ambiguous", "read timeout")]
    assert [letter.message.payload["n"] for letter in cron.dlq("text")] == [1]


def test_an_accepted_message_whose_answer_is_lost_comes_twice(app, start):
    cron = start(app)
    cron.answer("mail", Accepted(but=Ambiguous("read timeout")), recipient=ANN)
    cron.answer("text", Accepted(but=Ambiguous("read timeout")))
    cron.run("export")
    cron.advance("1 hour")
    assert sorted(told(cron, "mail")) == sorted([*EVERYBODY, (ANN, 1)])
    assert [number for _, number in told(cron, "text")] == [1, 2]
    assert [letter.message.payload["n"] for letter in cron.dlq("text")] == [1]


def test_a_channel_that_is_down_costs_nobody_an_attempt(app, start):
    cron = start(app)
    cron.answer("mail", ChannelDown("key revoked"), times=20)
    cron.run("export")
    cron.deliver()
    assert told(cron, "mail") == []
    cron.advance(timedelta(hours=3))
    assert sorted(told(cron, "mail")) == sorted(EVERYBODY)
    assert cron.dlq("mail") == []


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"answer": "no"}, "CC732 a provider cannot answer 'no'"),
        ({"answer": Retry(), "times": 0}, "CC732 times=0 must be a whole number of at least 1"),
        ({"answer": Retry(), "recipient": "nobody"}, "CC30"),
    ],
)
def test_what_no_provider_answers_is_refused(app, given, text):
    with CronRunner(app) as cron, pytest.raises(ValueError, match=text):
        cron.answer("mail", **given)
