"""The delivery core: what the function says, and what becomes of the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from cloud_cron import SKIP, Message
from cloud_cron.errors import Permanent, ResultError, Retry
from cloud_cron.ports import Received
from cloud_cron.runtime import naming
from cloud_cron.runtime.attempt import Pause
from cloud_cron.runtime.delivery import deliver
from tests.runtime.support import World, desk, message, noting, plenty, raising, received

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


# What the function says


def test_what_the_function_returns_is_sent_to_every_recipient():
    world = World()
    pause = run(world, lambda message: f"n={message.payload['n']}", recipients=("a@x.org", "b@x.org"))

    assert pause is None
    assert [(to, text) for to, text, _ in world.post.accepted] == [("a@x.org", "n=1"), ("b@x.org", "n=1")]
    assert world.journal.statuses == [("a@x.org", "sent"), ("b@x.org", "sent")]
    assert (world.ledger.rows[A].state, world.ledger.rows[A].accepts) == ("SENT", 1)
    assert world.ledger.rows[A].provider_id == "receipt-1"
    assert (world.bus.dead, WHOLE in world.ledger.rows) == ({}, False)


def test_the_key_of_a_call_is_the_same_for_every_attempt():
    world = World()
    world.post.script["a@x.org"] = [Retry("busy", after=1)]
    run(world, lambda message: "x")
    world.clock.move(2)
    run(world, lambda message: "x", again(world))

    assert [key for _, _, key in world.post.accepted] == [naming.known_as(A)]
    assert world.post.keys == [naming.known_as(A)] * 2


def test_no_two_deliveries_have_the_same_key():
    """Whoever takes it for the id of a mail must not see two messages to one person as copies of each other."""
    world = World()
    for number in (1, 2):
        run(world, lambda message: "x", message(number), recipients=("a@x.org", "b@x.org"))

    assert len({key for _, _, key in world.post.accepted}) == 4


def test_what_the_function_is_given():
    seen: list[Message] = []
    world = World()
    run(world, noting(seen, lambda message: message), secrets={"db": "env:DB"})

    assert (seen[0].topic, seen[0].payload, seen[0].id) == ("reports", {"n": 1}, "M1")
    assert (seen[0].task, seen[0].run_id, seen[0].attempt) == ("morning", "morning@2030", 1)
    assert world.vault.asked == []
    assert seen[0].secrets["db"] == "value of env:DB"


def test_a_coroutine_and_a_function_without_argument_are_notifiers():
    async def waits(message):
        return "waited"

    world = World()
    run(world, waits)
    run(world, lambda: "nothing asked", message(2))

    assert [text for _, text, _ in world.post.accepted] == ["waited", "nothing asked"]


def test_skip_is_recorded_and_ends_the_message():
    world = World()

    assert run(world, lambda message: SKIP) is None
    assert (world.ledger.rows[WHOLE].state, world.journal.statuses) == ("SKIPPED", [(None, "skipped")])
    assert (world.post.calls, world.bus.dead) == ([], {})


def test_a_message_that_was_skipped_stays_skipped():
    """A crash came between the record and the queue's delete; meanwhile the function would say something else."""
    world = World()
    run(world, lambda message: SKIP)

    assert run(world, never, again(world)) is None
    assert world.post.calls == []


def test_none_is_an_error_that_says_so():
    world = World()

    assert run(world, lambda message: None) is None
    [(_, attributes)] = world.bus.dead.values()
    assert attributes["cc_error_code"] == "CC231"
    assert attributes["cc_error"] == "notifier 'mail' returned None"
    [told] = world.journal.deliveries
    assert isinstance(told.error, ResultError)
    assert told.error.hint == "return the template variables, or SKIP to drop the message on purpose"
    assert world.post.calls == []


def test_permanent_dead_letters_at_once_with_its_reason():
    world = World()

    assert run(world, raising(Permanent("no such station"))) is None
    [(forwarded, attributes)] = world.bus.dead.values()
    assert forwarded == received(message())
    assert attributes == {
        "cc_error_code": "permanent",
        "cc_error": "no such station",
        "cc_notifier": "mail",
        "cc_task": "morning",
        "cc_attempts": "1",
        "cc_message_id": "M1",
    }
    assert world.ledger.rows[WHOLE].state == "REJECTED"
    assert world.ledger.rows[WHOLE].forwarded
    assert world.journal.statuses == [(None, "rejected")]


def test_retry_comes_back_when_it_says_and_spends_nothing():
    world, attempts = World(), list[int]()

    def busy(message: Message) -> None:
        attempts.append(message.attempt)
        raise Retry("busy", after=45)

    assert run(world, busy, attempts=2) == Pause(45)
    assert run(world, busy, again(world), attempts=2) == Pause(45)
    assert run(world, busy, again(world, 2), attempts=2) == Pause(45)
    assert attempts == [1, 2, 3]
    assert world.journal.statuses == [(None, "retry")] * 3
    assert world.bus.dead == {}


def test_retry_without_a_time_backs_off():
    world = World()

    assert run(world, raising(Retry("busy"))) == Pause(2.5)
    assert run(world, raising(Retry("busy")), again(world)) == Pause(4.5)


def test_retry_is_granted_for_a_day():
    world = World()
    world.clock.move(86_400)
    assert run(world, raising(Retry("busy", after=1e6))) == Pause(43_200)
    world.clock.move(1)

    assert run(world, raising(Retry("busy")), again(world)) is None
    [(_, attributes)] = world.bus.dead.values()
    assert (attributes["cc_error_code"], attributes["cc_error"]) == ("expired", "asked for a retry for a day: busy")


def test_an_exception_backs_off_and_is_tried_so_many_times():
    world, attempts = World(), list[int]()

    def fails(message: Message) -> None:
        attempts.append(message.attempt)
        raise LookupError("no station")

    pauses = [run(world, fails, received(message(), receives=number), attempts=3) for number in (1, 2, 3)]

    assert (pauses, attempts) == ([Pause(2.5), Pause(4.5), None], [1, 2, 3])
    [(_, attributes)] = world.bus.dead.values()
    assert (attributes["cc_error_code"], attributes["cc_attempts"]) == ("attempts", "3")
    assert attributes["cc_error"].startswith("LookupError: no station at test_delivery.py:")
    assert world.journal.statuses == [(None, "retry"), (None, "retry"), (None, "rejected")]
    assert all(isinstance(told.error, LookupError) for told in world.journal.deliveries)


def test_receives_without_an_attempt_are_not_counted():
    world = World()
    for receives in (1, 40, 90):
        assert run(world, raising(LookupError()), received(message(), receives=receives), attempts=4) is not None

    assert run(world, raising(LookupError()), received(message(), receives=1000), attempts=4) is None


def test_asking_for_a_retry_is_no_failure():
    world = World()
    answers = [Retry("busy"), LookupError(), Retry("busy"), Retry("busy"), LookupError()]
    pauses = [
        run(world, raising(error), received(message(), receives=number), attempts=2)
        for number, error in enumerate(answers, start=1)
    ]

    assert [pause is None for pause in pauses] == [False, False, False, False, True]


def test_a_redriven_message_begins_anew():
    world, attempts = World(), list[int]()
    run(world, raising(LookupError()), attempts=1)
    redriven = received(message(), id="new-id", receives=1)

    assert run(world, noting(attempts, lambda message: message.attempt), redriven) is None
    assert attempts == [1]
    assert len(world.post.accepted) == 1


def test_the_attempt_counts_on_when_it_was_the_provider_that_was_busy():
    world, attempts = World(), list[int]()
    world.post.script["a@x.org"] = [Retry("busy", after=1), Retry("busy", after=1)]
    for receives in range(1, 4):
        run(world, noting(attempts, lambda message: message.attempt), received(message(), receives=receives))
        world.clock.move(2)

    assert attempts == [1, 2, 3]


def test_a_retry_calls_the_function_again_and_skips_who_was_told():
    world, calls = World(), list[int]()
    world.post.script["b@x.org"] = [Retry("busy", after=5)]
    both = {"recipients": ("a@x.org", "b@x.org")}
    assert run(world, noting(calls, id, "first"), **both) == Pause(5)
    world.clock.move(5)
    assert run(world, noting(calls, id, "second"), again(world), **both) is None

    assert [(to, text) for to, text, _ in world.post.accepted] == [("a@x.org", "first"), ("b@x.org", "second")]
    assert len(calls) == 2


def test_an_exception_with_odd_characters_is_one_that_a_queue_takes():
    world = World()
    run(world, raising(ValueError("a\x00b\ud800c\nd" + "x" * 999)), attempts=1)
    [(_, attributes)] = world.bus.dead.values()

    assert attributes["cc_error"].startswith("ValueError: a b c d")
    assert len(attributes["cc_error"]) <= 256
    assert attributes["cc_error"].isprintable()
