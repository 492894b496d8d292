"""Overlap: one run of a task at a time, unless it allows more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cloud_cron.ports import Key, Record
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.task import run_task
from tests.runtime.support import START, Crash, World, bench, plenty

LOCK = Key("L#morning", "lock")


def key(minute: int) -> Key:
    return Key("R#morning", f"2030-01-01T00:{minute:02}:00Z")


def attempt(world: World, minute: int, function: Any = lambda: None, **options: Any) -> Any:
    asked = Invocation("schedule", scheduled_at=START + timedelta(minutes=minute))
    return run_task(bench(world, function, **options), asked, f"request-{minute}", plenty)


def during(world: World, *inner: int, **options: Any) -> list[Any]:
    """The reports of runs that come while the run of minute 0 is going."""
    reports: list[Any] = []
    attempt(world, 0, lambda: reports.extend(attempt(world, minute, **options) for minute in inner), **options)
    return reports


@pytest.mark.parametrize("overlap", [None, "skip"])
def test_a_run_that_would_overlap_is_skipped_and_recorded(overlap):
    world = World()
    [report] = during(world, 1, overlap=overlap)

    assert (report.state, report.reason) == ("skipped", "morning@2030-01-01T00:00:00Z was still running")
    assert world.ledger.rows[key(1)].state == "SKIPPED"
    assert world.ledger.rows[key(0)].state == "DONE"
    assert attempt(world, 1).state == "duplicate"
    assert attempt(world, 2, overlap=overlap).state == "done"


def test_runs_that_may_overlap_use_no_lock():
    world = World()
    [report] = during(world, 1, overlap="allow")

    assert report.state == "done"
    assert LOCK not in world.ledger.rows


def test_one_run_is_put_aside_and_the_next_ones_are_skipped():
    world = World()
    first, second = during(world, 1, 2, overlap="queue")

    assert (first.state, second.state) == ("waiting", "skipped")
    waiting = world.ledger.rows[key(1)]
    assert (waiting.state, waiting.not_before, waiting.attempts) == ("RETRY", world.now + 60, 0)
    assert world.ledger.rows[key(2)].state == "SKIPPED"


def test_a_run_that_waited_runs_as_a_first_attempt():
    world, seen = World(), []
    during(world, 1, overlap="queue")
    report = attempt(world, 1, lambda run: seen.append(run.attempt), overlap="queue")

    assert (report.state, seen) == ("done", [1])


def test_a_waiting_run_waits_on_while_it_must():
    world = World()
    first, again = during(world, 1, 1, overlap="queue")

    assert (first.state, again.state) == ("waiting", "waiting")
    assert world.ledger.rows[key(1)].attempts == 0


def test_what_waits_of_another_task_is_none_of_ours():
    world = World()
    during(world, 1, overlap="queue", name="other")
    [report] = during(world, 1, overlap="queue")

    assert report.state == "waiting"


def test_tasks_do_not_lock_each_other():
    world, reports = World(), []
    attempt(world, 0, lambda: reports.append(attempt(world, 0, name="evening")))

    assert reports[0].state == "done"


def test_a_failure_frees_the_lock():
    world = World()
    with pytest.raises(LookupError):
        attempt(world, 0, lambda: (_ for _ in ()).throw(LookupError()))

    assert attempt(world, 1).state == "done"


def killed() -> None:
    raise Crash


def test_a_lock_whose_holder_was_killed_ends_with_its_lease():
    world = World()
    with pytest.raises(Crash):
        attempt(world, 0, killed)

    assert attempt(world, 1).state == "skipped"
    world.clock.move(90)
    assert attempt(world, 2).state == "skipped"
    world.clock.move(1)
    assert attempt(world, 3).state == "done"


def test_a_retry_of_the_run_that_holds_the_lock_takes_over_at_once():
    world = World()
    with pytest.raises(Crash):
        attempt(world, 0, killed)

    assert attempt(world, 0).state == "done"
    assert attempt(world, 1).state == "done"


@pytest.mark.parametrize("state", ["RECORDED", "DONE", "RETRY", "FAILED"])
def test_a_run_that_is_no_longer_going_holds_nothing(state):
    """Its worker stopped between the end of the function and letting go."""
    world = World()
    world.ledger.rows[key(0)] = Record(state, "T", world.now + 90, source="request-0", at=world.now, data="{}")
    world.ledger.rows[LOCK] = Record(
        "HELD", "T", world.now + 90, source="morning@2030-01-01T00:00:00Z", data="2030-01-01T00:00:00Z"
    )

    assert attempt(world, 1).state == "done"


def test_a_lock_that_somebody_else_took_meanwhile_is_not_freed():
    world = World()

    def slow() -> None:
        world.clock.move(91)
        other = Record("HELD", "X", world.now + 90, source="morning@2030-01-01T00:05:00Z", data="2030-01-01T00:05:00Z")
        world.ledger.rows[LOCK] = other
        world.ledger.rows[key(5)] = Record("CLAIMED", "X", world.now + 90, at=world.now, data="{}")

    attempt(world, 0, slow)

    assert world.ledger.rows[LOCK].token == "X"
    assert attempt(world, 6).state == "skipped"


def test_two_workers_want_a_free_lock_and_one_gets_it():
    world = World()
    attempt(world, 0)
    stolen = Record("HELD", "X", world.now + 90, source="morning@2030-01-01T00:05:00Z", data="2030-01-01T00:05:00Z")

    def steal(number: int, name: str) -> None:
        if name == "before ledger.swap" and world.ledger.rows[LOCK].state == "FREE":
            world.ledger.rows[LOCK] = stolen

    world.plan = steal

    assert attempt(world, 1).state == "skipped"
    assert world.ledger.rows[LOCK] == stolen
