"""The side of the local bus that AWS has no single call for: redrive, peeking, waking up, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from cloud_cron.errors import BusError
from cloud_cron.local import fifo
from cloud_cron.ports import Outgoing


def test_redriving_makes_new_messages_that_no_deduplication_swallows(desk):
    desk.send("a1", "a2")
    before = {received.id for received in desk.receive()}
    desk.pass_time(30)
    desk.wear_out(2)
    assert desk.bodies() == []
    assert desk.bus.redrive("d") == 2
    again = desk.receive()
    assert [(received.body, received.receives) for received in again] == [("a1", 1), ("a2", 1)]
    assert before.isdisjoint(received.id for received in again)
    assert {received.dedup for received in again} == before
    assert desk.left("d") == []


def test_redriving_twice_within_five_minutes_loses_nothing(desk):
    desk.send("a1")
    for _ in range(2):
        desk.wear_out()
        assert desk.bodies() == []
        assert desk.bus.redrive("d") == 1
    assert desk.bodies() == ["a1"]


def test_each_dead_letter_goes_back_to_where_it_came_from(desk):
    desk.bus.create_queue("p", visibility=30, max_receives=3, dead_letter="d")
    desk.send("a1")
    desk.bus.send("p", Outgoing("x1", "x", "x1"), {})
    for _ in range(4):
        desk.receive()
        desk.bus.receive("p")
        desk.pass_time(30)
    assert desk.left("d") == ["a1", "x1"]
    assert desk.bus.redrive("d") == 2
    assert (desk.left("q"), desk.left("p")) == (["a1"], ["x1"])


def test_a_dead_letter_goes_back_to_its_queue_even_when_that_has_another_dead_letter_queue_by_now(desk):
    desk.bus.create_queue("p", visibility=30, max_receives=3, dead_letter="d")
    desk.send("a1")
    desk.wear_out()
    desk.receive()
    desk.bus.create_queue("q", visibility=30, max_receives=3, dead_letter=None)
    desk.bus.redrive("d")
    assert (desk.left("q"), desk.left("p")) == (["a1"], [])


def test_dead_letters_can_go_to_another_queue(desk):
    desk.bus.create_queue("p", visibility=30, max_receives=3, dead_letter=None)
    desk.send("a1")
    desk.wear_out()
    desk.receive()
    assert desk.bus.redrive("d", "p") == 1
    assert (desk.left("q"), desk.left("p")) == ([], ["a1"])


def test_a_forwarded_copy_goes_back_to_the_only_queue_it_can_be_from(desk):
    desk.send("a1")
    [received] = desk.receive()
    desk.bus.forward(received, "why", {"cc_error": "no"})
    desk.delete(received)
    assert desk.bus.redrive("d") == 1
    [again] = desk.receive()
    assert (again.body, again.group, again.attributes) == ("a1", "a", {"cc_error": "no"})


def test_a_forwarded_copy_that_two_queues_may_have_sent_stays(desk):
    desk.bus.create_queue("p", visibility=30, max_receives=3, dead_letter="d")
    desk.send("a1", "b1")
    desk.wear_out()
    assert desk.bodies() == []
    desk.bus.send("d", Outgoing("copy", "c", "c1"), {})
    with pytest.raises(BusError, match="could have come from p or q"):
        desk.bus.redrive("d")
    assert desk.left("d") == ["a1", "b1", "c1"]
    assert desk.bus.redrive("d", "p") == 3


def test_dead_letters_in_flight_stay_and_so_does_what_waits_behind_them(desk):
    for name in ("a1", "a2", "b1"):
        desk.bus.send("d", Outgoing(name, name[0], name), {})
    desk.bus.receive("d", 1)
    assert desk.bus.redrive("d") == 1
    assert (desk.left("q"), desk.left("d")) == (["b1"], ["a1", "a2"])


def test_only_a_dead_letter_queue_can_be_redriven(desk):
    with pytest.raises(BusError, match="Source queue must be configured as a Dead Letter Queue"):
        desk.bus.redrive("q")


def test_peeking_shows_everything_in_order_and_changes_nothing(desk):
    desk.send("a1", "b1", "a2")
    desk.receive(1)
    first = desk.bus.peek("q")
    assert [(received.body, received.receives) for received in first] == [("a1", 1), ("b1", 0), ("a2", 0)]
    assert first == desk.bus.peek("q")
    assert desk.bus.peek("q", 1) == first[:1]
    assert desk.bus.counts("q") == (2, 1)


def test_next_visible_is_now_when_a_message_waits_and_none_in_an_empty_queue(desk):
    assert desk.bus.next_visible("q") is None
    desk.send("a1")
    desk.pass_time(5)
    assert desk.bus.next_visible("q") == desk.clock.now()


def test_next_visible_is_exactly_when_the_group_is_free_again(desk):
    desk.pass_time(0.123457)
    desk.send("a1", "a2")
    desk.receive(1, 7)
    free = desk.clock.now() + timedelta(seconds=7)
    assert desk.bus.next_visible("q") == free
    desk.pass_time(6.999)
    assert desk.bodies() == []
    desk.clock.set(free)
    assert desk.bodies() == ["a1", "a2"]


def test_next_visible_is_when_the_first_that_is_left_of_a_group_comes_back(desk):
    desk.send("a1", "a2", "a3", "b1")
    first, _ = desk.receive(2)
    desk.delete(first, *desk.receive())
    assert desk.bus.next_visible("q") == desk.clock.now() + timedelta(seconds=30)


def test_going_from_one_next_visible_to_the_next_drains_a_queue(desk):
    desk.send("a1", "a2", "b1", "c1")
    for _ in range(20):
        instant = desk.bus.next_visible("q")
        if instant is None:
            break
        desk.clock.set(instant)
        desk.receive(2)
    assert desk.left("q") == []
    assert sorted(desk.left("d")) == ["a1", "a2", "b1", "c1"]


def test_next_visible_passes_over_what_is_past_its_retention(desk):
    desk.bus.create_queue("q", visibility=300, max_receives=3, dead_letter="d", retention=60)
    desk.send("a1")
    desk.receive()
    instant = desk.bus.next_visible("q")
    assert instant == desk.clock.now() + timedelta(seconds=60)
    desk.clock.set(instant)
    assert desk.bodies() == []
    assert desk.bus.next_visible("q") is None


def test_queues_are_listed_and_keep_their_messages_when_made_again(desk):
    desk.send("a1")
    desk.bus.create_queue("q", visibility=60, max_receives=9, dead_letter="d")
    assert desk.bus.queues() == ["d", "q"]
    desk.receive()
    desk.pass_time(59)
    assert desk.bodies() == []
    desk.pass_time(1)
    assert desk.bodies() == ["a1"]


def test_subscribing_twice_delivers_once(desk):
    desk.bus.subscribe("t", "q")
    desk.bus.subscribe("t", "q")
    desk.publish("t", [("m1", "a")])
    assert desk.left() == ["m1"]


def test_a_topic_fans_out_to_every_queue(desk):
    desk.bus.create_queue("p", visibility=30, max_receives=3, dead_letter="d")
    for queue in ("p", "q"):
        desk.bus.subscribe("t", queue)
    desk.publish("t", [("m1", "a"), ("m2", "b")])
    assert desk.left("p") == desk.left("q") == ["m1", "m2"]
    ids = [message.id for queue in ("p", "q") for message in desk.bus.peek(queue)]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    "act",
    [
        lambda bus: bus.receive("p"),
        lambda bus: bus.send("p", Outgoing("i", "g", "b"), {}),
        lambda bus: bus.delete("p", "1-1-x"),
        lambda bus: bus.change_visibility("p", "1-1-x", 1),
        lambda bus: bus.purge("p"),
        lambda bus: bus.peek("p"),
        lambda bus: bus.counts("p"),
        lambda bus: bus.next_visible("p"),
        lambda bus: bus.redrive("p"),
        lambda bus: bus.subscribe("t", "p"),
        lambda bus: bus.create_queue("n", visibility=1, max_receives=1, dead_letter="p"),
    ],
)
def test_a_queue_that_is_not_there_is_named(desk, act):
    with pytest.raises(BusError, match="there is no queue 'p'") as caught:
        act(desk.bus)
    assert (caught.value.code, caught.value.where) == ("CC223", "p")


def test_redriving_to_a_queue_that_is_not_there_moves_nothing(desk):
    desk.bus.send("d", Outgoing("i", "g", "b"), {})
    with pytest.raises(BusError, match="there is no queue 'p'"):
        desk.bus.redrive("d", "p")
    assert desk.left("d") == ["b"]


def test_forwarding_needs_a_dead_letter_queue(desk):
    desk.bus.send("d", Outgoing("i", "g", "b"), {})
    [received] = desk.bus.receive("d")
    with pytest.raises(BusError, match="has no dead-letter queue"):
        desk.bus.forward(received, "x", {})


def test_an_event_may_call_the_queue_by_its_arn(desk):
    desk.send("a1")
    [received] = desk.receive()
    from_event = received._replace(queue="arn:aws:sqs:local:000000000000:q.fifo")
    desk.bus.forward(from_event, "why", {})
    desk.bus.delay(from_event, 0)
    assert (desk.left("d"), desk.bodies()) == (["a1"], ["a1"])


def test_old_ids_are_swept_and_known_ones_are_kept(desk, store):
    desk.send(*(f"a{n}" for n in range(50)))
    desk.pass_time(200)
    desk.send("b1")
    desk.pass_time(100)
    desk.send("c1")
    assert store.rows("SELECT count(*) FROM deduplication") == [(2,)]


def test_threads_that_receive_at_once_never_share_a_message(desk):
    desk.send(*(f"{letter}{n}" for letter in "abcdefghij" for n in range(5)))
    start = Barrier(8)
    taken: list[str] = []

    def work() -> None:
        start.wait()
        while batch := desk.receive(3):
            taken.extend(received.body for received in batch)
            desk.delete(*batch)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 50
    assert desk.left() == []


@pytest.mark.parametrize(
    ("statement", "parameters", "index"),
    [
        (fifo._HEADS, ("q", 0, 10), "messages_at_the_head"),
        (fifo._GROUP, ("q", "a", 10), "messages_in_order"),
        (fifo._HIDE, (0, 0, "q", "a", 9), "messages_in_order"),
    ],
)
def test_a_receive_reads_its_own_batch_only_however_long_the_queue(store, statement, parameters, index):
    plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert index in plan
    assert "SCAN" not in plan
    assert "B-TREE" not in plan
