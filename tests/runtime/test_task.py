"""The task core: claim, call, record, publish, done."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_cron import CloudCronError, Run
from cloud_cron.errors import BusError, EncodingError, ResultError, StoreError, UnknownTopic
from cloud_cron.messages import message_id
from cloud_cron.model import frozen
from cloud_cron.ports import Key, Record
from cloud_cron.runs import LastRun
from cloud_cron.runtime.events import Invocation
from cloud_cron.runtime.task import run_task
from tests.runtime.support import START, World, bench, plenty

FIRE = START + timedelta(hours=8)
KEY = Key("R#morning", "2030-01-01T08:00:00Z")
SCHEDULED = Invocation("schedule", scheduled_at=FIRE)
MANUAL = Invocation("manual")
RESULT = {"reports": {"n": 1}, "alerts": [{"n": 2}, {"n": 3}]}


def attempt(world: World, function: Any = lambda: RESULT, asked: Any = SCHEDULED, request: str = "R1", **options: Any) -> Any:
    return run_task(bench(world, function, **options), asked, request, plenty)


def payloads(world: World) -> dict[str, list[Any]]:
    return {topic: [json.loads(one.body)["payload"] for one in sent] for topic, sent in world.bus.published.items()}


def never() -> None:
    pytest.fail("the function was called")


# One attempt


def test_a_run_is_claimed_called_recorded_published_and_done():
    world = World()
    report = attempt(world)
    record = world.ledger.rows[KEY]

    assert (report.state, report.result) == ("done", RESULT)
    assert payloads(world) == {"reports": [{"n": 1}], "alerts": [{"n": 2}, {"n": 3}]}
    assert [message.payload for message in report.messages] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert (record.state, record.attempts, record.source, record.at) == ("DONE", 1, "R1", FIRE.timestamp())
    assert world.journal.runs == [report]
    calls = [step for step in world.steps if step.startswith("before") and "clock" not in step and "ids" not in step]
    assert calls == [
        "before ledger.create",
        "before ledger.create",
        "before ledger.swap",
        "before bus.publish",
        "before bus.publish",
        "before ledger.swap",
        "before journal.note",
        "before ledger.swap",
    ]


def test_the_ids_of_messages_are_made_of_what_they_are():
    world = World()
    attempt(world)

    assert [one.id for one in world.bus.published["alerts"]] == [
        message_id("weather", "dev", "morning@2030-01-01T08:00:00Z", "alerts", ordinal) for ordinal in (0, 1)
    ]


def test_an_envelope_tells_where_it_comes_from():
    world = World()
    world.clock.move(3)
    attempt(world)
    [sent] = world.bus.published["reports"]
    body = json.loads(sent.body)

    assert (body["task"], body["run_id"], body["topic"]) == ("morning", "morning@2030-01-01T08:00:00Z", "reports")
    assert (body["scheduled_at"], body["issued_at"]) == ("2030-01-01T08:00:00Z", "2030-01-01T00:00:03Z")


def test_what_the_function_sees():
    world, seen = World(), []
    attempt(
        world,
        lambda run: seen.append(run),
        schedules=("cron(0 8 * * ? *)",),
        timezone="America/New_York",
        asked=Invocation("schedule", scheduled_at=datetime(2030, 1, 1, 13, tzinfo=UTC)),
    )
    run: Run = seen[0]

    assert (run.task, run.id, run.timezone) == ("morning", "morning@2030-01-01T13:00:00Z", "America/New_York")
    assert (run.attempt, run.trigger, run.input) == (1, "schedule", None)
    assert run.scheduled_at.isoformat() == "2030-01-01T08:00:00-05:00"
    assert run.previous
    assert run.previous.isoformat() == "2029-12-31T08:00:00-05:00"
    assert run.next
    assert run.next.isoformat() == "2030-01-02T08:00:00-05:00"
    assert str(run.next.tzinfo) == "America/New_York"
    assert run.remaining() == plenty()


@pytest.mark.parametrize(
    ("schedules", "asked"), [(("at(2030-01-01T08:00:00)",), SCHEDULED), (("rate(1 day)",), MANUAL), ((), MANUAL)]
)
def test_a_run_without_neighbours(schedules, asked):
    seen: list[Run] = []
    attempt(World(), lambda run: seen.append(run), schedules=schedules, asked=asked)

    assert (seen[0].previous, seen[0].next) == (None, None)


@pytest.mark.parametrize(
    ("given", "own", "sees"),
    [
        (None, None, None),
        (None, {"a": [1]}, {"a": [1]}),
        ({"b": 2}, {"a": [1]}, {"b": 2}),
        (0, {"a": 1}, 0),
        ([], 5, []),
        (None, [1, {"x": [2]}], [1, {"x": [2]}]),
    ],
)
@pytest.mark.parametrize("trigger", ["schedule", "manual", "backfill"])
def test_the_input_of_the_event_comes_before_that_of_the_task(given, own, sees, trigger):
    seen: list[Any] = []
    at = None if trigger == "manual" else FIRE
    attempt(World(), lambda run: seen.append(run.input), asked=Invocation(trigger, at, input=given), input=frozen(own))

    assert seen == [sees]
    assert type(seen[0]) is type(sees)


def test_the_input_of_one_run_is_not_that_of_the_next():
    def spoils(run: Run) -> None:
        run.input["a"].append(2)
        seen.append(list(run.input["a"]))

    world, seen = World(), []
    own = frozen({"a": [1]})
    attempt(world, spoils, input=own)
    attempt(world, spoils, input=own, asked=MANUAL)

    assert seen == [[1, 2], [1, 2]]


def test_a_coroutine_is_a_task():
    async def task(run):
        return {"reports": {"attempt": run.attempt}}

    assert attempt(World(), task).result == {"reports": {"attempt": 1}}


def test_secrets_are_resolved_when_they_are_asked_for():
    def task(run: Run) -> Any:
        assert world.vault.asked == []
        return {"reports": {"length": len(run.secrets["db"]), "shown": repr(run)}}

    world = World()
    report = attempt(world, task, secrets={"db": "env:DB", "api": "env:API"})

    assert world.vault.asked == [("db", "env:DB")]
    assert report.result["reports"]["length"] == len("value of env:DB")
    assert "env:" not in report.result["reports"]["shown"]


@pytest.mark.parametrize(
    ("result", "kept", "published"),
    [
        (None, None, {}),
        ({}, {}, {}),
        ({"reports": None, "alerts": []}, {"reports": None, "alerts": []}, {}),
        ({"alerts": [{"n": 1}]}, {"alerts": [{"n": 1}]}, {"alerts": [{"n": 1}]}),
        ({"alerts": ({"n": 1},)}, {"alerts": [{"n": 1}]}, {"alerts": [{"n": 1}]}),
    ],
)
def test_a_result_is_kept_in_the_shape_it_had(result, kept, published):
    world = World()

    assert attempt(world, lambda: result).result == kept
    assert payloads(world) == published
    assert json.loads(world.ledger.rows[KEY].data)["result"] == kept


# On demand


def test_a_run_on_demand_is_known_by_its_request():
    world, seen = World(), []
    world.clock.move(1.75)
    report = attempt(world, lambda run: seen.append(run) or RESULT, MANUAL, request="abc")

    assert report.run.id == "morning!abc"
    assert (seen[0].trigger, seen[0].scheduled_at) == ("manual", START + timedelta(seconds=1))
    assert world.ledger.rows[Key("R#morning", "!abc")].state == "DONE"
    assert world.bus.published["reports"][0].id == message_id("weather", "dev", "morning!abc", "reports", 0)


def test_a_run_on_demand_may_be_as_of_another_time():
    seen: list[Run] = []
    attempt(World(), lambda run: seen.append(run), Invocation("manual", as_of=FIRE), request="abc")

    assert (seen[0].scheduled_at, seen[0].id) == (FIRE, "morning!abc")


def test_two_requests_are_two_runs_and_one_request_is_one():
    world = World()

    assert [attempt(world, asked=MANUAL, request=name).state for name in ("a", "b", "a")] == ["done", "done", "duplicate"]


def test_a_further_attempt_of_a_run_on_demand_sees_the_same_time():
    def fails_once(run: Run) -> Any:
        seen.append((run.id, run.scheduled_at, run.attempt, run.input))
        if run.attempt == 1:
            raise LookupError

    world, seen = World(), []
    world.clock.move(0.5)
    with pytest.raises(LookupError):
        attempt(world, fails_once, Invocation("manual", input={"a": 1}), request="abc")
    [(_, open_run)] = world.ledger.open_runs()
    event = json.loads(open_run.data)["event"]
    world.clock.move(60)
    again = Invocation("manual", as_of=datetime.fromisoformat(event["as_of"]), input=event["input"])
    attempt(world, fails_once, again, request=open_run.source)

    assert seen == [("morning!abc", START, 1, {"a": 1}), ("morning!abc", START, 2, {"a": 1})]


# Repetition


def test_another_request_for_a_run_that_is_going_does_nothing():
    world = World()
    world.ledger.rows[KEY] = Record("CLAIMED", "T", world.now + 10, attempts=1, source="other", at=FIRE.timestamp(), data="{}")
    report = attempt(world, never)

    assert (report.state, report.reason, report.messages) == ("duplicate", "claimed", ())
    assert world.bus.published == {}
    assert world.ledger.rows[KEY].token == "T"


@pytest.mark.parametrize(("lease", "source", "runs"), [(10, "R1", True), (0, "other", False), (-0.001, "other", True)])
def test_a_claim_is_taken_over_by_its_own_request_or_after_its_lease(lease, source, runs):
    world = World()
    claim = Record("CLAIMED", "T", world.now + lease, attempts=1, source=source, at=FIRE.timestamp(), data='{"event": 0}')
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
    assert record.reason.startswith("Broken: no station at test_task.py:")
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
        ({"reports": {"n": "x" * 300_000}}, EncodingError, "CC220", "reports"),
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


# Start, end, last


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (FIRE - timedelta(seconds=1), "skipped"),
        (FIRE, "done"),
        (FIRE + timedelta(hours=2), "done"),
        (FIRE + timedelta(hours=2, seconds=1), "skipped"),
    ],
)
def test_start_and_end_are_kept_here_both_included(at, state):
    world, called = World(), []
    bounds = {"start": "2030-01-01T08:00:00+00:00", "end": "2030-01-01T10:00:00+00:00"}
    report = attempt(world, lambda: called.append(1), Invocation("schedule", scheduled_at=at), **bounds)

    assert report.state == state
    assert len(called) == (state == "done")
    if state == "skipped":
        [record] = world.ledger.rows.values()
        assert record.state == "SKIPPED"
        assert record.reason in {"before start 2030-01-01T08:00:00+00:00", "after end 2030-01-01T10:00:00+00:00"}
        assert attempt(world, never, Invocation("schedule", scheduled_at=at), **bounds).state == "duplicate"


def test_a_run_on_demand_has_no_bounds():
    assert attempt(World(), asked=MANUAL, end="2029-01-01T00:00:00+00:00").state == "done"


def test_the_last_finished_run_is_read_when_it_is_asked_for():
    world = World()
    assert attempt(world, lambda run: {"reports": {"last": run.last}}).result == {"reports": {"last": None}}
    world.clock.move(60)
    later = Invocation("schedule", scheduled_at=FIRE + timedelta(days=1))
    with pytest.raises(Broken):
        attempt(world, fails, later, request="R2", retries=0)
    seen: list[Any] = []
    world.steps.clear()
    attempt(world, lambda run: seen.append(run.last), Invocation("schedule", scheduled_at=FIRE + timedelta(days=2)), "R3")

    assert seen == [LastRun(FIRE, {"reports": {"last": None}})]
    assert world.steps.count("before ledger.latest") == 1


def test_who_does_not_ask_for_the_last_run_does_not_pay_for_it():
    world = World()
    attempt(world)

    assert "before ledger.latest" not in world.steps


def test_errors_of_ours_that_the_function_raises_itself_are_the_users():
    def task() -> None:
        raise CloudCronError("X1", "mine")

    with pytest.raises(CloudCronError) as caught:
        attempt(World(), task)

    assert caught.value.where is None
