"""The task core: one attempt of a run, and what its function sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_cron import CloudCronError, Run
from cloud_cron.messages import message_id
from cloud_cron.model import frozen
from cloud_cron.ports import Key
from cloud_cron.runs import LastRun
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.task import run_task
from tests.runtime.support import START, World, bench, noting, plenty, raising

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
    world, seen = World(), list[Any]()
    attempt(
        world,
        seen.append,
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
    attempt(World(), seen.append, schedules=schedules, asked=asked)

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

    world, seen = World(), list[Any]()
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
    world, seen = World(), list[Any]()
    world.clock.move(1.75)
    report = attempt(world, noting(seen, lambda run: run, RESULT), MANUAL, request="abc")

    assert report.run.id == "morning!abc"
    assert (seen[0].trigger, seen[0].scheduled_at) == ("manual", START + timedelta(seconds=1))
    assert world.ledger.rows[Key("R#morning", "!abc")].state == "DONE"
    assert world.bus.published["reports"][0].id == message_id("weather", "dev", "morning!abc", "reports", 0)


def test_a_run_on_demand_may_be_as_of_another_time():
    seen: list[Run] = []
    attempt(World(), seen.append, Invocation("manual", as_of=FIRE), request="abc")

    assert (seen[0].scheduled_at, seen[0].id) == (FIRE, "morning!abc")


def test_two_requests_are_two_runs_and_one_request_is_one():
    world = World()

    assert [attempt(world, asked=MANUAL, request=name).state for name in ("a", "b", "a")] == [
        "done",
        "done",
        "duplicate",
    ]


def test_a_further_attempt_of_a_run_on_demand_sees_the_same_time():
    def fails_once(run: Run) -> Any:
        seen.append((run.id, run.scheduled_at, run.attempt, run.input))
        if run.attempt == 1:
            raise LookupError

    world, seen = World(), list[Any]()
    world.clock.move(0.5)
    with pytest.raises(LookupError):
        attempt(world, fails_once, Invocation("manual", input={"a": 1}), request="abc")
    [(_, open_run)] = world.ledger.open_runs()
    event = json.loads(open_run.data)["event"]
    world.clock.move(60)
    again = Invocation("manual", as_of=datetime.fromisoformat(event["as_of"]), input=event["input"])
    attempt(world, fails_once, again, request=open_run.source)

    assert seen == [("morning!abc", START, 1, {"a": 1}), ("morning!abc", START, 2, {"a": 1})]


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
    with pytest.raises(LookupError):
        attempt(world, raising(LookupError()), later, request="R2", retries=0)
    seen: list[Any] = []
    world.steps.clear()
    attempt(
        world, lambda run: seen.append(run.last), Invocation("schedule", scheduled_at=FIRE + timedelta(days=2)), "R3"
    )

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
