"""The local engine's queues: order, retries, crashes, dead letters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_cron import SKIP, Permanent, Receipt, Retry
from cloud_cron.errors import BusError
from tests.engine.support import START


class Crash(BaseException):
    """The process is gone."""


def utc(*times: datetime) -> list[str]:
    return [f"{time.astimezone(UTC):%m-%dT%H:%M:%S}" for time in times]


# Messages


@pytest.fixture
def telling(app):
    """A task that publishes what it is given, on topic `a`."""
    app.schedule(name="t", topics=["a"])(lambda run: {"a": run.input})
    return app


def test_what_is_published_reaches_every_notifier_of_the_topic_in_order(telling, place):
    telling.notifier("email", name="mail", recipients=["a@x.org", "b@x.org"])(lambda m: f"mail {m.payload['n']}")
    telling.notifier("print", name="show", recipients="stdout", topics=["a"])(lambda m: f"show {m.payload['n']}")
    telling.schedule(name="other", topics=["b"])(lambda: {"b": {"n": 9}})
    engine = place.engine(telling)
    engine.run("t", given=[{"n": number} for number in range(12)])
    engine.run("other")
    deliveries = engine.deliver()

    texts = [
        sent.content["text"].split("\n")[0] for sent in engine.outbox.sent if sent.recipient in {"a@x.org", "stdout"}
    ]
    assert [text for text in texts if text.startswith("show")] == [f"show {n}" for n in range(12)]
    assert [text for text in texts if text.startswith("mail")] == [*(f"mail {n}" for n in range(12)), "mail 9"]
    assert {delivery.status for delivery in deliveries} == {"outbox"}
    assert len(deliveries) == 2 * 13 + 12
    assert engine.next_event() is None
    assert engine.deliver() == []


class Office:
    """A provider that accepts everything; `busy` is asked first."""

    def __init__(self, busy: list[BaseException | None] | None = None) -> None:
        self.accepted: list[str] = []
        self.busy = busy or []

    def sender(self, notifier: str, message: object) -> Office:
        return self

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:
        answer = self.busy.pop(0) if self.busy else None
        if answer:
            raise answer
        self.accepted.append(content["text"])
        return Receipt(str(len(self.accepted)))


def test_what_a_provider_accepted_was_sent_and_not_put_into_the_outbox(telling, place):
    telling.notifier("print", name="n", recipients="stdout")(lambda message: "x")
    office = Office()
    engine = place.engine(telling, senders=office)
    engine.run("t", given={})

    assert [delivery.status for delivery in engine.deliver()] == ["sent"]
    assert (office.accepted, engine.outbox.sent) == (["x"], [])


def test_a_busy_provider_is_asked_again_and_the_order_is_kept(telling, place):
    telling.notifier("print", name="n", recipients="stdout")(lambda message: str(message.payload["n"]))
    office = Office([None, Retry("busy", after=100), None])
    engine = place.engine(telling, senders=office)
    engine.run("t", given=[{"n": number} for number in range(4)])
    engine.deliver()
    assert office.accepted == ["0"]
    assert engine.next_event() == START + timedelta(seconds=100)
    place.steps(engine, minutes=5)

    assert office.accepted == ["0", "1", "2", "3"]


def test_a_message_whose_worker_died_comes_back_after_its_visibility(telling, place):
    calls: list[int] = []

    @telling.notifier("print", recipients="stdout", timeout=20)
    def show(message):
        calls.append(1)
        if len(calls) == 1:
            raise Crash
        return "x"

    engine = place.engine(telling)
    engine.run("t", given={})
    with pytest.raises(Crash):
        engine.deliver()
    assert engine.deliver() == []
    assert engine.next_event() == START + timedelta(seconds=120)
    place.steps(engine, seconds=120)

    assert [sent.content["text"] for sent in engine.outbox.sent] == ["x"]


def test_what_waits_survives_the_process(telling, place):
    telling.notifier("print", name="n", recipients="stdout")(lambda message: "x")
    place.engine(telling).run("t", given=[{"n": 1}, {"n": 2}])
    again = place.engine(telling)

    assert again.next_event() == START
    assert len(again.deliver()) == 2


def test_a_function_that_outlives_its_visibility_is_not_told_twice(telling, place):
    calls: list[int] = []

    @telling.notifier("print", recipients="stdout", timeout=60)
    def slow(message):
        calls.append(1)
        if len(calls) == 1:
            place.move(seconds=361)
        return str(message.payload["n"])

    engine = place.engine(telling)
    engine.run("t", given=[{"n": 1}, {"n": 2}])
    place.steps(engine, hours=1)

    assert [sent.content["text"] for sent in engine.outbox.sent] == ["1", "2"]


def test_a_call_that_outlives_the_visibility_of_its_message_is_not_repeated(telling, place):
    """The message is somebody else's by then, so that it cannot be deleted: it comes back, and is known."""

    class Slow(Office):
        def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:
            place.move(seconds=361)
            return super().send(content, recipient, key, timeout)

    telling.notifier("print", name="n", recipients="stdout")(lambda message: str(message.payload["n"]))
    office = Slow()
    engine = place.engine(telling, senders=office)
    engine.run("t", given=[{"n": 1}, {"n": 2}])
    place.steps(engine, hours=1)

    assert office.accepted == ["1", "2"]
    assert engine.next_event() is None


def test_skip_ends_a_message(telling, place):
    telling.notifier("print", name="n", recipients="stdout")(lambda message: SKIP)
    engine = place.engine(telling)
    engine.run("t", given={})

    assert [(delivery.status, delivery.recipient) for delivery in engine.deliver()] == [("skipped", None)]
    assert engine.next_event() is None


def test_a_dead_letter_says_why_and_can_be_redriven(telling, place):
    broken = [True]

    @telling.notifier("print", recipients="stdout")
    def show(message):
        if broken[0]:
            raise Permanent("no such printer")
        return str(message.payload["n"])

    engine = place.engine(telling)
    engine.run("t", given=[{"n": 1}, {"n": 2}])
    assert [delivery.status for delivery in engine.deliver()] == ["rejected"] * 2
    dead = place.bus.peek(engine.dead_letters("show"))
    assert [json.loads(letter.body)["payload"]["n"] for letter in dead] == [1, 2]
    assert dead[0].attributes["cc_error"] == "no such printer"
    assert dead[0].attributes["cc_message_id"] == json.loads(dead[0].body)["id"]
    broken[0] = False
    place.move(minutes=10)
    assert place.bus.redrive(engine.dead_letters("show")) == 2

    assert [delivery.status for delivery in engine.deliver()] == ["outbox"] * 2
    assert [sent.content["text"] for sent in engine.outbox.sent] == ["1", "2"]
    assert place.bus.peek(engine.dead_letters("show")) == []


def test_who_was_told_is_not_told_again_by_a_redrive(telling, place):
    telling.notifier("email", name="n", recipients=["a@x.org", "b@x.org"])(lambda message: "x")
    office = Office([None, Permanent("no such box")])
    engine = place.engine(telling, senders=office)
    engine.run("t", given={})
    engine.deliver()
    place.move(minutes=10)
    place.bus.redrive(engine.dead_letters("n"))
    engine.deliver()
    place.bus.redrive(engine.dead_letters("n"))
    engine.deliver()

    assert len(office.accepted) == 2


def test_a_message_that_fails_without_end_ends_in_the_dead_letter_queue(telling, place):
    @telling.notifier("print", recipients="stdout", attempts=3)
    def show(message):
        raise LookupError("no printer")

    engine = place.engine(telling)
    engine.run("t", given={})
    raised = place.steps(engine, hours=1)
    [dead] = place.bus.peek(engine.dead_letters("show"))

    assert len(raised) == 3
    assert dead.attributes["cc_error"].startswith("LookupError: no printer at test_engine_messages.py:")
    assert dead.attributes["cc_attempts"] == "3"
    assert engine.next_event() is None


@pytest.mark.parametrize(
    ("timeout", "settings"), [(1, (6, 1000)), (60, (360, 1000)), (900, (5400, 160)), (9000, (43_200, 20))]
)
def test_queues_have_the_settings_that_they_have_in_aws(telling, place, store, timeout, settings):
    visibility, receives = settings
    telling.notifier("print", name="n", recipients="stdout", timeout=timeout)(lambda message: "x")
    engine = place.engine(telling)
    rows = store.rows("SELECT visibility, max_receives, dead_letter FROM queues ORDER BY name")

    assert rows == [
        (visibility * 1_000_000, receives, "weather-dev-n-dead"),
        (visibility * 1_000_000, receives, None),
    ]
    assert (engine.queue("n"), engine.dead_letters("n")) == ("weather-dev-n", "weather-dev-n-dead")


def test_a_bus_that_comes_back_loses_nothing(telling, place):
    telling.notifier("print", name="n", recipients="stdout")(lambda message: "x")
    engine = place.engine(telling)
    publish, down = place.bus.publish, [True]

    def sometimes(topic: str, messages: Any) -> None:
        if down[0]:
            raise BusError("CC222", "out of reach")
        publish(topic, messages)

    place.bus.publish = sometimes  # the place is this test's own
    with pytest.raises(BusError):
        engine.run("t", given={"n": 1})
    down[0] = False
    place.steps(engine, minutes=5)

    assert len(engine.outbox.sent) == 1


def test_the_watch_does_not_stand_in_the_way_of_the_users_exception(telling, place):
    @telling.schedule(retries=0)
    def fails():
        raise LookupError("mine")

    telling.notifier("print", name="n", recipients="stdout", topics=["ops"])(lambda message: message.payload["kind"])
    engine = place.engine(telling, watch="ops")
    publish, down = place.bus.publish, [True]

    def sometimes(topic: str, messages: Any) -> None:
        if down[0]:
            raise BusError("CC222", "out of reach")
        publish(topic, messages)

    place.bus.publish = sometimes  # the place is this test's own
    with pytest.raises(LookupError, match="mine"):
        engine.run("fails")
    down[0] = False
    with pytest.raises(LookupError):
        engine.run("fails")
    engine.deliver()

    assert [sent.content["text"] for sent in engine.outbox.sent] == ["failed", "failed"]
