"""What went wrong is told once, to the topic of the watch, whatever crashes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import BusError
from cloud_cron.local import queues
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.host_ports import HostPorts
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.jumps import Jumps
from cloud_cron.local.log import Log
from cloud_cron.local.review import Review
from cloud_cron.messages import Message, envelope
from cloud_cron.ports import Outgoing, Record
from cloud_cron.runtime import naming

START = datetime(2030, 1, 1, tzinfo=UTC)


class Machine:
    def __init__(self, store, ledger) -> None:
        self.clock = VirtualClock(START)
        self.store, self.ledger, self.book = store, ledger, Book(store)
        self.ids = RandomIds()
        self.bus = LocalBus(store, self.clock, self.ids)
        app = CloudCron("shop")
        app.notifier("print", name="ops", topics=["ops"])(lambda message: "x")
        app.notifier("print", name="show", topics=["t"])(lambda message: "x")
        self.model = app.model()
        queues.wired(self.bus, self.model, "dev")

    def review(self, topic: str | None = "ops", bus=None) -> Review:
        own = (self.ledger, self.book, self.clock, self.ids, Log("none", ""), Jumps(lambda: 0.0))
        return Review(HostPorts(self.store, bus or self.bus, *own), "dev", self.model, topic)

    def record(self, task: str, hour: int, state: str, **fields) -> None:
        at = START + timedelta(hours=hour)
        self.ledger.create(naming.run_key(task, at, ""), Record(state, token="x", at=at.timestamp(), **fields))

    def dead(self, name: str, topic: str = "t", notifier: str = "show") -> None:
        message = Message(topic, {}, name, "task", f"task@{name}", START, issued_at=START)
        body = envelope("shop", "dev", message)
        why = {"cc_error_code": "CC301", "cc_error": "no such box"}
        self.bus.send(queues.dead_letters("shop", "dev", notifier), Outgoing(name, "g", body), why)
        self.clock.set(self.clock.now() + timedelta(seconds=1))

    def told(self) -> list[dict[str, Any]]:
        """What reached the notifier of the watch."""
        return [json.loads(received.body)["payload"] for received in self.bus.peek("shop-dev-ops")]


@pytest.fixture
def machine(store, ledger) -> Machine:
    return Machine(store, ledger)


def test_a_run_that_failed_for_good_is_told_once(machine):
    machine.record("t", 1, "FAILED", code="ValueError", reason="ValueError: no")
    machine.record("t", 2, "DONE")
    machine.record("t", 3, "RETRY")
    machine.review().look()
    machine.review().look()

    assert machine.told() == [
        {
            "kind": "failed",
            "task": "t",
            "run_id": "t@2030-01-01T01:00:00Z",
            "scheduled_at": "2030-01-01T01:00:00Z",
            "error": {"type": "ValueError", "message": "ValueError: no"},
            "count": 1,
        }
    ]


def test_runs_that_were_missed_are_told_together(machine):
    for hour in (1, 2, 3):
        machine.record("a", hour, "MISSED", reason="nobody could begin it in time")
    machine.record("b", 1, "MISSED", reason="nobody could begin it in time")
    machine.review().look()

    assert [(told["kind"], told["task"], told["count"]) for told in machine.told()] == [
        ("missed", "a", 3),
        ("missed", "b", 1),
    ]
    assert machine.told()[0]["run_id"] == "a@2030-01-01T01:00:00Z"


def test_dead_letters_are_told_by_the_batch_and_new_ones_again(machine):
    machine.dead("m1")
    machine.dead("m2")
    review = machine.review()
    review.look()
    review.look()
    machine.dead("m3")
    review.look()

    assert [(told["notifier"], told["count"]) for told in machine.told()] == [("show", 2), ("show", 1)]
    assert machine.told()[0] == {
        "kind": "dead",
        "notifier": "show",
        "run_id": "task@m1",
        "scheduled_at": "2030-01-01T00:00:00Z",
        "error": {"type": "CC301", "message": "no such box"},
        "count": 2,
    }


def test_a_dead_letter_of_the_watch_itself_causes_no_other(machine):
    machine.dead("m1", topic="ops", notifier="ops")
    [payload] = machine.review().look()

    assert payload["notifier"] == "ops"
    assert machine.told() == []
    assert machine.review().look() == []


def test_without_a_topic_it_is_reported_and_published_nowhere(machine):
    machine.record("t", 1, "FAILED")
    assert [told["kind"] for told in machine.review(None).look()] == ["failed"]
    assert machine.review(None).look() == []
    assert machine.told() == []


class Broken:
    """A bus that takes nothing."""

    def __init__(self, bus) -> None:
        self._bus = bus

    def __getattr__(self, name: str):
        return getattr(self._bus, name)

    def publish(self, topic, messages) -> None:
        raise BusError("CC224", "no")


def test_what_could_not_be_published_is_told_the_next_time(machine):
    machine.record("t", 1, "FAILED")
    machine.dead("m1")
    with pytest.raises(BusError):
        machine.review(bus=Broken(machine.bus)).look()
    machine.review().look()

    assert [told["kind"] for told in machine.told()] == ["failed", "dead"]


def test_a_body_that_nobody_can_read_is_told_all_the_same(machine):
    machine.bus.send("shop-dev-show-dead", Outgoing("m", "g", "no json"), {})
    [payload] = machine.review().look()

    assert (payload["run_id"], payload["error"]["type"]) == (None, "receives")
