"""Fire times without a run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud_cron.errors import StoreError
from cloud_cron.ports import Key
from tests.maintenance.support import EVENT, Context, Stage, crash_everywhere, failure

CURSOR = Key("W#export", "cursor")


def hours(count: float) -> float:
    return timedelta(hours=count).total_seconds()


def at(hour: int) -> dict[str, str]:
    return {**EVENT, "scheduled_at": f"2030-01-01T{hour:02}:00:00Z"}


def test_a_time_without_a_run_is_missed_once_it_can_no_longer_come():
    stage = Stage()
    assert stage.round()["missed"] == 0
    stage.world.clock.move(hours(2) + 240)
    assert stage.round()["missed"] == 0
    stage.world.clock.move(hours(1) + 120)
    assert stage.round()["missed"] == 2
    assert stage.round()["missed"] == 0
    [payload] = stage.told()
    assert (payload["kind"], payload["count"], payload["scheduled_at"]) == ("missed", 2, "2030-01-01T01:00:00Z")


def test_a_run_that_comes_after_it_was_missed_is_made():
    stage = Stage()
    stage.round()
    stage.world.clock.move(hours(3))
    assert stage.round()["missed"] == 1
    assert stage.run(at(1))["state"] == "done"
    assert stage.run(at(1), "r2")["state"] == "duplicate"
    assert stage.round()["missed"] == 0
    assert len(stage.told()) == 1


def test_a_window_is_waited_for():
    stage = Stage(window=120)
    stage.round()
    stage.world.clock.move(hours(4))
    assert stage.round()["missed"] == 0
    stage.world.clock.move(hours(0.2))
    assert stage.round()["missed"] == 1


def test_a_run_that_was_made_is_not_missed():
    stage = Stage()
    stage.round()
    for hour in (1, 2):
        stage.world.clock.move(hours(1))
        stage.run(at(hour), f"r{hour}")
    stage.world.clock.move(hours(1) + 300)
    assert stage.round()["missed"] == 0


def test_a_run_that_is_missed_for_a_reason_was_told_with_it():
    stage = Stage()
    stage.round()
    stage.hands.lost = [failure(event=at(1), request="")]
    stage.world.clock.move(hours(2) + 360)
    assert (done := stage.round())["missed"] == 0
    assert done["unstarted"] == 1
    assert len(stage.told()) == 1


def test_another_schedule_begins_anew_and_misses_nothing_of_before():
    stage, other = Stage(schedule="rate(1 hour)"), Stage(schedule="rate(5 minutes)")
    stage.round()
    other.world, other.ledger = stage.world, stage.ledger
    stage.world.clock.move(20_000)
    assert other.round()["missed"] == 0
    stage.world.clock.move(3_900 + 300)
    assert other.round()["missed"] == 1


def test_a_task_that_is_switched_off_misses_nothing():
    stage, off = Stage(), Stage(enabled=False)
    stage.round()
    off.world, off.ledger = stage.world, stage.ledger
    stage.world.clock.move(hours(9))
    for _ in range(3):
        assert off.round()["missed"] == 0
        stage.world.clock.move(hours(9))
    assert stage.round()["missed"] == 0


def test_the_times_of_a_rate_that_aws_counts_on_its_own_are_not_known():
    stage = Stage(schedule="rate(7 minutes)")
    stage.round()
    stage.world.clock.move(hours(9))
    assert stage.round()["missed"] == 0
    assert stage.ledger.get(CURSOR) is None


def test_a_cursor_is_written_when_there_was_something_to_look_at_and_else_seldom():
    stage = Stage(schedule="cron(0 12 * * ? *)")
    stage.round()
    written = []
    for _ in range(48):
        stage.world.clock.move(1800)
        stage.round()
        written.append(stage.ledger.get(CURSOR).at)
    assert 20 <= len(set(written)) <= 26
    assert written == sorted(written)


def test_a_long_absence_is_looked_at_in_bounded_steps():
    stage = Stage(schedule="rate(1 minute)")
    stage.round()
    stage.world.clock.move(hours(11))
    found = [stage.round()["missed"] for _ in range(3)]
    assert found == [500, 95, 0]
    assert [payload["count"] for payload in stage.told()] == [500, 95]


def test_a_look_that_runs_out_of_time_goes_on_where_it_was():
    stage = Stage(schedule="rate(1 minute)")
    stage.round()
    stage.world.clock.move(hours(2))
    context = Context(left=60_000)
    steps = []

    def slower(_: int, name: str) -> None:
        steps.append(name)
        context.left -= 1000 if name == "before ledger.create" else 0

    stage.world.plan = slower
    first = stage.round(context)["missed"]
    stage.world.heal()
    assert 0 < first < 55
    assert first + stage.round()["missed"] == 55


def test_a_ledger_that_fails_in_between_delays_and_loses_nothing():
    stage = Stage()
    stage.round()
    stage.world.clock.move(hours(4) + 600)
    stage.world.fail(StoreError("CC908", "no"), "before ledger.swap", times=1)
    with pytest.raises(ExceptionGroup):
        stage.round()
    assert stage.told() == []
    assert stage.round()["missed"] == 3


def test_a_crash_anywhere_tells_once():
    def build(stage: Stage) -> None:
        stage.round()
        stage.world.clock.move(hours(3) + 600)

    assert crash_everywhere(build) > 10


def test_what_was_to_be_told_before_a_crash_is_told_as_it_was_and_the_rest_by_itself():
    stage = Stage()
    stage.round()
    stage.world.clock.move(hours(3) + 300)
    stage.world.fail(StoreError("CC908", "no"), "after bus.publish", times=1)
    with pytest.raises(ExceptionGroup):
        stage.round()
    stage.world.clock.move(hours(2))
    assert stage.round()["missed"] == 2
    assert [(payload["count"], payload["scheduled_at"]) for payload in stage.told()] == [
        (2, "2030-01-01T01:00:00Z"), (2, "2030-01-01T03:00:00Z"),
    ]  # fmt: skip


def test_of_two_rounds_at_one_time_one_tells():
    stage = Stage()
    stage.round()
    stage.world.clock.move(hours(3) + 600)

    def twin(_: int, name: str) -> None:
        if name == "after ledger.create":
            stage.world.heal()
            assert stage.round()["missed"] == 2

    stage.world.plan = twin
    assert stage.round()["missed"] == 0
    assert [payload["count"] for payload in stage.told()] == [2]
