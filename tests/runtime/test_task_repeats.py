"""Runs that are asked for again, and runs that fail."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.errors import BusError, EncodingError, ResultError, StoreError, UnknownTopic
from cloud_cron.ports import Key, Record
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.task import abandoned, run_task
from tests.runtime.support import START, World, bench, plenty

if TYPE_CHECKING:
    from cloud_cron import Run

FIRE = START + timedelta(hours=8)
KEY = Key("R#morning", "2030-01-01T08:00:00Z")
SCHEDULED = Invocation("schedule", scheduled_at=FIRE)
MANUAL = Invocation("manual")
RESULT = {"reports": {"n": 1}, "alerts": [{"n": 2}, {"n": 3}]}


def attempt(
    world: World, function: Any = lambda: RESULT, asked: Any = SCHEDULED, request: str = "R1", **options: Any
) -> Any:
    return run_task(bench(world, function, **options), asked, request, plenty)


def payloads(world: World) -> dict[str, list[Any]]:
    return {topic: [json.loads(one.body)["payload"] for one in sent] for topic, sent in world.bus.published.items()}


def never() -> None:
    pytest.fail("the function was called")


# Repetition


def test_another_request_for_a_run_that_is_going_does_nothing():
    world = World()
    world.ledger.rows[KEY] = Record(
        "CLAIMED", "T", world.now + 10, attempts=1, source="other", at=FIRE.timestamp(), data="{}"
    )
    report = attempt(world, never)

    assert (report.state, report.reason, report.messages) == ("duplicate", "claimed", ())
    assert world.bus.published == {}
    assert world.ledger.rows[KEY].token == "T"


@pytest.mark.parametrize(("lease", "source", "runs"), [(10, "R1", True), (0, "other", False), (-0.001, "other", True)])
def test_a_claim_is_taken_over_by_its_own_request_or_after_its_lease(lease, source, runs):
    world = World()
    claim = Record(
        "CLAIMED", "T", world.now + lease, attempts=1, source=source, at=FIRE.timestamp(), data='{"event": 0}'
    )
    world.ledger.rows[KEY] = claim
    report = attempt(world)

    assert report.state == ("done" if runs else "duplicate")
    assert report.run.attempt == 2
    assert len(world.bus.published["reports"]) == (1 if runs else 0)


def test_a_run_that_is_done_is_not_run_again():
    world = World()
    attempt(world)
    report = attempt(world, never, request="R2")

    assert (report.state, report.reason, report.result) == ("duplicate", "done", RESULT)
    assert len(world.bus.published["reports"]) == 1


def test_a_backfill_of_a_run_that_is_done_does_not_repeat_it():
    world = World()
    attempt(world)

    assert attempt(world, never, Invocation("backfill", scheduled_at=FIRE), request="R2").state == "duplicate"


def test_a_run_that_was_missed_can_be_made_up_for():
    world = World()
    world.ledger.rows[KEY] = Record("MISSED", at=FIRE.timestamp(), data='{"event": 0}')

    assert attempt(world).state == "done"


def test_a_recorded_run_is_published_without_calling_the_function_again():
    world = World()
    world.fail(BusError("CC222", "out of reach"), "before bus.publish")
    with pytest.raises(BusError):
        attempt(world)
    assert world.ledger.rows[KEY].state == "RECORDED"
    assert world.journal.states == ["retry"]
    world.heal()
    world.clock.move(60)
    report = attempt(world, never)

    assert (report.state, report.result) == ("done", RESULT)
    assert payloads(world) == {"reports": [{"n": 1}], "alerts": [{"n": 2}, {"n": 3}]}
    assert world.ledger.rows[KEY].state == "DONE"


def test_a_recorded_run_is_another_requests_only_after_its_lease():
    world = World()
    world.fail(BusError("CC222", "out of reach"), "before bus.publish")
    with pytest.raises(BusError):
        attempt(world)
    world.heal()

    assert attempt(world, never, request="R2").state == "duplicate"
    world.clock.move(91)
    assert attempt(world, never, request="R2").state == "done"


def test_half_of_the_topics_published_is_not_lost_and_not_told_twice():
    world = World()
    world.fail(BusError("CC222", "out of reach"), "after bus.publish", times=1)
    with pytest.raises(BusError):
        attempt(world)
    assert list(payloads(world)) == ["reports"]
    issued = json.loads(world.bus.published["reports"][0].body)["issued_at"]
    world.clock.move(30)
    attempt(world)

    assert payloads(world) == {"reports": [{"n": 1}], "alerts": [{"n": 2}, {"n": 3}]}
    assert {json.loads(one.body)["issued_at"] for sent in world.bus.published.values() for one in sent} == {issued}


def test_a_worker_that_was_overtaken_publishes_nothing():
    world = World()

    def slow() -> Any:
        world.clock.move(91)
        attempt(world, lambda: {"reports": {"n": "faster"}}, request="R2")
        return {"reports": {"n": "slower"}}

    report = attempt(world, slow)

    assert (report.state, report.reason) == ("duplicate", "another worker took the run over")
    assert payloads(world) == {"reports": [{"n": "faster"}]}


# Failure


class Broken(Exception):  # noqa: N818 - a name for a test
    """An exception of the user's own."""


def fails() -> None:
    raise Broken("no station")


def test_the_exception_comes_through_as_it_is_after_it_was_recorded():
    world, error = World(), Broken("no station")

    def task() -> None:
        raise error

    with pytest.raises(Broken) as caught:
        attempt(world, task)
    record = world.ledger.rows[KEY]

    assert caught.value is error
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert (record.state, record.code, record.attempts) == ("RETRY", "Broken", 1)
    assert record.reason.startswith("Broken: no station at test_task_repeats.py:")
    assert record.not_before == world.now + 60
    assert world.bus.published == {}
    [report] = world.journal.runs
    assert (report.state, report.error, report.reason) == ("retry", error, record.reason)


def test_retries_come_after_one_and_two_minutes_and_then_there_are_none():
    world, pauses, attempts = World(), [], []

    def task(run: Run) -> None:
        attempts.append(run.attempt)
        fails()

    for _ in range(3):
        with pytest.raises(Broken):
            attempt(world, task)
        pauses.append(max(0.0, world.ledger.rows[KEY].not_before - world.now))
        world.clock.move(200)

    assert (attempts, pauses) == ([1, 2, 3], [60, 120, 0])
    assert world.ledger.rows[KEY].state == "FAILED"
    assert world.journal.states == ["retry", "retry", "failed"]


def test_a_worker_that_is_gone_has_used_one_attempt_up():
    world, pauses, states = World(), [], []
    desk = bench(world, never)
    for attempts in (1, 2, 3):
        claim = Record("CLAIMED", "T", world.now, attempts=attempts, source="R1", at=FIRE.timestamp(), data="{}")
        world.ledger.rows[KEY] = claim
        after = abandoned(world.ledger, desk.task, KEY, claim, world.now, "its worker ended")
        assert after == world.ledger.rows[KEY]
        states.append((after.state, after.code, after.reason))
        pauses.append(max(0.0, after.not_before - world.now))

    assert states == [(state, "abandoned", "its worker ended") for state in ("RETRY", "RETRY", "FAILED")]
    assert pauses == [60, 120, 0]


def test_a_task_without_retries_has_failed_at_once():
    world = World()
    with pytest.raises(Broken):
        attempt(world, fails, retries=0)

    assert (world.ledger.rows[KEY].state, world.journal.states) == ("FAILED", ["failed"])


def test_a_failed_run_can_be_asked_for_again():
    world = World()
    with pytest.raises(Broken):
        attempt(world, fails, retries=0)
    report = attempt(world, lambda run: {"reports": {"attempt": run.attempt}}, request="R2")

    assert (report.state, report.result) == ("done", {"reports": {"attempt": 2}})


def test_ids_are_the_same_over_retries():
    def second_time(run: Run) -> Any:
        if run.attempt == 1:
            fails()
        return RESULT

    flaky, steady = World(), World()
    with pytest.raises(Broken):
        attempt(flaky, second_time)
    attempt(flaky, second_time)
    attempt(steady)

    assert [one.id for one in flaky.bus.published["alerts"]] == [one.id for one in steady.bus.published["alerts"]]


@pytest.mark.parametrize(
    ("result", "kind", "code", "where"),
    [
        ([{"n": 1}], ResultError, "CC201", "app.py:3"),
        ({"report": {}}, UnknownTopic, "CC202", "app.py:3"),
        ({"reports": [{"n": float("nan")}]}, EncodingError, "CC210", "reports[0].n"),
        ({"reports": {"n": "x" * 17_000_000}}, EncodingError, "CC220", "reports"),
    ],
)
def test_a_wrong_result_is_a_failure_and_nothing_of_it_is_published(result, kind, code, where):
    world = World()
    with pytest.raises(ResultError) as caught:
        attempt(world, lambda: {"alerts": {"n": 0}, **result} if isinstance(result, dict) else result)

    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.where) == (code, where)
    assert (world.ledger.rows[KEY].state, world.bus.published) == ("RETRY", {})


def test_an_order_that_a_payload_does_not_allow_is_a_failure():
    world = World()
    with pytest.raises(ResultError, match="CC204"):
        attempt(world, lambda: {"alerts": [{"station": "KSEA"}, {"city": "Seattle"}]}, order="payload:station")

    assert world.bus.published == {}


def test_an_exception_that_cannot_be_shown_is_recorded_all_the_same():
    class Mute(Exception):  # noqa: N818 - a name for a test
        def __str__(self) -> str:
            raise ZeroDivisionError

    def task() -> None:
        raise Mute

    world = World()
    with pytest.raises(Mute):
        attempt(world, task)

    assert world.ledger.rows[KEY].reason.startswith("Mute: (its text cannot be made)")


def test_without_the_ledger_nothing_is_called():
    world = World()
    world.fail(StoreError("CC904", "out of reach"), "before ledger.create")
    with pytest.raises(StoreError):
        attempt(world, never)


def test_a_failure_that_could_not_be_recorded_is_still_the_users():
    world = World()
    world.fail(StoreError("CC904", "out of reach"), "before ledger.swap")
    with pytest.raises(Broken) as caught:
        attempt(world, fails)

    assert caught.value.__notes__ == ["cloud-cron could not record this failure: out of reach"]
    assert world.journal.states == ["retry"]
    world.heal()
    assert attempt(world).state == "done"
