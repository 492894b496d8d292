"""Runs that nobody is at."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cloud_cron.errors import BusError
from cloud_cron.ports import Key
from cloud_cron.runtime.maintenance.finishing import PATIENCE, PAUSE
from tests.maintenance.support import DUE, EVENT, RUN, Context, Stage, crash_everywhere
from tests.runtime.support import START, Crash


def test_what_was_recorded_is_published_and_the_function_is_not_called():
    stage = Stage()
    stage.record_only(EVENT)
    assert stage.round(Context("early"))["finished"] == 0
    stage.world.clock.move(400)
    assert stage.round()["finished"] == 1
    assert (stage.called, stage.orders(), stage.state()) == (1, [{"n": 1}], "DONE")
    assert stage.round()["finished"] == 0


def test_a_run_on_demand_that_was_recorded_is_published_under_its_own_name():
    stage = Stage()
    stage.record_only({}, "r7")
    stage.world.clock.move(400)
    assert stage.round()["finished"] == 1
    assert stage.state(Key("R#export", "!r7")) == "DONE"
    [published] = stage.world.bus.published["orders"]
    assert json.loads(published.body)["run_id"] == "export!r7"


def test_what_others_make_of_a_run_meanwhile_never_calls_the_function_here():
    stage = Stage()
    stage.record_only(EVENT)
    stage.world.clock.move(400)

    def overtaken(_: int, name: str) -> None:
        if name == "before ledger.swap":
            stage.world.heal()
            found = stage.ledger.get(RUN)
            stage.ledger.swap(RUN, found, found._replace(state="FAILED", token="other"))

    stage.world.plan = overtaken
    assert stage.round()["finished"] == 0
    assert (stage.called, stage.state()) == (1, "FAILED")


def test_what_was_recorded_and_cannot_be_read_is_told_as_a_failure():
    stage = Stage()
    reference = {"bucket": "the-bucket", "key": "payloads/x", "sha256": "x", "size": 3}
    stage.put("RECORDED", data=json.dumps({"event": EVENT, "recorded_at": reference}), attempts=1)
    stage.world.clock.move(1)
    with pytest.raises(ExceptionGroup, match="it is gone"):
        stage.round()
    assert stage.state() == "FAILED"
    assert [payload["error"]["type"] for payload in stage.told()] == ["CC613"]
    assert stage.round()["finished"] == 0


def test_a_run_that_was_put_aside_is_called_once_in_a_while():
    stage = Stage(overlap="queue")
    stage.put("RETRY", code="WAITING", not_before=stage.world.now + 60, data=json.dumps({"event": EVENT}))
    assert stage.round()["finished"] == 0
    stage.world.clock.move(61)
    assert stage.round()["finished"] == 1
    assert stage.hands.invoked == [("export", EVENT)]
    assert stage.round()["finished"] == 0
    stage.world.clock.move(PAUSE + 1)
    assert stage.round()["finished"] == 1


def test_a_run_waits_for_the_one_before_it():
    stage = Stage(overlap="queue")
    stage.put("CLAIMED", lease=stage.world.now + 600)
    stage.put("RETRY", Key("R#export", "2030-01-01T01:00:00Z"), code="WAITING")
    stage.put("RETRY", Key("R#export", "2030-01-01T02:00:00Z"), code="WAITING")
    assert stage.round()["finished"] == 0
    stage.world.clock.move(601)
    assert stage.round()["finished"] == 1


def test_two_rounds_at_one_time_call_once():
    stage = Stage(overlap="queue")
    stage.put("RETRY", code="WAITING")

    def twin(_: int, name: str) -> None:
        if name == "after ledger.open_runs":
            stage.world.heal()
            stage.round(Context("round-2"))

    stage.world.plan = twin
    assert stage.round()["finished"] == 0
    assert len(stage.hands.invoked) == 1


def test_a_run_on_demand_that_was_put_aside_is_the_same_run_when_it_is_called():
    stage = Stage(overlap="queue")
    stage.put("CLAIMED", Key("R#export", "2029-12-31T23:00:00Z"), lease=stage.world.now + 100)
    lock: dict[str, Any] = {"lease": stage.world.now + 100, "source": "other", "data": "2029-12-31T23:00:00Z"}
    stage.put("HELD", Key("L#export", "lock"), **lock)
    assert stage.run({"input": 1}, "r7") == {"run": "export!r7", "state": "waiting", "published": 0}
    stage.world.clock.move(200)
    assert stage.round()["finished"] == 1
    [(_, event)] = stage.hands.invoked
    assert stage.run(event, "another-request")["run"] == "export!r7"
    assert (stage.called, stage.state(Key("R#export", "!r7"))) == (1, "DONE")
    assert [key.sort for key, _ in stage.ledger.records("R#export")] == ["!r7", "2029-12-31T23:00:00Z"]


@pytest.mark.parametrize(
    "fields", [{"state": "CLAIMED", "lease": 0.0}, {"state": "RETRY", "code": "KeyError", "not_before": 0.0}]
)
def test_a_run_that_lambda_lost_is_told_when_no_retry_can_come(fields):
    stage = Stage()
    since = {name: START.timestamp() for name in ("lease", "not_before") if name in fields}
    stage.put(**{**fields, **since}, attempts=1)
    stage.world.clock.move(PATIENCE - 1)
    assert stage.round()["finished"] == 0
    stage.world.clock.move(2)
    assert stage.round()["finished"] == 1
    assert (stage.state(), stage.called) == ("FAILED", 0)
    assert [(payload["kind"], payload["run_id"]) for payload in stage.told()] == [("failed", f"export@{DUE}")]


def test_one_run_that_cannot_be_published_stops_no_other_and_counts_as_a_failure():
    stage = Stage()
    for hour in (0, 1):
        key = Key("R#export", f"2030-01-01T0{hour}:00:00Z")
        event = {**EVENT, "scheduled_at": key.sort}
        data = {"event": event, "result": None, "issued_at": DUE, "payloads": {"orders": [{"n": hour}]}}
        stage.put("RECORDED", key, at=START.timestamp() + hour * 3600, data=json.dumps(data))
    stage.world.clock.move(7200)
    stage.world.fail(BusError("CC224", "no"), "before bus.publish", times=1)
    with pytest.raises(ExceptionGroup) as caught:
        stage.round()
    assert caught.group_contains(BusError)
    assert sorted(stage.states().values()) == ["DONE", "RECORDED"]


def test_a_crash_anywhere_publishes_once_and_calls_at_most_once():
    def build(stage: Stage) -> None:
        stage.record_only(EVENT)
        stage.put("RETRY", Key("R#export", "2030-01-01T01:00:00Z"), code="WAITING")
        stage.world.clock.move(1000)

    assert crash_everywhere(build, overlap="queue", watch=None) > 10


def test_threads_of_two_rounds_publish_under_one_id():
    stage = Stage()
    stage.record_only(EVENT)
    stage.world.clock.move(400)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda name: stage.round(Context(name))["finished"], ["a", "b"]))
    assert (sum(done) >= 1, stage.orders(), stage.state()) == (True, [{"n": 1}], "DONE")


def test_a_crash_after_the_call_was_noted_calls_after_one_pause():
    stage = Stage(overlap="queue")
    stage.put("RETRY", code="WAITING")
    stage.world.fail(Crash(), "before hands.invoke")  # type: ignore[arg-type]
    with pytest.raises(Crash):
        stage.round()
    stage.world.heal()
    assert stage.round()["finished"] == 0
    stage.world.clock.move(PAUSE)
    assert stage.round()["finished"] == 1
