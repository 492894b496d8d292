"""Maintenance on ports in memory: everything is done once, however often it is begun."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import BusError
from cloud_cron.messages import Message, envelope
from cloud_cron.ports import Key, Received, Record
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.maintenance.hands import Failure
from cloud_cron.runtime.maintenance.rounds import Desk, maintain
from cloud_cron.runtime.watching import Watch
from tests.runtime.support import START, Crash, Hooked, World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass
class FakeHands:
    """Queues and functions in memory."""

    failed: list[Failure] = field(default_factory=list)
    lost: list[Failure] = field(default_factory=list)
    dead: dict[str, list[Received]] = field(default_factory=dict)
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke(self, task: str, event: Mapping[str, Any]) -> None:
        self.invoked.append((task, dict(event)))

    def failures(self) -> Iterator[Failure]:
        yield from list(self.failed)

    def unstarted(self) -> Iterator[Failure]:
        yield from list(self.lost)

    def settle(self, failure: Failure) -> None:
        self.failed = [each for each in self.failed if each.handle != failure.handle]
        self.lost = [each for each in self.lost if each.handle != failure.handle]

    def letters(self, notifier: str) -> tuple[int, Received | None]:
        letters = self.dead.get(notifier, [])
        return len(letters), letters[0] if letters else None


@dataclass
class Context:
    aws_request_id: str = "round-1"
    left: int = 240_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


class Stage:
    """An app with its maintenance, on a world."""

    def __init__(self, *, watch: str | None = "ops", schedule: str = "rate(1 hour)", overlap: Any = None) -> None:
        self.world, self.hands, self.called = World(), FakeHands(), 0
        self.app = CloudCron("shop")

        @self.app.schedule(schedule, topics=["orders"], overlap=overlap)
        def export(run):
            self.called += 1
            return {"orders": {"n": 1}}

        self.app.notifier("print", name="tell", topics=["orders", "ops"])(lambda message: "x")
        self.watch = watch

    def round(self, context: Context | None = None) -> dict[str, Any]:
        ports, model = self.world.ports, self.app.model()
        runtime = Runtime(self.app, model, ports, stage="dev", queues={})
        watch = Watch(ports.bus, ports.clock, "shop", "dev", self.watch)
        hands: Any = Hooked("hands", self.hands, self.world.step)
        return maintain(Desk(model, ports, runtime, watch, hands), context or Context())

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(message.body)["payload"] for message in self.world.bus.published["ops"]]

    def crash_everywhere(self, build) -> None:
        """Play the round to its end after a crash at every step of it, and compare with the round without one."""
        build(self)
        self.world.steps.clear()
        self.round()
        steps = len(self.world.steps)
        assert steps > 3
        for number in range(steps):
            again = Stage(watch=self.watch)
            build(again)
            again.world.crash_at(number)
            with pytest.raises(Crash):
                again.round()
            again.world.heal()
            again.world.clock.move(1)
            again.round(Context("round-2"))
            again.round(Context("round-3"))
            assert again.told() == self.told(), f"step {number}"
            assert again.hands.failed == self.hands.failed
            assert again.states() == self.states()

    def states(self) -> dict[Key, str]:
        return {key: record.state for key, record in self.world.ledger.rows.items() if key.partition[0] == "R"}


DUE = "2030-01-01T00:00:00Z"
EVENT = {"task": "export", "scheduled_at": DUE, "attempt": "1", "schedule": "rate(1 hour)"}
RUN = Key("R#export", DUE)


def failure(**changes: Any) -> Failure:
    return Failure("export", EVENT, "r1", "ValueError", "boom", "h1")._replace(**changes)


def letter(topic: str = "orders") -> Received:
    body = envelope("shop", "dev", Message(topic, {"n": 1}, "id-1", "export", f"export@{DUE}", START, START))
    attributes = {"cc_error": "no such box", "cc_error_code": "Permanent"}
    return Received("m1", "h", body, "g", "d", 1, START.timestamp(), attributes, "q")


def test_what_was_recorded_is_published_and_the_function_is_not_called():
    stage = Stage()
    stage.world.fail(BusError("CC224", "no"), "before bus.publish")
    runtime = Runtime(stage.app, stage.app.model(), stage.world.ports, stage="dev", queues={})
    with pytest.raises(BusError):
        runtime.handle("export", EVENT, Context("r1"))
    stage.world.heal()
    assert stage.round(Context("early"))["finished"] == 0
    stage.world.clock.move(400)
    assert stage.round()["finished"] == 1
    assert stage.called == 1
    assert [json.loads(each.body)["payload"] for each in stage.world.bus.published["orders"]] == [{"n": 1}]
    assert stage.world.ledger.rows[RUN].state == "DONE"
    assert stage.round()["finished"] == 0


def test_a_run_on_demand_that_was_recorded_is_published_too():
    stage = Stage()
    stage.world.fail(BusError("CC224", "no"), "before bus.publish")
    runtime = Runtime(stage.app, stage.app.model(), stage.world.ports, stage="dev", queues={})
    with pytest.raises(BusError):
        runtime.handle("export", {}, Context("r7"))
    stage.world.heal()
    stage.world.clock.move(400)
    assert stage.round()["finished"] == 1
    assert stage.world.ledger.rows[Key("R#export", "!r7")].state == "DONE"


def test_a_run_that_was_put_aside_is_called_once_in_a_while():
    stage = Stage(overlap="queue")
    data = json.dumps({"event": EVENT})
    stage.world.ledger.rows[RUN] = Record("RETRY", "t", code="WAITING", not_before=stage.world.now + 60, data=data)
    assert stage.round()["finished"] == 0
    stage.world.clock.move(61)
    assert stage.round()["finished"] == 1
    assert stage.hands.invoked == [("export", EVENT)]
    assert stage.round()["finished"] == 0
    stage.world.clock.move(601)
    assert stage.round()["finished"] == 1


def test_one_run_that_cannot_be_published_stops_no_other_and_counts_as_a_failure():
    stage = Stage()
    for hour in ("00", "01"):
        event = {**EVENT, "scheduled_at": f"2030-01-01T{hour}:00:00Z"}
        data = {"event": event, "result": None, "issued_at": DUE, "payloads": {"orders": [{"n": int(hour)}]}}
        at = START.timestamp() + int(hour) * 3600
        key = Key("R#export", f"2030-01-01T{hour}:00:00Z")
        stage.world.ledger.rows[key] = Record("RECORDED", f"t{hour}", at=at, data=json.dumps(data))
    stage.world.clock.move(7200)
    stage.world.fail(BusError("CC224", "no"), "before bus.publish", times=1)
    with pytest.raises(ExceptionGroup) as caught:
        stage.round()
    assert caught.group_contains(BusError)
    assert sorted(record.state for key, record in stage.world.ledger.rows.items() if key.partition == "R#export") == [
        "DONE", "RECORDED",
    ]  # fmt: skip


def test_a_run_that_lambda_gave_up_is_failed_and_told_before_its_message_goes():
    stage = Stage()
    claimed = Record("CLAIMED", "t1", START.timestamp() + 60, attempts=3, source="r1", at=START.timestamp(), data="{}")
    stage.world.ledger.rows[RUN] = claimed
    stage.hands.failed = [failure(code="Sandbox.Timedout", reason="Task timed out after 60.00 seconds")]
    assert stage.round()["failed"] == 1
    assert stage.hands.failed == []
    record = stage.world.ledger.rows[RUN]
    assert (record.state, record.code, record.attempts) == ("FAILED", "Sandbox.Timedout", 3)
    assert stage.told() == [
        {
            "kind": "failed", "task": "export", "run_id": f"export@{DUE}", "scheduled_at": DUE, "count": 1,
            "error": {"type": "Sandbox.Timedout", "message": "Task timed out after 60.00 seconds"},
        }
    ]  # fmt: skip


def test_what_a_run_recorded_itself_is_what_is_told():
    stage = Stage()
    own = Record("FAILED", "t1", attempts=3, code="KeyError", reason="KeyError: 'n' at app.py:3", at=START.timestamp())
    stage.world.ledger.rows[RUN] = own
    stage.hands.failed = [failure()]
    stage.round()
    assert stage.told()[0]["error"] == {"type": "KeyError", "message": "KeyError: 'n' at app.py:3"}


@pytest.mark.parametrize("state", ["DONE", "RECORDED", "SKIPPED"])
def test_a_run_that_went_well_after_all_is_nobodys_news(state):
    stage = Stage()
    data = json.dumps({"event": EVENT, "result": None, "issued_at": DUE, "payloads": {}})
    stage.world.ledger.rows[RUN] = Record(state, "t1", START.timestamp() + 600, at=START.timestamp(), data=data)
    stage.hands.failed = [failure()]
    stage.round()
    assert (stage.told(), stage.hands.failed) == ([], [])
    assert stage.world.ledger.rows[RUN].state == state


def test_an_event_that_asks_for_no_run_of_this_app_stays_where_it_is():
    stage = Stage()
    foreign = [failure(task=""), failure(task="other"), failure(event={**EVENT, "scheduled_at": "never"})]
    stage.hands.failed = [each._replace(handle=str(number)) for number, each in enumerate(foreign)]
    assert stage.round()["failed"] == 0
    assert len(stage.hands.failed) == 3


def test_a_run_on_demand_that_was_given_up_is_told_too():
    stage = Stage()
    stage.hands.failed = [failure(event={"input": 1}, request="r5")]
    assert stage.round()["failed"] == 1
    assert stage.world.ledger.rows[Key("R#export", "!r5")].state == "FAILED"
    assert stage.told()[0]["run_id"] == "export!r5"


def test_a_run_that_scheduler_could_not_start_is_missed():
    stage = Stage()
    stage.hands.lost = [failure(request="", code="AWS.Lambda.ResourceNotFound", reason="Function not found")]
    assert stage.round()["failed"] == 1
    assert stage.world.ledger.rows[RUN].state == "MISSED"
    assert (stage.told()[0]["kind"], stage.told()[0]["error"]["type"]) == ("missed", "AWS.Lambda.ResourceNotFound")
    assert stage.hands.lost == []


def test_a_time_without_a_run_is_missed_once_it_can_no_longer_come():
    stage = Stage()
    assert stage.round()["missed"] == 0
    stage.world.clock.move(timedelta(hours=2, minutes=4).total_seconds())
    assert stage.round()["missed"] == 0
    stage.world.clock.move(timedelta(hours=1, minutes=2).total_seconds())
    assert stage.round()["missed"] == 2
    assert stage.round()["missed"] == 0
    [payload] = stage.told()
    assert (payload["kind"], payload["count"], payload["scheduled_at"]) == ("missed", 2, "2030-01-01T01:00:00Z")
    late = Runtime(stage.app, stage.app.model(), stage.world.ports, stage="dev", queues={})
    event = {**EVENT, "scheduled_at": "2030-01-01T02:00:00Z"}
    assert late.handle("export", event, Context("r9"))["state"] == "done"


def test_a_run_that_was_made_is_not_missed():
    stage = Stage()
    stage.round()
    runtime = Runtime(stage.app, stage.app.model(), stage.world.ports, stage="dev", queues={})
    for hour in (1, 2):
        stage.world.clock.move(3600)
        runtime.handle("export", {**EVENT, "scheduled_at": f"2030-01-01T0{hour}:00:00Z"}, Context(f"r{hour}"))
    stage.world.clock.move(3900)
    assert stage.round()["missed"] == 0


def test_another_schedule_begins_anew_and_misses_nothing_of_before():
    stage = Stage(schedule="rate(1 hour)")
    stage.round()
    other = Stage(schedule="rate(5 minutes)")
    other.world = stage.world
    stage.world.clock.move(20_000)
    assert other.round()["missed"] == 0
    stage.world.clock.move(3_900 + 300)
    assert other.round()["missed"] == 1


def test_new_dead_letters_are_told_by_their_number():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()]
    assert stage.round()["letters"] == 1
    assert stage.round()["letters"] == 0
    stage.hands.dead["tell"] = [letter()] * 3
    assert stage.round()["letters"] == 2
    stage.hands.dead["tell"] = []
    stage.round()
    stage.hands.dead["tell"] = [letter()]
    assert stage.round()["letters"] == 1
    assert [payload["count"] for payload in stage.told()] == [1, 2, 1]
    assert stage.told()[0] == {
        "kind": "dead", "notifier": "tell", "run_id": f"export@{DUE}", "scheduled_at": DUE, "count": 1,
        "error": {"type": "Permanent", "message": "no such box"},
    }  # fmt: skip


def test_dead_letters_of_the_watch_itself_are_not_told():
    stage = Stage()
    stage.hands.dead["tell"] = [letter("ops")]
    stage.round()
    assert stage.told() == []


def test_without_a_watch_the_queues_are_left_to_the_alarms():
    stage = Stage(watch=None)
    stage.hands.failed, stage.hands.dead["tell"] = [failure()], [letter()]
    assert stage.round() == {"finished": 0}
    assert len(stage.hands.failed) == 1


def test_what_stops_one_part_stops_no_other():
    stage = Stage()
    stage.hands.failed, stage.hands.dead["tell"] = [failure()], [letter()]
    stage.world.fail(BusError("CC224", "no"), "before hands.failures")
    with pytest.raises(ExceptionGroup):
        stage.round()
    assert [payload["kind"] for payload in stage.told()] == ["dead"]


def test_without_time_nothing_is_begun():
    assert Stage().round(Context(left=9_000)) == {}


def test_a_crash_anywhere_loses_nothing_and_tells_nothing_twice():
    def build(stage: Stage) -> None:
        stage.round(Context("round-0"))
        stage.world.clock.move(timedelta(hours=2, minutes=6).total_seconds())
        claimed = Record("CLAIMED", "t1", START.timestamp() + 60, attempts=3, at=START.timestamp(), data="{}")
        stage.world.ledger.rows[RUN] = replace(claimed, source="r1")
        stage.hands.failed = [failure()]
        stage.hands.lost = [failure(event={**EVENT, "scheduled_at": "2029-12-31T23:00:00Z"}, handle="h2", request="")]
        stage.hands.dead["tell"] = [letter()]

    Stage().crash_everywhere(build)
