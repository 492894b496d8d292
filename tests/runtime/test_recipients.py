"""One recipient: address, claim, render, send, settle; and what each outcome does to the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from cloud_cron.channels.base import Channel
from cloud_cron.errors import Ambiguous, ChannelDown, NotFound, Permanent, Retry
from cloud_cron.model import NotifierModel
from cloud_cron.ports import Record
from cloud_cron.runtime import naming
from cloud_cron.runtime.attempt import Desk, Pause
from cloud_cron.runtime.delivery import deliver
from tests.runtime.support import Letters, World, desk, message, plenty, received

ABC = ("a@x.org", "b@x.org", "c@x.org")


@dataclass
class Letter:
    """A value that chooses its recipients."""

    text: str
    to: Any


def key(address: str, number: int = 1) -> Any:
    return naming.delivery_key("mail", f"M{number}", "weather|dev", "letters", address)


def run(world: World, value: Any = "x", receives: int = 1, **options: Any) -> Pause | None:
    changes = {name: options.pop(name) for name in ("id",) if name in options}
    given = received(options.pop("about", message()), receives=receives, **changes)
    return deliver(desk(world, lambda message: value, **options), given, plenty)


def told(world: World) -> dict[str, str]:
    """Code and reason of the last dead letter."""
    _, attributes = list(world.bus.dead.values())[-1]
    return {"code": attributes["cc_error_code"], "reason": attributes["cc_error"]}


# Addresses


def test_duplicates_after_normalising_are_one():
    world = World()
    run(world, recipients=("A@x.org", "a@X.org", " a@x.org"))

    assert world.post.calls == ["a@x.org"]


def test_duplicates_of_a_refused_address_are_one_refusal():
    world = World()
    world.post.script["a@x.org"] = [Permanent("gone")]
    run(world, recipients=("A@x.org", "a@x.org"))

    assert told(world) == {"code": "permanent", "reason": "gone"}
    assert world.journal.statuses == [("a@x.org", "rejected")]


def test_the_value_may_choose_one_or_many():
    for to, calls in (("z@x.org", ["z@x.org"]), (["y@x.org", "Z@x.org"], ["y@x.org", "z@x.org"]), (None, ["a@x.org"])):
        world = World()
        run(world, Letter("x", to))
        assert world.post.calls == calls


@pytest.mark.parametrize("to", [[], ()])
def test_nobody_is_a_mistake_and_not_a_way_to_skip(to):
    world = World()

    assert run(world, Letter("x", to)) is None
    assert told(world) == {"code": "CC302", "reason": "notifier 'mail' returned an empty to="}


def test_nobody_configured_is_a_mistake():
    world = World()

    assert run(world, recipients=()) is None
    assert told(world)["code"] == "CC302"
    assert world.journal.statuses == [(None, "rejected")]


def test_a_channel_may_know_whom_to_tell():
    class Wall(Letters):
        recipients = ("wall@x.org",)

    world = World()
    at = desk(world, lambda message: "x", recipients=())
    deliver(Desk(**{**vars(at), "channel": Wall()}), received(message()), plenty)

    assert world.post.calls == ["wall@x.org"]


def test_a_bad_address_is_refused_and_the_others_are_told():
    world = World()

    assert run(world, recipients=("a@x.org", "nobody", "b@x.org", "nobody")) is None
    assert world.post.calls == ["a@x.org", "b@x.org"]
    assert told(world) == {"code": "CC301", "reason": "'nobody' has no @"}
    assert world.journal.statuses == [("a@x.org", "sent"), ("nobody", "rejected"), ("b@x.org", "sent")]


@pytest.mark.parametrize("to", [[5], [None], [["a@x.org"]], ["", "b@x.org"]])
def test_an_address_that_is_none_is_refused(to):
    world = World()

    assert run(world, Letter("x", to)) is None
    assert told(world)["code"] == "CC301"


def test_a_channel_that_trips_over_an_address_has_refused_it():
    class Strict(Letters):
        def normalise(self, address: str) -> str:
            return address if address != "a@x.org" else str(int(address))

    world = World()
    at = desk(world, lambda message: "x", recipients=ABC)

    assert deliver(Desk(**{**vars(at), "channel": Strict()}), received(message()), plenty) is None
    assert world.post.calls == ["b@x.org", "c@x.org"]
    assert told(world)["code"] == "CC301"
    assert "ValueError" in told(world)["reason"]


@pytest.mark.parametrize("to", [5, object()])
def test_recipients_that_cannot_be_read_are_a_mistake_of_the_value(to):
    world = World()

    assert run(world, Letter("x", to)) is None
    assert told(world)["code"] == "CC230"
    assert world.post.calls == []


def test_a_message_may_choose_only_whom_it_is_allowed_to():
    world = World()
    run(world, Letter("x", ["a@x.org", "B@x.org"]), allow_recipients=("b@x.org",), recipients=ABC)

    assert world.post.calls == ["b@x.org"]
    assert told(world) == {
        "code": "CC303",
        "reason": "the message chose a recipient that allow_recipients does not admit",
    }


def test_configured_recipients_need_no_permission():
    world = World()
    run(world, allow_recipients=("b@x.org",))

    assert world.post.calls == ["a@x.org"]


def test_who_was_told_is_not_refused_afterwards():
    """The notifier was deployed again, with a narrower list, while the message waited."""
    world = World()
    world.post.script["b@x.org"] = [Retry("busy", after=1)]
    value = Letter("x", ["a@x.org", "b@x.org"])
    run(world, value)
    world.clock.move(2)
    run(world, value, 2, allow_recipients=("b@x.org",))

    assert world.post.calls == ["a@x.org", "b@x.org", "b@x.org"]
    assert world.ledger.rows[key("a@x.org")].state == "SENT"
    assert world.bus.dead == {}


# Outcomes


@pytest.mark.parametrize(
    ("answer", "state", "status", "pause", "code"),
    [
        (Permanent("no such box"), "REJECTED", "rejected", None, "permanent"),
        (Retry("busy"), "RETRY", "retry", Pause(2.5), ""),
        (Retry("busy", after=77), "RETRY", "retry", Pause(77), ""),
        (Ambiguous("timeout"), "RETRY", "retry", Pause(2.5), "ambiguous"),
        (OSError("reset"), "RETRY", "retry", Pause(2.5), "unknown"),
        (ZeroDivisionError(), "RETRY", "retry", Pause(2.5), "unknown"),
    ],
)
def test_the_outcome_of_one_recipient_is_not_that_of_the_next(answer, state, status, pause, code):
    world = World()
    world.post.script["b@x.org"] = [answer]

    assert run(world, recipients=ABC) == pause
    assert world.post.calls == list(ABC)
    assert world.journal.statuses == [("a@x.org", "sent"), ("b@x.org", status), ("c@x.org", "sent")]
    record = world.ledger.rows[key("b@x.org")]
    assert (record.state, record.code, record.attempts) == (state, code, 1)
    assert record.forwarded == (state == "REJECTED")
    assert len(world.bus.dead) == (state == "REJECTED")
    assert world.journal.deliveries[1].error is answer


def test_the_earliest_of_several_pauses_counts():
    world = World()
    world.post.script = {**world.post.script, "a@x.org": [Retry(after=50)], "b@x.org": [Retry(after=20)], "c@x.org": []}

    assert run(world, recipients=ABC) == Pause(20)


def test_several_refusals_are_one_dead_letter():
    world = World()
    world.post.script["a@x.org"] = [Permanent("gone")]
    world.post.script["c@x.org"] = [Permanent("full")]
    run(world, recipients=ABC)

    assert len(world.bus.dead) == 1
    assert told(world) == {"code": "permanent", "reason": "gone (and 1 more)"}
    assert [world.ledger.rows[key(address)].forwarded for address in ABC] == [True, False, True]


def test_a_refusal_and_a_pause_are_both_seen_to():
    world = World()
    world.post.script["a@x.org"] = [Permanent("gone")]
    world.post.script["b@x.org"] = [Retry(after=9)]

    assert run(world, recipients=ABC) == Pause(9)
    assert len(world.bus.dead) == 1
    world.clock.move(9)
    assert run(world, receives=2, recipients=ABC) is None
    assert world.bus.forwards == 1
    assert world.post.calls == [*ABC, "b@x.org"]


def test_a_channel_that_is_down_ends_the_attempt_and_spends_nothing():
    world = World()
    world.post.script["b@x.org"] = [ChannelDown("quota"), ChannelDown("quota", after=60)]

    assert run(world, recipients=ABC) == Pause(300, channel_down=True)
    assert world.post.calls == ["a@x.org", "b@x.org"]
    assert world.ledger.rows[key("b@x.org")].attempts == 0
    assert key("c@x.org") not in world.ledger.rows
    world.clock.move(300)
    assert run(world, receives=2, recipients=ABC) == Pause(60, channel_down=True)
    world.clock.move(60)
    assert run(world, receives=3, recipients=ABC, max_ambiguous=0) is None
    assert world.ledger.rows[key("b@x.org")].ambiguous == 0


@pytest.mark.parametrize(
    "error", [NotFound("CC507", "no such secret"), ValueError("bad settings"), ChannelDown("down")]
)
def test_no_way_out_is_a_channel_that_is_down(error):
    world = World()
    world.fail(error, "before senders.sender")

    assert run(world, max_ambiguous=0) == Pause(300, channel_down=True)
    record = world.ledger.rows[key("a@x.org")]
    assert (record.state, record.attempts, record.ambiguous) == ("RETRY", 0, 0)
    [delivery] = world.journal.deliveries
    assert delivery.status == "retry"
    assert delivery.reason
    world.heal()
    world.clock.move(300)
    assert run(world, receives=2, max_ambiguous=0) is None
    assert len(world.post.accepted) == 1


@pytest.mark.parametrize(
    ("value", "code", "reason"), [("broken", "CC403", "broken (mail.txt:3)"), ("bug", "render", "Zero")]
)
def test_a_template_that_fails_is_a_refusal_of_that_recipient(value, code, reason):
    world = World()

    assert run(world, value) is None
    assert world.post.calls == []
    assert told(world)["code"] == code
    assert reason in told(world)["reason"]
    assert world.ledger.rows[key("a@x.org")].state == "REJECTED"
    assert world.journal.statuses == [("a@x.org", "rejected")]


def test_content_and_message_are_told_to_the_journal():
    world = World()
    run(world, "hello")
    [delivery] = world.journal.deliveries

    assert (delivery.notifier, delivery.channel, delivery.recipient) == ("mail", "letters", "a@x.org")
    assert delivery.content == world.journal.deliveries[0].content
    assert delivery.content
    assert delivery.content["text"] == "hello"
    assert delivery.message.id == "M1"


# The bound


@pytest.mark.parametrize("bound", [0, 1, 2, 5])
def test_ambiguous_answers_are_tried_so_often_and_then_in_doubt(bound):
    world = World()
    world.post.script["a@x.org"] = [Ambiguous("timeout")] * 9
    for receives in range(1, 12):
        pause = run(world, receives=receives, max_ambiguous=bound)
        world.clock.move(1000)

    assert pause is None
    assert len(world.post.calls) == 1 + bound
    assert world.ledger.rows[key("a@x.org")].state == "DOUBT"
    assert world.bus.forwards == 1
    assert world.journal.statuses == [("a@x.org", "retry")] * bound + [("a@x.org", "doubt")]


def test_doubt_is_never_sent_again_by_a_redrive():
    world = World()
    world.post.script["a@x.org"] = [Ambiguous("timeout")]
    run(world, max_ambiguous=0)
    for number in range(3):
        assert run(world, id=f"redriven-{number}", max_ambiguous=0) is None

    assert len(world.post.calls) == 1
    assert world.bus.forwards == 4
    assert len(world.bus.dead) == 4


def test_a_refusal_is_tried_once_more_for_each_redrive():
    world = World()
    world.post.script["a@x.org"] = [Permanent("full"), Permanent("full")]
    run(world)
    run(world, receives=2)
    assert (len(world.post.calls), world.bus.forwards) == (1, 1)
    run(world, id="redriven-1")
    assert (len(world.post.calls), world.bus.forwards) == (2, 2)
    run(world, id="redriven-2")

    assert (len(world.post.accepted), world.bus.forwards) == (1, 2)
    assert world.ledger.rows[key("a@x.org")].attempts == 3


def test_a_redrive_does_not_refill_the_bound():
    world = World()
    world.post.script["a@x.org"] = [Ambiguous("timeout"), Permanent("full"), Ambiguous("timeout")]
    for receives in (1, 2):
        run(world, receives=receives, max_ambiguous=1)
        world.clock.move(10)
    run(world, id="redriven", max_ambiguous=1)

    assert world.ledger.rows[key("a@x.org")].state == "DOUBT"
    assert len(world.post.calls) == 3


def test_who_was_told_is_not_told_again_by_anything():
    world = World()
    run(world)
    run(world, receives=2)
    run(world, id="replayed")
    run(world, id="redriven", receives=7)

    assert len(world.post.accepted) == 1


def test_a_live_claim_of_somebody_else_is_waited_for():
    world = World()
    claim = Record("CLAIMED", "other", world.now + 12, attempts=1, source="sqs-M1", digest=digest_of(world))
    world.ledger.rows[key("a@x.org")] = claim

    assert run(world, recipients=ABC) == Pause(12)
    assert world.post.calls == ["b@x.org", "c@x.org"]


def digest_of(world: World) -> str:
    """The digest that deliveries of the message carry."""
    other = World()
    run(other)
    return other.ledger.rows[key("a@x.org")].digest


def test_an_expired_claim_is_taken_over_by_one_worker():
    world = World()
    claim = Record("CLAIMED", "other", world.now - 1, attempts=1, source="sqs-M1", digest=digest_of(world))
    world.ledger.rows[key("a@x.org")] = claim

    def faster(number: int, name: str) -> None:
        if name == "before ledger.swap":
            world.ledger.rows[key("a@x.org")] = Record("CLAIMED", "third", world.now + 15, digest=claim.digest)

    world.plan = faster

    assert run(world) == Pause(1)
    assert world.post.calls == []


def test_a_worker_that_was_paused_between_claim_and_send_does_not_send():
    """Its lease is over when it wakes up, before the call: somebody else may be at it."""
    world = World()

    class Slow(Letters):
        def render(self, value: Any, context: Any) -> Any:
            world.clock.move(6)
            return super().render(value, context)

    at = desk(world, lambda message: "x")
    slow = Desk(**{**vars(at), "channel": Slow()})

    assert deliver(slow, received(message()), plenty) == Pause(0)
    assert world.post.calls == []
    record = world.ledger.rows[key("a@x.org")]
    assert (record.state, record.attempts, record.ambiguous) == ("RETRY", 0, 0)


@pytest.mark.parametrize("bound", [0, 1])
def test_a_zombie_that_was_taken_over_during_its_call_is_counted(bound):
    world = World()

    def overtaken() -> None:
        world.clock.move(16)
        run(world, "second", receives=2, max_ambiguous=bound)

    world.post.script["a@x.org"] = [overtaken]
    run(world, "first", max_ambiguous=bound)
    record = world.ledger.rows[key("a@x.org")]

    assert len(world.post.accepted) == 1 + bound
    assert (record.state, record.accepts) == ("SENT", 1 + bound)


def test_a_zombie_that_was_refused_does_not_undo_what_another_achieved():
    world = World()

    def overtaken() -> None:
        world.clock.move(16)
        run(world, "second", receives=2)
        raise Permanent("too late")

    world.post.script["a@x.org"] = [overtaken]

    assert run(world, "first") == Pause(1)
    assert world.ledger.rows[key("a@x.org")].state == "SENT"
    assert world.bus.dead == {}


def test_another_payload_under_a_known_id_is_not_sent():
    world = World()
    run(world)
    other = message(payload={"n": 99})

    assert run(world, about=other, id="other") is None
    assert len(world.post.accepted) == 1
    assert told(world)["code"] == "CC203"
    assert world.ledger.rows[key("a@x.org")].state == "SENT"
    assert world.journal.statuses == [("a@x.org", "sent"), ("a@x.org", "rejected")]


def test_messages_and_recipients_do_not_share_anything():
    world = World()
    run(world, recipients=ABC)
    run(world, about=message(2), recipients=ABC)

    assert world.post.calls == [*ABC, *ABC]
    assert len(world.ledger.rows) == 6


def test_the_contract_of_a_channel_leaves_addresses_alone_unless_it_says_otherwise():
    channel = Channel()

    assert channel.normalise("x") == "x"
    for allowed, admitted in (("x",), True), (("y",), False), ((), True):
        assert channel.admits("x", NotifierModel("it", "any", allow_recipients=allowed)) is admitted
    assert channel.recipients_of({"to": "x"}) is None
