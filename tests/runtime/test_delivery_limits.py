"""Messages that are refused, forwarded, out of time, or met by a ledger out of reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.errors import BusError, Permanent, StoreError
from cloud_cron.ports import Received, Record
from cloud_cron.runtime import naming
from cloud_cron.runtime.attempt import Pause
from cloud_cron.runtime.delivery import deliver
from tests.runtime.support import QUEUE, START, World, desk, message, plenty, raising, received

if TYPE_CHECKING:
    from cloud_cron import Message

WHOLE = naming.message_key("mail", "M1")
A = naming.delivery_key("mail", "M1", "weather|dev", "letters", "a@x.org")


@dataclass
class Letter:
    """A value that chooses its recipients."""

    text: str
    to: Any


def run(world: World, function: Any, about: Any = None, remaining: Any = plenty, **options: Any) -> Pause | None:
    given = about if isinstance(about, Received) else received(message() if about is None else about)
    return deliver(desk(world, function, **options), given, remaining)


def never(message: Message) -> None:
    pytest.fail("the function was called")


def again(world: World, times: int = 1) -> Received:
    """The same message, received once more."""
    return received(message(), receives=1 + times)


# Messages that are refused before the function is called


@pytest.mark.parametrize(
    ("about", "changes", "code"),
    [
        ("not json", {}, "CC604"),
        ({"cloud_cron": 99}, {}, "CC610"),
        ({"cloud_cron": 1}, {}, "CC606"),
        (message(), {"attributes": {"topic": "alerts"}}, "CC605"),
    ],
)
def test_a_message_that_cannot_be_read_is_dead_lettered(about, changes, code):
    world = World()
    given = received(about, **changes)

    assert run(world, never, given) is None
    [(forwarded, attributes)] = world.bus.dead.values()
    assert forwarded == given
    assert attributes["cc_error_code"] == code
    assert attributes["cc_message_id"] == given.id
    assert attributes["cc_task"] == "-"
    assert world.journal.statuses == [(None, "rejected")]


def test_a_message_of_another_queue_goes_to_our_dead_letters():
    world = World()
    run(world, never, received(message(), queue="arn:aws:sqs:eu-central-1:1:other.fifo"))
    [(forwarded, attributes)] = world.bus.dead.values()

    assert forwarded.queue == QUEUE
    assert attributes["cc_error_code"] == "CC603"


def test_the_topic_goes_along_to_the_dead_letters():
    world = World()
    given = received({"n": 1}, attributes={"topic": "alerts", "colour": "red"})
    run(world, raising(Permanent("no")), given, topics=("reports", "alerts"))
    [(_, attributes)] = world.bus.dead.values()

    assert attributes["topic"] == "alerts"
    assert attributes["cc_message_id"] == given.id
    assert "colour" not in attributes


def test_a_message_older_than_the_ledger_remembers_is_stale():
    world = World()
    world.clock.move(35 * 86_400)
    assert run(world, lambda message: "x") is None
    assert len(world.post.accepted) == 1
    world.clock.move(1)

    assert run(world, never, message(2)) is None
    [(_, attributes)] = world.bus.dead.values()
    assert attributes["cc_error_code"] == "CC611"
    assert world.ledger.rows[naming.message_key("mail", "M2")].state == "STALE"
    assert world.journal.statuses[-1] == (None, "rejected")


def test_a_stale_message_stays_stale_after_a_redrive():
    world = World()
    world.clock.move(36 * 86_400)
    run(world, never)
    run(world, never, received(message(), id="new-id"))

    assert len(world.bus.dead) == 2


def test_a_plain_object_is_delivered_once_too():
    world = World()
    run(world, lambda message: "x", {"any": "thing"})
    run(world, lambda message: "x", received({"any": "thing"}, receives=2))

    assert len(world.post.accepted) == 1


# Forwarding and its mark


@pytest.mark.parametrize(
    ("about", "function"),
    [("not json", never), (message(), raising(Permanent("no"))), (message(), lambda message: "broken")],
)
def test_a_redelivery_of_a_forwarded_message_is_not_forwarded_again(about, function):
    world = World()
    run(world, function, about)
    notes = len(world.journal.deliveries)
    run(world, function, received(about, receives=2))

    assert world.bus.forwards == 1
    assert len(world.journal.deliveries) == notes


@pytest.mark.parametrize(
    ("about", "function"),
    [
        ("not json", never),
        (message(), raising(Permanent("no"))),
        (message(), lambda message: "broken"),
        (message(), lambda message: Letter("x", to="nobody")),
    ],
)
def test_a_forward_that_failed_is_repeated_and_is_one_copy(about, function):
    world = World()
    world.fail(BusError("CC222", "out of reach"), "after bus.forward")
    with pytest.raises(BusError):
        run(world, function, about)
    world.heal()
    assert run(world, function, received(about, receives=2)) is None
    assert run(world, function, received(about, receives=3)) is None

    assert world.bus.forwards == 2
    assert len(world.bus.dead) == 1
    assert [status for _, status in world.journal.statuses] == ["rejected"]


def test_the_copy_is_deduplicated_by_message_and_receive():
    world = World()
    run(world, raising(Permanent("no")))
    run(world, raising(Permanent("no")), received(message(), id="new-id"))

    assert list(world.bus.dead) == [sha256(f"M1|{name}".encode()).hexdigest() for name in ("sqs-M1", "new-id")]


def test_a_poison_message_may_block_its_group_until_it_goes_through():
    world = World()
    block = {"on_poison": "block"}

    assert run(world, raising(Permanent("no")), **block) == Pause(600)
    assert run(world, lambda message: "broken", again(world), **block) == Pause(600)
    assert run(world, lambda message: "mended", again(world, 2), **block) is None
    assert world.bus.forwards == 0
    assert [text for _, text, _ in world.post.accepted] == ["mended"]


def test_doubt_is_not_resolved_by_blocking():
    world = World()
    world.post.script["a@x.org"] = [OSError("reset")]
    options = {"on_poison": "block", "max_ambiguous": 0}

    assert run(world, lambda message: "x", **options) == Pause(600)
    world.clock.move(600)
    assert run(world, lambda message: "x", again(world), **options) == Pause(600)
    assert len(world.post.calls) == 1


# Time


def test_nothing_is_begun_without_time_for_a_call():
    world = World()

    assert run(world, never, remaining=lambda: 11.9) == Pause(0)
    assert world.ledger.rows == {}


def test_the_rest_is_handed_back_when_time_is_up():
    world, left = World(), iter([60.0, 60.0, 60.0, 12.0, 11.9])
    options = {"recipients": ("a@x.org", "b@x.org", "c@x.org")}

    assert run(world, lambda message: "x", remaining=lambda: next(left), **options) == Pause(0)
    assert world.post.calls == ["a@x.org"]
    assert len(world.ledger.rows) == 1
    run(world, lambda message: "x", again(world), **options)
    assert world.post.calls == ["a@x.org", "b@x.org", "c@x.org"]


@pytest.mark.parametrize(("timeout", "call"), [(1, 0.5), (3, 1.5), (10, 5), (20, 10), (60, 10), (900, 10)])
def test_a_short_function_still_has_time_for_a_call(timeout, call):
    world = World()

    assert run(world, lambda message: "x", remaining=lambda: float(timeout), timeout=timeout) is None
    assert world.post.timeouts == [call]


def test_a_function_that_leaves_no_time_to_send_has_failed():
    world, left = World(), [60.0]

    def slow(message: Message) -> str:
        left[0] = 5.0
        return "x"

    for receives in (1, 2):
        left[0] = 60.0
        pause = run(world, slow, received(message(), receives=receives), remaining=lambda: left[0], attempts=2)

    assert pause is None
    [(_, attributes)] = world.bus.dead.values()
    assert attributes["cc_error"] == "TimeoutError: the notifier took 55 seconds and left no time to send"


def test_a_function_that_others_left_little_time_has_not_failed():
    world, left = World(), [20.0]

    def slow(message: Message) -> str:
        left[0] = 5.0
        return "x"

    assert run(world, slow, remaining=lambda: left[0], attempts=1) == Pause(0)
    assert world.journal.deliveries == []


# Ports out of reach


@pytest.mark.parametrize("step", ["before ledger.create", "after ledger.create", "before ledger.records"])
def test_without_the_ledger_nothing_is_sent(step):
    world = World()
    world.fail(StoreError("CC904", "out of reach"), step)
    with pytest.raises(StoreError):
        run(world, lambda message: "x", again(world))

    assert world.post.calls == []


def test_an_acceptance_that_could_not_be_recorded_spends_one():
    world = World()
    world.fail(StoreError("CC904", "out of reach"), "before ledger.sent")
    with pytest.raises(StoreError):
        run(world, lambda message: "x", max_ambiguous=0)
    world.heal()
    assert run(world, lambda message: "x", again(world), max_ambiguous=0) == Pause(15)
    world.clock.move(16)

    assert run(world, lambda message: "x", again(world, 2), max_ambiguous=0) is None
    assert len(world.post.accepted) == 1
    assert (world.ledger.rows[A].state, len(world.bus.dead)) == ("DOUBT", 1)
    assert world.journal.statuses == [("a@x.org", "doubt")]


def test_a_first_receive_costs_no_read():
    world = World()
    run(world, lambda message: "x")

    assert [step for step in world.steps if "before ledger" in step] == ["before ledger.create", "before ledger.sent"]


def test_what_was_noted_of_another_copy_is_none_of_ours():
    world = World()
    world.ledger.rows[WHOLE] = Record("REJECTED", "T", attempts=4, source="another id")

    assert run(world, lambda message: "x", again(world), attempts=2) is None
    assert len(world.post.accepted) == 1


def test_the_age_of_a_message_is_that_of_its_issue():
    old = message(issued_at=START - timedelta(days=36))
    world = World()
    run(world, never, old)

    assert len(world.bus.dead) == 1
