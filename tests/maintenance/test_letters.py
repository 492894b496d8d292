"""Dead letters: told by their number, each look once."""

from __future__ import annotations

import pytest

from cloud_cron.errors import BusError
from tests.maintenance.support import DUE, Stage, crash_everywhere, letter


def test_new_dead_letters_are_told_by_their_number():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()]
    assert stage.round()["letters"] == 1
    assert stage.round()["letters"] == 0
    stage.hands.dead["tell"] = [letter()] * 30
    assert stage.round()["letters"] == 29
    stage.hands.dead["tell"] = []
    stage.round()
    stage.hands.dead["tell"] = [letter()]
    assert stage.round()["letters"] == 1
    assert [payload["count"] for payload in stage.told()] == [1, 29, 1]
    assert stage.told()[0] == {
        "kind": "dead", "notifier": "tell", "run_id": f"export@{DUE}", "scheduled_at": DUE, "count": 1,
        "error": {"type": "Permanent", "message": "no such box"},
    }  # fmt: skip


def test_letters_that_come_back_after_a_redrive_are_new_although_there_are_no_more_of_them():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()] * 2
    stage.round()
    stage.world.clock.move(300)
    stage.hands.dead["tell"] = [letter(after=200), letter(after=210)]
    assert stage.round()["letters"] == 2
    assert stage.round()["letters"] == 0


def test_the_letter_that_is_told_of_is_a_new_one():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()]
    stage.round()
    stage.world.clock.move(300)
    new = letter(after=200)._replace(attributes={"cc_error": "another reason"})
    stage.hands.dead["tell"] = [letter(), new]
    stage.round()
    assert [payload["error"]["message"] for payload in stage.told()] == ["no such box", "another reason"]


def test_letters_that_somebody_holds_are_told_when_they_can_be_seen():
    stage = Stage()
    stage.hands.dead["tell"], stage.hands.held = [letter()], {"tell"}
    assert stage.round()["letters"] == 0
    stage.hands.held = set()
    assert stage.round()["letters"] == 1


def test_dead_letters_of_the_watch_itself_are_not_told():
    stage = Stage()
    stage.hands.dead["tell"] = [letter("ops")]
    stage.round()
    assert stage.told() == []
    stage.world.clock.move(300)
    stage.hands.dead["tell"] = [letter("ops"), letter("orders", after=200)]
    stage.round()
    assert len(stage.told()) == 1


def test_a_notifier_that_cannot_be_looked_at_stops_no_other():
    stage = Stage()
    stage.app.notifier("print", name="after", topics=["orders"])(lambda message: "x")
    stage.hands.dead["after"] = [letter()]
    stage.world.fail(BusError("CC224", "no"), "before hands.letters", times=1)
    with pytest.raises(ExceptionGroup):
        stage.round()
    assert [payload["notifier"] for payload in stage.told()] == ["after"]


def test_a_crash_anywhere_tells_once():
    def build(stage: Stage) -> None:
        stage.hands.dead["tell"] = [letter(), letter()]

    assert crash_everywhere(build) > 5


def test_letters_that_come_after_a_crash_are_told_too():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()]
    stage.world.fail(BusError("CC224", "no"), "after bus.publish", times=1)
    with pytest.raises(ExceptionGroup):
        stage.round()
    stage.hands.dead["tell"] = [letter(), letter()]
    assert stage.round()["letters"] == 1
    assert [payload["count"] for payload in stage.told()] == [1, 1]


def test_what_was_told_is_not_told_again():
    stage = Stage()
    stage.hands.dead["tell"] = [letter()]
    stage.round()
    stage.world.steps.clear()
    stage.round()
    assert "before bus.publish" not in stage.world.steps


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_rounds_at_one_time_one_tells(before):
    stage = Stage()
    stage.hands.dead["tell"] = [letter()] * before
    stage.round()
    stage.hands.dead["tell"] = [letter()] * (before + 2)

    def twin(_: int, name: str) -> None:
        if name == "after hands.letters":
            stage.world.heal()
            stage.round()

    stage.world.plan = twin
    assert stage.round()["letters"] == 0
    assert [payload["count"] for payload in stage.told()] == [1, 2][1 - before :]
