"""What a person may rely on when runs of the past are asked for: the same on one machine and on AWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cloud_cron_cli.backfilling import Past, planned, queued
from tests.operating.app import ADA, BOB, due
from tests.operating.test_letters_contract import listed, world_key


@pytest.fixture(autouse=True)
def deployed(world):
    world.schedule()


def past(world, *hours, again=0):
    times = [datetime.fromisoformat(due(hour)) for hour in hours]
    return Past(world.project.task("export"), times, again)


def asked(world, *hours, again=0, work=queued):
    """The state of each run, as another command would find it."""
    place, wanted = world.again(), past(world, *hours, again=again)
    return [plan.state for plan in work(place, place.turns(wanted.task), wanted)]


def ids(*hours):
    return [f"export@{due(hour)}" for hour in hours]


def test_every_run_is_made_once_and_the_oldest_first(world):
    assert asked(world, 1, 2, 3) == ["queued"] * 3
    world.take_up()
    assert world.calls == ids(1, 2, 3)
    assert world.senders.accepted == [ADA, BOB] * 3
    assert [record.state for _, record in world.ledger.records("R#export")] == ["DONE"] * 3
    assert asked(world, 1, 2, 3) == ["done"] * 3
    world.take_up()
    assert world.calls == ids(1, 2, 3)
    assert world.done() == [("backfill", "export")]


def test_what_waits_for_its_turn_is_not_queued_twice(world):
    asked(world, 1, 2)
    first, second, third = asked(world, 1, 2, 3)
    assert first == second in {"retry", "waiting"}
    assert third == "queued"
    world.take_up()
    assert world.calls == ids(1, 2, 3)


def test_a_dry_run_makes_nothing(world):
    assert asked(world, 1, 2, work=planned) == ["queued"] * 2
    world.take_up()
    assert (world.calls, world.done(), world.ledger.open_runs()) == ([], [], [])


class Interrupted:
    """Turns of which the second one is not given."""

    def __init__(self, turns):
        self.turns, self.stay, self.given = turns, turns.stay, 0

    def waits(self, key):
        return self.turns.waits(key)

    def give(self, key, event):
        self.given += 1
        if self.given == 2:
            raise KeyboardInterrupt
        self.turns.give(key, event)


def test_of_what_is_interrupted_is_told_what_stays(world):
    place, wanted = world.again(), past(world, 1, 2)
    turns: Any = Interrupted(place.turns(wanted.task))
    with pytest.raises(KeyboardInterrupt):
        queued(place, turns, wanted)
    first, second = asked(world, 1, 2, work=planned)
    assert second == "queued"
    assert world.done() == ([] if first == "queued" else [("backfill", "export")])


@pytest.mark.parametrize("state", ["FAILED", "MISSED", "SKIPPED"])
def test_a_run_that_was_not_made_is_made(world, state):
    world.lose(state)
    assert asked(world, 1) == ["queued"]
    world.take_up()
    assert world.calls == ids(1)
    assert world.ledger.get(world_key(1)).state == "DONE"
    assert listed(world) == []


def test_a_run_that_was_made_is_left_alone_and_again_makes_one_of_its_own(world):
    world.run(1)
    world.settle()
    assert asked(world, 1) == ["done"]
    assert asked(world, 1, again=1) == ["queued"]
    world.take_up()
    assert world.calls == [*ids(1), f"export@{due(1)}#1"]
    assert world.senders.accepted == [ADA, BOB] * 2
    assert asked(world, 1, again=1) == ["done"]


def test_a_run_that_fails_is_a_dead_letter_and_may_be_asked_for_again(world):
    world.broken[:] = [ValueError("no such station")]
    asked(world, 1)
    world.take_up()
    assert listed(world) == [("task", "export", f"export@{due(1)}", "ValueError")]
    assert asked(world, 1) == ["queued"]
    world.take_up()
    assert world.calls == ids(1, 1)
    assert listed(world) == []


def test_a_run_knows_its_own_time_and_why_it_is_made(world):
    asked(world, 5)
    world.take_up()
    [(key, record)] = world.ledger.records("R#export")
    assert key == world_key(5)
    assert '"trigger":"backfill"' in record.data
    assert datetime.fromtimestamp(record.at, UTC) == datetime.fromisoformat(due(5))
