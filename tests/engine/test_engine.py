"""The local engine on virtual time: which runs are due when, and what happens then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import NotFound
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from tests.engine.support import START, Place


class Crash(BaseException):
    """The process is gone."""


def utc(*times: datetime) -> list[str]:
    return [f"{time.astimezone(UTC):%m-%dT%H:%M:%S}" for time in times]


# Fire times


def test_runs_come_in_the_order_of_their_times(app, place):
    seen: list[str] = []
    for name, expression in (("b", "rate(30 minutes)"), ("a", "cron(0 * * * ? *)"), ("c", "at(2030-01-01T00:45:00)")):
        app.schedule(expression, name=name)(lambda run: seen.append(f"{run.task} {run.scheduled_at:%H:%M}"))
    engine = place.engine(app)

    assert engine.next_event() == START + timedelta(minutes=30)
    assert place.steps(engine, hours=2) == []
    assert seen == ["b 00:30", "c 00:45", "a 01:00", "b 01:00", "b 01:30", "a 02:00", "b 02:00"]


def test_what_was_due_while_nobody_looked_is_run_in_order(app, place):
    seen: list[str] = []
    app.schedule("rate(1 hour)", name="b")(lambda run: seen.append(f"b {run.scheduled_at:%H:%M}"))
    app.schedule("cron(30 * * * ? *)", name="a")(lambda run: seen.append(f"a {run.scheduled_at:%H:%M}"))
    engine = place.engine(app)
    place.move(hours=2)
    engine.work()
    engine.work()

    assert seen == ["a 00:30", "b 01:00", "a 01:30", "b 02:00"]


def test_two_expressions_due_at_one_instant_are_one_run(app, place):
    seen: list[str] = []
    app.schedule("rate(1 hour)", "cron(0 */2 * * ? *)", name="t")(lambda run: seen.append(run.id))
    place.steps(place.engine(app), hours=2)

    assert seen == ["t@2030-01-01T01:00:00Z", "t@2030-01-01T02:00:00Z"]


def test_the_day_without_half_past_two_and_the_day_with_two_of_them(app, store):
    """Berlin: the clocks skip 02:00 to 03:00 on 2030-03-31, and repeat it on 2030-10-27."""
    seen: list[datetime] = []
    app.schedule("cron(30 2 * * ? *)", timezone="Europe/Berlin", name="t")(lambda run: seen.append(run.scheduled_at))
    spring = Place(store, datetime(2030, 3, 29, 12, tzinfo=UTC))
    spring.steps(spring.engine(app), days=4)
    assert utc(*seen) == ["03-30T01:30:00", "04-01T00:30:00", "04-02T00:30:00"]

    seen.clear()
    autumn = Place(store, datetime(2030, 10, 25, 12, tzinfo=UTC))
    autumn.steps(autumn.engine(app), days=3)
    assert utc(*seen) == ["10-26T00:30:00", "10-27T00:30:00", "10-28T01:30:00"]


def test_a_run_sees_its_time_in_its_zone(app, place):
    seen: list[Any] = []
    app.schedule("cron(0 8 * * ? *)", timezone="America/New_York", name="t")(seen.append)
    place.steps(place.engine(app), days=1)

    assert seen[0].scheduled_at.isoformat() == "2030-01-01T08:00:00-05:00"
    assert seen[0].next.isoformat() == "2030-01-02T08:00:00-05:00"
    assert seen[0].trigger == "schedule"


def test_nothing_is_due_for_an_app_on_demand(app, place):
    app.schedule(name="t")(lambda: None)
    engine = place.engine(app)

    assert engine.next_event() is None
    assert engine.work() == ([], [])


def test_disabled_parts_do_nothing_by_themselves(app, place):
    app.schedule("rate(1 hour)", name="t", topics=["a"], enabled=False)(lambda: {"a": {}})
    app.notifier("print", name="n", enabled=False, recipients="stdout")(lambda message: "x")
    engine = place.engine(app)
    assert engine.next_event() is None
    assert len(engine.run("t").published) == 1

    assert engine.deliver() == []
    assert engine.next_event() is None
    assert len(place.bus.peek(engine.queue("n"))) == 1


# Runs that somebody asks for


def test_a_fire_time_is_that_run_and_any_other_is_on_demand(app, place):
    app.schedule("cron(0 8 * * ? *)", timezone="Europe/Berlin", name="t")(lambda: None)
    engine = place.engine(app)
    fire = engine.run("t", datetime(2030, 1, 1, 8)).run  # noqa: DTZ001 - in the task's zone
    other = engine.run("t", datetime(2030, 1, 1, 8, 1, tzinfo=UTC)).run
    now = engine.run("t").run

    assert (fire.id, fire.trigger) == ("t@2030-01-01T07:00:00Z", "backfill")
    assert (other.trigger, utc(other.scheduled_at)) == ("manual", ["01-01T08:01:00"])
    assert (now.trigger, utc(now.scheduled_at)) == ("manual", ["01-01T00:00:00"])
    assert len({fire.id, other.id, now.id}) == 3
    assert all(run.id.startswith("t!") and len(run.id) == 28 for run in (other, now))
    assert (other.previous, other.next) == (None, None)


def test_a_backfill_repeats_nothing_and_a_run_on_demand_repeats_everything(app, place):
    app.schedule("rate(1 hour)", name="t", topics=["a"])(lambda: {"a": {"n": 1}})
    engine = place.engine(app)
    fire = START + timedelta(hours=5)

    assert [len(engine.run("t", fire).published) for _ in range(2)] == [1, 0]
    assert engine.run("t", fire).result == {"a": {"n": 1}}
    assert len(engine.run("t").published) == len(engine.run("t").published) == 1


def test_the_scheduled_run_after_its_backfill_is_not_run_again(app, place):
    calls: list[str] = []
    app.schedule("rate(1 hour)", name="t")(lambda run: calls.append(run.trigger))
    engine = place.engine(app)
    engine.run("t", START + timedelta(hours=1))
    place.steps(engine, hours=1)

    assert calls == ["backfill"]


def test_an_input_takes_the_way_through_json(app, place):
    app.schedule(name="t", topics=["a"])(lambda run: {"a": {"input": run.input}})
    engine = place.engine(app)

    assert engine.run("t", given={"when": START, "pair": (1, 2)}).result == {
        "a": {"input": {"when": "2030-01-01T00:00:00+00:00", "pair": [1, 2]}}
    }


def test_a_task_that_is_not_there(app, place):
    app.schedule(name="morning")(lambda: None)
    with pytest.raises(NotFound) as caught:
        place.engine(app).run("mornin")

    assert (caught.value.code, caught.value.hint) == ("CC720", "did you mean 'morning'?")


# Further attempts


def test_a_failed_run_is_tried_again_after_one_and_two_minutes(app, place):
    attempts: list[tuple[int, str]] = []

    @app.schedule("rate(1 hour)")
    def fails(run):
        attempts.append((run.attempt, f"{place.clock.now():%H:%M}"))
        raise LookupError(run.attempt)

    raised = place.steps(place.engine(app), minutes=110)

    assert attempts == [(1, "01:00"), (2, "01:01"), (3, "01:03")]
    assert [type(error) for error in raised] == [LookupError] * 3


def test_a_run_on_demand_is_tried_again_under_its_id_and_with_its_input(app, place):
    seen: list[tuple[str, Any, datetime]] = []

    @app.schedule(topics=["a"])
    def task(run):
        seen.append((run.id, run.input, run.scheduled_at))
        if run.attempt == 1:
            raise LookupError
        return {"a": {"n": 1}}

    engine = place.engine(app)
    with pytest.raises(LookupError):
        engine.run("task", given={"n": 5})
    assert engine.next_event() == START + timedelta(minutes=1)
    assert place.steps(engine, minutes=5) == []

    assert seen[0] == seen[1]
    assert len(seen) == 2


def test_a_run_whose_worker_died_is_taken_up_when_its_claim_ends(app, place):
    calls: list[int] = []

    @app.schedule("at(2030-01-01T01:00:00)", topics=["a"], timeout=60)
    def task(run):
        calls.append(run.attempt)
        if len(calls) == 1:
            raise Crash
        return {"a": {"n": 1}}

    engine = place.engine(app)
    place.move(hours=1)
    with pytest.raises(Crash):
        engine.work()
    again = place.engine(app)
    assert again.next_event() == START + timedelta(hours=1, seconds=90)
    place.steps(again, minutes=5)

    assert calls == [1, 2]
    assert again.next_event() is None


def test_a_request_whose_worker_died_can_be_repeated_at_once(app, place):
    calls: list[int] = []

    @app.schedule("at(2030-01-01T01:00:00)")
    def task(run):
        calls.append(run.attempt)
        if len(calls) == 1:
            raise Crash

    engine, fire = place.engine(app), START + timedelta(hours=1)
    with pytest.raises(Crash):
        engine.run("task", fire, request_id="R1")
    engine.run("task", fire, request_id="R2")
    engine.run("task", fire, request_id="R1")

    assert calls == [1, 2]


@pytest.mark.parametrize("microsecond", [1, 123_457, 333_333, 999_999])
def test_no_fraction_of_a_second_makes_time_stand_still(app, store, microsecond):
    place = Place(store, START.replace(microsecond=microsecond))

    @app.schedule(timeout=7)
    def task(run):
        if run.attempt == 1:
            raise Crash
        raise LookupError

    engine = place.engine(app)
    with pytest.raises(Crash):
        engine.run("task")
    assert len(place.steps(engine, hours=1)) == 2
    assert engine.next_event() is None


def test_open_runs_of_a_task_that_is_gone_hold_nothing_up(app, place):
    @app.schedule(name="gone")
    def fails():
        raise LookupError

    with pytest.raises(LookupError):
        place.engine(app).run("gone")
    place.move(hours=1)

    assert place.engine(CloudCron("weather")).next_event() is None


def test_one_failing_task_does_not_stop_the_others(app, place):
    seen: list[str] = []

    @app.schedule("rate(1 hour)", retries=0)
    def a(run):
        raise LookupError

    app.schedule("rate(1 hour)", name="b")(lambda run: seen.append(run.id))
    raised = place.steps(place.engine(app), hours=1)

    assert (len(raised), seen) == (1, ["b@2030-01-01T01:00:00Z"])


# Clock and ids


def test_a_virtual_clock_never_goes_back():
    clock = VirtualClock(START)
    clock.set(START + timedelta(hours=1))
    clock.set(START)

    assert clock.now() == START + timedelta(hours=1)
    assert clock.now().tzinfo is UTC


def test_ids_repeat_with_their_seed_and_sort_by_time():
    one, other = (RandomIds(Random(1)) for _ in range(2))
    early, late = one.ulid(START), one.ulid(START + timedelta(seconds=1))

    assert early == other.ulid(START)
    assert early < late
    assert (len(early), early.isalnum()) == (26, True)
    assert RandomIds().token() != RandomIds().token()
    assert all(0 <= one.jitter() < 1 for _ in range(100))
