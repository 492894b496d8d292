"""Order, visibility and handles of a FIFO queue, as recorded on AWS or as the page says; a test's name is the rule."""

from __future__ import annotations

import pytest

from cloud_cron.errors import BusError


def test_messages_come_in_order_again_after_their_timeout(desk):
    desk.send("a1", "a2", "a3")
    assert desk.bodies() == ["a1", "a2", "a3"]
    desk.pass_time(30)
    assert desk.bodies() == ["a1", "a2", "a3"]


def test_a_batch_of_several_groups_comes_back_whole_and_in_order(desk):
    desk.send("a1", "b1", "a2", "c1", "b2", "a3")
    first = desk.bodies()
    desk.pass_time(30)
    assert first == desk.bodies() == ["a1", "a2", "a3", "b1", "b2", "c1"]


def test_one_receive_hands_out_group_by_group(desk):
    desk.send("a1", "b1", "a2", "a3", "c1")
    assert desk.bodies() == ["a1", "a2", "a3", "b1", "c1"]


def test_single_receives_hand_out_one_group_each_until_all_are_blocked(desk):
    desk.send("a1", "a2", "b1")
    assert [desk.bodies(1), desk.bodies(1), desk.bodies(1)] == [["a1"], ["b1"], []]


def test_the_timeout_hides_the_whole_group(desk):
    desk.send("a1", "a2", "a3", "a4", "b1", "c1")
    assert desk.bodies(2) == ["a1", "a2"]
    assert desk.bodies(1) == ["b1"]
    desk.pass_time(30)
    assert desk.bodies(10, 0) == ["c1", "a1", "a2", "a3", "a4", "b1"]


def test_receiving_with_a_timeout_of_zero_lets_the_groups_take_turns(desk):
    desk.send("a1", "b1", "b2", "c1", "a2")
    assert desk.bodies(3, 0) == ["a1", "a2", "b1"]
    assert desk.bodies(10, 0) == ["c1", "a1", "a2", "b1", "b2"]


def test_a_message_sent_to_a_blocked_group_waits_for_the_delete(desk):
    desk.send("a1")
    [first] = desk.receive()
    desk.send("a2")
    assert desk.bodies() == []
    desk.delete(first)
    assert desk.bodies() == ["a2"]


def test_a_message_made_visible_is_handed_out_while_its_siblings_are_in_flight(desk):
    desk.send("a1", "a2", "a3")
    first, *_ = desk.receive()
    desk.bus.change_visibility("q", first.handle, 0)
    assert desk.bodies() == ["a1"]


def test_a_terminated_timeout_makes_only_that_message_visible_behind_groups_that_waited(desk):
    desk.send("a1", "a2", "b1")
    first, _ = desk.receive(2)
    desk.bus.change_visibility("q", first.handle, 0)
    assert desk.bodies(3) == ["b1", "a1"]


def test_a_shortened_timeout_does_the_same_when_it_is_over(desk):
    desk.send("a1", "a2", "b1")
    first, _ = desk.receive(2)
    desk.bus.change_visibility("q", first.handle, 1)
    desk.pass_time(2)
    assert desk.bodies(3) == ["b1", "a1"]


@pytest.mark.parametrize(("extended", "visible"), [(0, []), (1, ["a1"]), (2, ["a1", "a2"])])
def test_extending_one_message_of_a_batch_hides_it_and_all_after_it(desk, extended, visible):
    desk.send("a1", "a2", "a3")
    batch = desk.receive(5, 1)
    desk.bus.change_visibility("q", batch[extended].handle, 4)
    desk.pass_time(2.5)
    assert desk.bodies(5) == visible


def test_a_group_is_free_when_everything_in_flight_is_deleted(desk):
    desk.send("a1", "b1", "a2", "b2", "a3", "a4", "c1")
    desk.delete(*desk.receive(2))
    assert desk.bodies() == ["b1", "b2", "a3", "a4", "c1"]


def test_a_group_stays_blocked_after_a_partial_delete(desk):
    desk.send("a1", "b1", "a2", "b2", "a3", "a4", "c1")
    desk.delete(desk.receive(2)[0])
    assert desk.bodies() == ["b1", "b2", "c1"]


def test_two_of_two_interleaved_groups_are_of_the_first(desk):
    desk.send("a1", "b1", "a2", "b2")
    first, second = desk.receive(2)
    assert (first.body, second.body) == ("a1", "a2")
    desk.delete(first)
    assert desk.bodies(2) == ["b1", "b2"]


def test_an_emptied_group_takes_messages_again(desk):
    desk.send("a1")
    desk.delete(*desk.receive())
    assert desk.bodies() == []
    desk.send("a2")
    assert desk.bodies() == ["a2"]


def test_one_at_a_time_keeps_the_order(desk):
    desk.send("a1", "a2", "a3", "a4")
    for body in ("a1", "a2", "a3", "a4"):
        [received] = desk.receive(1)
        assert received.body == body
        desk.delete(received)


def test_counts_tell_waiting_from_in_flight_and_blocked_ones_wait(desk):
    desk.send("a1", "a2", "b1", "b2", "c1", "c2")
    desk.bodies(1), desk.bodies(1)
    assert desk.bus.counts("q") == (4, 2)
    desk.pass_time(30)
    assert desk.bus.counts("q") == (6, 0)


def test_a_handle_cannot_delete_after_the_timeout(desk):
    desk.send("a1")
    [received] = desk.receive()
    desk.pass_time(30)
    with pytest.raises(BusError) as caught:
        desk.delete(received)
    assert caught.value.code == "CC222"
    assert caught.value.message == (
        f"Value {received.handle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired."
    )
    assert desk.left() == ["a1"]


def test_a_handle_can_delete_within_an_extended_timeout(desk):
    desk.send("a1")
    [received] = desk.receive(1, 1)
    desk.bus.change_visibility("q", received.handle, 5)
    desk.pass_time(1.5)
    desk.delete(received)
    assert desk.left() == []


def test_the_handle_of_an_earlier_receive_is_expired(desk):
    desk.send("a1")
    [old] = desk.receive()
    desk.pass_time(30)
    [latest] = desk.receive()
    with pytest.raises(BusError, match="expired"):
        desk.delete(old)
    with pytest.raises(BusError, match="expired"):
        desk.bus.change_visibility("q", old.handle, 0)
    desk.delete(latest)


def test_deleting_twice_is_no_error(desk):
    desk.send("a1")
    [received] = desk.receive()
    desk.delete(received, received)


def test_the_handle_of_a_deleted_message_cannot_reach_the_next_one(desk):
    desk.send("a1")
    [old] = desk.receive()
    desk.delete(old)
    desk.send("a2")
    desk.receive()
    desk.delete(old)
    assert desk.left() == ["a2"]


def test_the_visibility_of_a_deleted_message_cannot_be_changed(desk):
    desk.send("a1")
    [received] = desk.receive()
    desk.delete(received)
    with pytest.raises(BusError) as caught:
        desk.bus.change_visibility("q", received.handle, 42)
    assert caught.value.message.endswith(
        "Reason: Message does not exist or is not available for visibility timeout change."
    )


@pytest.mark.parametrize("handle", ["garbage", "", "1-2", "x-1-y"])
def test_an_illegal_handle_is_refused(desk, handle):
    with pytest.raises(BusError) as caught:
        desk.bus.delete("q", handle)
    assert caught.value.message == f'The input receipt handle "{handle}" is not a valid receipt handle.'


@pytest.mark.parametrize("seconds", [-1, 43_201])
def test_a_timeout_is_between_zero_and_twelve_hours(desk, seconds):
    desk.send("a1")
    [received] = desk.receive(1, 43_200)
    with pytest.raises(BusError, match="not between 0 and 43,200"):
        desk.bus.change_visibility("q", received.handle, seconds)
    with pytest.raises(BusError, match="not between 0 and 43,200"):
        desk.receive(1, seconds)
