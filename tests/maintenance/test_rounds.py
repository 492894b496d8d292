"""A round: every part has its turn, whatever happens to the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud_cron.errors import BusError
from tests.maintenance.support import EVENT, Context, Stage, crash_everywhere, failure, letter
from tests.runtime.support import START

ALL = {"finished": 0, "failed": 0, "unstarted": 0, "missed": 0, "letters": 0}


def test_a_round_with_nothing_to_do_says_so():
    assert Stage().round() == ALL


def test_without_a_watch_the_queues_are_left_to_the_alarms():
    stage = Stage(watch=None)
    stage.hands.failed, stage.hands.dead["tell"] = [failure()], [letter()]
    assert stage.round() == {"finished": 0}
    assert len(stage.hands.failed) == 1


def test_what_stops_one_part_stops_no_other_and_is_named_by_the_error():
    stage = Stage()
    stage.hands.failed, stage.hands.dead["tell"] = [failure()], [letter()]
    stage.world.fail(BusError("CC224", "Receive was refused", where="the-queue"), "before hands.failures")
    with pytest.raises(ExceptionGroup, match="Receive was refused") as caught:
        stage.round()
    assert caught.group_contains(BusError)
    assert [payload["kind"] for payload in stage.told()] == ["dead"]


def test_one_failure_that_cannot_be_told_stops_no_other():
    stage = Stage()
    other = failure(event={**EVENT, "scheduled_at": "2030-01-01T01:00:00Z"}, handle="h2")
    stage.hands.failed = [failure(), other]
    stage.world.fail(BusError("CC224", "no"), "before bus.publish", times=1)
    with pytest.raises(ExceptionGroup):
        stage.round()
    assert [each.handle for each in stage.hands.failed] == ["h1"]
    stage.round()
    assert (len(stage.told()), stage.hands.failed) == (2, [])


def test_without_time_nothing_is_begun_and_the_last_parts_have_some_left():
    assert Stage().round(Context(left=9_000)) == {}
    assert list(Stage().round(Context(left=30_000))) == ["missed", "letters"]


def test_the_heart_beats_once_after_everything_else_and_two_seconds_before_the_end():
    stage = Stage()
    stage.hands.failed, stage.hands.dead["tell"] = [failure()], [letter()]
    stage.round(Context(left=200_000))
    assert stage.heart.beats == [198.0]
    assert stage.world.steps[-2:] == ["before heart.beat", "after heart.beat"]


def test_without_a_watch_the_heart_beats_all_the_same():
    stage = Stage(watch=None)
    stage.round()
    assert len(stage.heart.beats) == 1


@pytest.mark.parametrize("step", ["before hands.failures", "before ledger.open_runs", "before hands.letters"])
def test_the_heart_does_not_beat_when_something_was_stopped(step):
    stage = Stage()
    stage.world.fail(BusError("CC224", "no"), step)
    with pytest.raises(ExceptionGroup):
        stage.round()
    assert stage.heart.beats == []
    stage.world.heal()
    stage.round()
    assert len(stage.heart.beats) == 1


def test_the_heart_does_not_beat_when_a_part_had_no_turn():
    stage = Stage()
    stage.round(Context(left=30_000))
    assert stage.heart.beats == []


def test_a_crash_anywhere_loses_nothing_and_tells_nothing_twice():
    def build(stage: Stage) -> None:
        stage.record_only({}, "r7")
        stage.round(Context("round-0"))
        stage.world.clock.move(timedelta(hours=2, minutes=6).total_seconds())
        stage.put("CLAIMED", lease=START.timestamp() + 60, attempts=3, source="r1")
        stage.hands.failed = [failure()]
        stage.hands.lost = [failure(event={**EVENT, "scheduled_at": "2029-12-31T23:00:00Z"}, handle="h2", request="")]
        stage.hands.dead["tell"] = [letter()]

    assert crash_everywhere(build) > 40
