"""The process dies at every step of a run, once and twice: nothing is lost, nothing gets another id."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest

from cloud_cron.messages import elsewhere
from cloud_cron.runtime import parcels
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.task import run_task
from tests.runtime.support import START, Crash, World, bench, plenty

FIRE = START + timedelta(hours=8)
ASKED = Invocation("schedule", scheduled_at=FIRE)


def task_of(world: World, calls: list[int], text: str = "", **options: Any) -> Any:
    """A task whose every call returns something else; so a second result under a first id would show."""

    def task() -> Any:
        calls.append(len(calls))
        payload = {"call": len(calls), "text": text}
        return {"reports": payload, "alerts": [{"call": len(calls)}, {**payload, "more": 1}]}

    return bench(world, task, **options)


def clean(**options: Any) -> tuple[World, int]:
    world = World()
    run_task(task_of(world, [], **options), ASKED, "R1", plenty)
    return world, len(world.steps)


def survives(crashes: tuple[int, ...], requests: tuple[str, ...], pause: float, **options: Any) -> World:
    """Crash at the steps, one for each attempt, then go on until the run is done."""
    world, calls = World(), list[int]()
    desk = task_of(world, calls, **options)
    ended = 0
    for number, request in enumerate(requests):
        world.heal()
        if number < len(crashes):
            world.crash_at(crashes[number])
        try:
            run_task(desk, ASKED, request, plenty)
        except Crash:
            world.clock.move(pause)
        else:
            ended += 1
    assert ended
    return world


def published(world: World) -> dict[str, list[tuple[str, Any]]]:
    return {
        topic: [(one.id, payload(world, json.loads(one.body))["call"]) for one in sent]
        for topic, sent in world.bus.published.items()
    }


def payload(world: World, body: dict[str, Any]) -> Any:
    """What the message says; a reference that leads nowhere is an error."""
    aside = elsewhere(body)
    return json.loads(parcels.fetched(world.payloads, aside)) if aside else body["payload"]


def assert_complete(world: World) -> None:
    steady, _ = clean()
    assert {topic: [one[0] for one in sent] for topic, sent in published(world).items()} == {
        topic: [one[0] for one in sent] for topic, sent in published(steady).items()
    }
    assert len({call for sent in published(world).values() for _, call in sent}) == 1
    states = {key.partition[0]: record.state for key, record in world.ledger.rows.items()}
    assert states["R"] == "DONE"


_, STEPS = clean()
LARGE = "x" * 300_000
_, LARGE_STEPS = clean(text=LARGE)


def test_there_are_steps_enough():
    assert STEPS >= 20
    assert LARGE_STEPS >= STEPS + 2 * (1 + 2)  # the record and two messages are put aside


@pytest.mark.parametrize("crash", range(STEPS))
def test_a_retry_of_the_same_request_finishes_what_was_begun(crash):
    assert_complete(survives((crash,), ("R1", "R1"), pause=0))


def test_what_is_large_survives_a_crash_anywhere_too():
    for crash in range(LARGE_STEPS):
        assert_complete(survives((crash,), ("R1", "R1"), pause=0, text=LARGE))
        assert_complete(survives((crash,), ("R1", "R2"), pause=91, text=LARGE))


def test_a_reference_leads_somewhere_whenever_it_is_seen():
    for crash in range(LARGE_STEPS):
        world = World()
        world.crash_at(crash)
        with contextlib.suppress(Crash):
            run_task(task_of(world, [], LARGE), ASKED, "R1", plenty)
        published(world)
        for key, record in world.ledger.rows.items():
            assert key.partition != "R#morning" or parcels.from_record(world.payloads, record)


@pytest.mark.parametrize("crash", range(STEPS))
def test_another_request_finishes_after_the_lease(crash):
    assert_complete(survives((crash,), ("R1", "R2"), pause=91))


def test_two_crashes_in_a_row_are_survived_wherever_they_are():
    for first in range(STEPS):
        for second in range(STEPS):
            assert_complete(survives((first, second), ("R1", "R1", "R1"), pause=0))


@pytest.mark.parametrize("crash", range(STEPS))
def test_no_crash_keeps_the_next_run_waiting_once_the_run_is_done(crash):
    world = survives((crash,), ("R1", "R1"), pause=60)
    later = Invocation("schedule", scheduled_at=FIRE + timedelta(minutes=1))

    assert run_task(bench(world, lambda: None), later, "R9", plenty).state == "done"


def test_a_published_run_is_never_published_under_another_id_by_a_duplicate():
    for crash in range(STEPS):
        world = survives((crash,), ("R1", "R1", "R2", "R3"), pause=0)
        assert_complete(world)
