"""Runs that Lambda or Scheduler gave up."""

from __future__ import annotations

import json

import pytest

from cloud_cron.ports import Key
from tests.maintenance.support import DUE, EVENT, RUN, Stage, crash_everywhere, failure
from tests.runtime.support import START


def test_a_run_that_lambda_gave_up_is_failed_and_told_before_its_message_goes():
    stage = Stage()
    stage.put("CLAIMED", lease=START.timestamp() + 60, attempts=3, source="r1")
    stage.hands.failed = [failure(code="Sandbox.Timedout", reason="Task timed out after 60.00 seconds")]
    assert stage.round()["failed"] == 1
    assert stage.hands.failed == []
    record = stage.ledger.get(RUN)
    assert (record.state, record.code, record.attempts) == ("FAILED", "Sandbox.Timedout", 3)
    assert stage.told() == [
        {
            "kind": "failed", "task": "export", "run_id": f"export@{DUE}", "scheduled_at": DUE, "count": 1,
            "error": {"type": "Sandbox.Timedout", "message": "Task timed out after 60.00 seconds"},
        }
    ]  # fmt: skip


def test_a_run_that_another_request_is_at_is_left_to_that_one():
    stage = Stage()
    stage.put("CLAIMED", lease=START.timestamp() + 60, source="r2")
    stage.hands.failed = [failure(request="r1")]
    assert stage.round()["failed"] == 0
    assert (stage.state(), len(stage.hands.failed), stage.told()) == ("CLAIMED", 1, [])
    stage.world.clock.move(61)
    assert stage.round()["failed"] == 1
    assert (stage.state(), stage.hands.failed) == ("FAILED", [])


def test_what_a_run_recorded_itself_is_what_is_told():
    stage = Stage()
    stage.put("FAILED", attempts=3, code="KeyError", reason="KeyError: 'n' at app.py:3")
    stage.hands.failed = [failure()]
    stage.round()
    assert stage.told()[0]["error"] == {"type": "KeyError", "message": "KeyError: 'n' at app.py:3"}


@pytest.mark.parametrize("state", ["DONE", "RECORDED", "SKIPPED"])
def test_a_run_that_went_well_after_all_is_nobodys_news(state):
    stage = Stage()
    data = json.dumps({"event": EVENT, "result": None, "issued_at": DUE, "payloads": {}})
    stage.put(state, lease=START.timestamp() + 600, data=data)
    stage.hands.failed = [failure()]
    stage.round()
    assert (stage.told(), stage.hands.failed, stage.state()) == ([], [], state)


def test_an_event_that_asks_for_no_run_of_this_app_stays_where_it_is():
    stage = Stage()
    foreign = [failure(task=""), failure(task="other"), failure(event={**EVENT, "scheduled_at": "never"})]
    stage.hands.failed = [each._replace(handle=str(number)) for number, each in enumerate(foreign)]
    assert stage.round()["failed"] == 0
    assert len(stage.hands.failed) == 3


@pytest.mark.parametrize(("event", "run"), [({"input": 1}, "r5"), ({"input": 1, "request": "r4"}, "r4")])
def test_a_run_on_demand_that_was_given_up_is_told_under_its_own_name(event, run):
    stage = Stage()
    stage.hands.failed = [failure(event=event, request="r5")]
    assert stage.round()["failed"] == 1
    assert stage.state(Key("R#export", f"!{run}")) == "FAILED"
    assert stage.told()[0]["run_id"] == f"export!{run}"
    recorded = json.loads(stage.ledger.get(Key("R#export", f"!{run}")).data)["event"]
    assert recorded == {"as_of": DUE, "input": 1, "request": run}


def test_a_run_that_scheduler_could_not_start_is_missed():
    stage = Stage()
    stage.hands.lost = [failure(request="", code="AWS.Lambda.ResourceNotFound", reason="Function not found")]
    assert stage.round()["unstarted"] == 1
    assert stage.state() == "MISSED"
    assert (stage.told()[0]["kind"], stage.told()[0]["error"]["type"]) == ("missed", "AWS.Lambda.ResourceNotFound")
    assert stage.hands.lost == []


@pytest.mark.parametrize("state", ["CLAIMED", "RETRY", "DONE", "FAILED"])
def test_a_run_that_somebody_began_was_not_missed(state):
    stage = Stage()
    stage.put(state, lease=START.timestamp() + 600, not_before=START.timestamp() + 600, code="KeyError")
    stage.hands.lost = [failure(request="")]
    assert stage.round()["unstarted"] == 1
    assert (stage.told(), stage.state(), stage.hands.lost) == ([], state, [])


def test_a_crash_anywhere_loses_nothing_and_tells_nothing_twice():
    def build(stage: Stage) -> None:
        stage.round()
        stage.put("CLAIMED", lease=START.timestamp() + 60, attempts=3, source="r1")
        stage.hands.failed = [failure()]
        stage.hands.lost = [failure(event={**EVENT, "scheduled_at": "2029-12-31T23:00:00Z"}, handle="h2", request="")]

    assert crash_everywhere(build) > 10
