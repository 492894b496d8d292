"""Redirected content: one address receives it, and the ledger goes on to know the recipients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloud_cron.channels import find
from cloud_cron.channels.mail import EmailContent
from cloud_cron.channels.sms import SmsContent
from cloud_cron.errors import Ambiguous
from cloud_cron.model import NotifierModel
from cloud_cron.runtime.delivery import deliver
from cloud_cron.runtime.senders import RealSenders, Way, way
from tests.runtime.support import Letters, Note, Post, World, desk, message, plenty, received

ME = "me@x.org"


class Marked(Letters):
    """The made-up channel, which tells for whom content was, and sends by a post office that a test holds."""

    def __init__(self, post: Post) -> None:
        self.post = post

    def redirected(self, content: Note, recipient: str) -> Note:
        return Note(f"[{recipient}] {content.text}")

    def sender(self, ports: Any, options: Any) -> Post:
        return self.post


def told(world: World, redirect_to: str | None, about: Any, **options: Any) -> None:
    """One receive of a message by a notifier whose content is, or is not, redirected."""
    senders = RealSenders({"mail": Way(Marked(world.post), None, redirect_to)})
    at = desk(world, lambda m: "hello", recipients=("a@x.org", "b@x.org"), **options)
    ports = replace(at.ports, senders=senders)
    senders.connect(ports)
    deliver(replace(at, ports=ports), about, plenty)


def test_one_address_receives_what_is_for_everybody_and_each_delivery_is_one_of_its_own():
    world = World()
    told(world, ME, received(message()))

    assert [accepted[:2] for accepted in world.post.accepted] == [(ME, "[a@x.org] hello"), (ME, "[b@x.org] hello")]
    assert len(set(world.post.keys)) == 2
    assert sorted(row.state for row in world.ledger.rows.values()) == ["SENT", "SENT"]
    assert [delivery.recipient for delivery in world.journal.deliveries] == ["a@x.org", "b@x.org"]


def test_whoever_was_redirected_is_not_told_again_when_it_ends():
    world = World()
    told(world, ME, received(message()))
    told(world, None, received(message(), id="Q2", receives=2))

    assert [accepted[0] for accepted in world.post.accepted] == [ME, ME]


def test_the_bound_on_duplicates_holds_when_redirecting_begins_and_ends_between_attempts():
    world = World()
    for address in ("a@x.org", "b@x.org", ME):
        world.post.script[address] = [Ambiguous("lost")] * 9
    for number, to in enumerate((None, ME, None, ME), 1):
        told(world, to, received(message(), receives=number), max_ambiguous=1)
        world.clock.move(3600)

    assert world.post.calls == ["a@x.org", "b@x.org", ME, ME]
    assert {row.state for row in world.ledger.rows.values()} == {"DOUBT"}


def test_a_key_is_that_of_the_recipient_whoever_receives():
    redirected, plain = World(), World()
    told(redirected, ME, received(message()))
    told(plain, None, received(message()))

    assert redirected.post.keys == plain.post.keys


def test_a_mail_tells_in_its_subject_for_whom_it_was():
    content = EmailContent("Hello", "text", "<p>html</p>", headers={"X-A": "1"})
    made = find("email").redirected(content, "ada@example.org")

    assert made == {**content, "subject": "[for ada@example.org] Hello"}


@pytest.mark.parametrize(
    ("text", "expected", "segments"),
    [("Hello", "[for +12025550123] Hello", 1), ("x" * 1600, "[for +12025550123] " + "x" * 1581, 11)],
)
def test_a_text_tells_it_at_its_beginning_within_the_limit(text, expected, segments):
    made = find("sms").redirected(SmsContent(text, 1), "+12025550123")

    assert made == SmsContent(expected, segments)


def test_without_a_stand_in_content_leaves_as_it_is():
    way_out = way(NotifierModel("mail", "email"))

    assert way_out.leaving(EmailContent("s", "t", "h"), "ada@example.org")[1] == "ada@example.org"
    assert way_out.leaving(EmailContent("s", "t", "h"), "ada@example.org")[0]["subject"] == "s"
