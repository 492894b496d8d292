"""What an operator does to single letters: a move of some, and a removal."""

from __future__ import annotations

from cloud_cron.ports import Outgoing


def test_of_several_letters_those_that_were_named_move(desk):
    desk.send("a1", "a2", "b1")
    desk.wear_out()
    desk.receive()
    first, second, third = desk.bus.peek("d")

    assert desk.bus.redrive("d", ids={second.id, third.id, "unknown"}) == 2
    assert desk.left("d") == ["a1"]
    assert desk.left() == ["a2", "b1"]
    assert first.id == desk.bus.peek("d")[0].id


def test_a_letter_that_is_named_moves_while_it_is_in_flight(desk):
    desk.bus.send("d", Outgoing("a1", "a", "a1"), {})
    [letter] = desk.bus.receive("d")

    assert desk.bus.redrive("d") == 0
    assert desk.bus.redrive("d", ids={letter.id}) == 1


def test_a_letter_that_is_discarded_is_gone_and_lets_its_group_go_on(desk):
    desk.send("a1", "a2", "b1")
    [first, *_] = desk.receive(1)

    assert desk.bus.discard("q", {first.id, "unknown"}) == 1
    assert desk.left() == ["a2", "b1"]
    assert sorted(desk.bodies()) == ["a2", "b1"]
