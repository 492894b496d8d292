"""A notifier's messages as texts, from the queue to Twilio: ledger, dead letters and log, without numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron.channels import find
from cloud_cron.runtime.delivery import deliver
from cloud_cron.runtime.logs import hashed, line
from cloud_cron.runtime.senders import RealSenders, Way
from tests.channels.twilio_server import Twilio, refusal, sending, serving
from tests.runtime.support import World, desk, message, received

ADA = "+12025550123"


@pytest.fixture
def twilio():
    return Twilio()


@pytest.fixture
def texting(twilio):
    """Hand one message to the notifier; the pause it asks for, and the world after that."""
    world = World()

    def text(about):
        return f"{about.payload['n']} warnings"

    with serving(twilio) as port, sending(port, ledger=world.ledger, clock=world.clock, daily_limit=2) as way:
        senders = SimpleNamespace(sender=lambda *_: way)

        def hand(number: int, **changes: Any):
            given = desk(world, text, name="text", channel="sms", recipients=(ADA,), max_ambiguous=0)
            ports = replace(given.ports, senders=senders)
            pause = deliver(
                replace(given, channel=find("sms"), ports=ports), received(message(number), **changes), lambda: 60.0
            )
            return pause, world

        yield hand


def test_a_text_that_was_taken_is_logged_with_its_sid_and_never_sent_again(texting, twilio):
    for receives in (1, 2):
        pause, world = texting(3, receives=receives)
        assert pause is None
    assert [text["Body"] for text in twilio.texts] == ["3 warnings"]
    [told] = map(line, world.journal.deliveries)
    assert (told["status"], told["recipient"]) == ("sent", hashed(ADA))
    assert told["provider_id"] == "SM" + "0" * 31 + "1"
    assert ADA not in str(told)


@pytest.mark.parametrize(("code", "status"), [(21610, "rejected"), (None, "doubt")])
def test_what_will_never_be_sent_or_may_have_been_is_dead_lettered_with_its_code(texting, twilio, code, status):
    twilio.answers = [refusal(400 if code else 503, code, f"no text to {ADA}")]
    pause, world = texting(1)
    assert pause is None
    [told] = map(line, world.journal.deliveries)
    assert told["status"] == status
    assert told["reason"].startswith(f"Twilio {code or 503}: no text to ***")
    [letter] = world.bus.dead.values()
    assert ADA not in str((told, letter))
    assert len(twilio.calls) == 1


def test_beyond_the_daily_limit_the_channel_is_down_and_tomorrow_it_is_not(texting, twilio):
    for number in (1, 2):
        assert texting(number)[0] is None
    pause, world = texting(3)
    assert pause.channel_down
    assert len(twilio.texts) == 2
    told = line(world.journal.deliveries[-1])
    assert (told["status"], told["level"]) == ("retry", "warning")
    assert "daily limit of 2 texts" in told["reason"]
    world.clock.at += timedelta(days=1)
    assert texting(3)[0] is None
    assert len(twilio.texts) == 3


def test_a_host_loads_the_client_before_it_sends(monkeypatch):
    channel, asked = find("sms"), []
    monkeypatch.setattr(type(channel), "load", lambda self: asked.append(self.name))
    options = channel.options(from_number="+12025550100", secret="env:X")
    RealSenders({"text": Way(channel, options)}).connect(World().ports)
    assert asked == ["sms"]
