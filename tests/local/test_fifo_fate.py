"""Deduplication, dead letters and retention, as recorded on AWS or as the page says; a test's name is the rule."""

from __future__ import annotations

from cloud_cron.ports import Outgoing


def test_a_repeat_succeeds_and_is_not_delivered_even_after_the_delete(desk):
    desk.send("a1", "a1")
    [received] = desk.receive()
    desk.delete(received)
    desk.send("a1")
    assert desk.bodies() == []


def test_an_id_is_compared_within_its_group_only(desk):
    for group in ("one", "two"):
        desk.bus.send("q", Outgoing("same", group, group), {})
    assert desk.bodies() == ["one", "two"]


def test_an_id_is_known_for_five_minutes_from_its_first_use(desk):
    desk.send("b1")
    desk.pass_time(10)
    desk.delete(*desk.receive())
    desk.send("a1")
    desk.delete(*desk.receive())
    desk.pass_time(299)
    desk.send("a1")
    assert desk.left() == []
    desk.pass_time(1)
    desk.send("a1")
    assert desk.left() == ["a1"]


def test_purging_forgets_the_ids_of_the_queue(desk):
    desk.send("a1", "b1")
    desk.receive(1)
    desk.bus.purge("q")
    assert desk.left() == []
    desk.send("a1")
    assert desk.left() == ["a1"]


def test_a_topic_compares_before_it_fans_out(desk):
    desk.bus.subscribe("t", "q")
    desk.publish("t", [("m1", "a")])
    desk.bus.create_queue("late", visibility=30, max_receives=3, dead_letter=None)
    desk.bus.subscribe("t", "late")
    desk.publish("t", [("m1", "a"), ("m2", "a")])
    assert (desk.left("q"), desk.left("late")) == (["m1", "m2"], ["m2"])


def test_a_topic_compares_within_a_group_only(desk):
    desk.bus.subscribe("t", "q")
    desk.publish("t", [("m1", "a"), ("m1", "b"), ("m1", "a")])
    assert [(message.body, message.group) for message in desk.bus.peek("q")] == [("m1", "a"), ("m1", "b")]


def test_the_id_given_to_the_topic_is_the_one_of_the_queue(desk):
    desk.bus.subscribe("t", "q")
    desk.publish("t", [("m1", "a")])
    [received] = desk.receive()
    assert (received.dedup, received.group) == ("m1", "a")
    assert received.id != "m1"


def test_what_was_received_too_often_moves_and_the_group_goes_on(desk):
    desk.send("a1", "a2")
    for _ in range(3):
        assert desk.bodies(1) == ["a1"]
        desk.pass_time(30)
    assert desk.bodies(1) == ["a2"]
    assert desk.left("d") == ["a1"]


def test_a_batch_received_too_often_moves_whole_and_in_order(desk):
    desk.send("a1", "b1", "a2", "a3", "b2")
    desk.wear_out()
    assert desk.bodies() == []
    assert desk.left() == []
    assert desk.left("d") == ["a1", "a2", "a3", "b1", "b2"]


def test_the_group_stays_usable_after_its_messages_moved(desk):
    desk.send("a1")
    desk.wear_out()
    assert desk.bodies() == []
    desk.send("a2")
    assert desk.bodies() == ["a2"]


def test_moving_keeps_id_attributes_and_count_and_replaces_the_deduplication_id(desk):
    desk.bus.send("q", Outgoing("dedup", "a", "body"), {"MyAttribute": "foobar"})
    [before] = desk.receive()
    desk.pass_time(30)
    desk.wear_out(2)
    desk.receive()
    [after] = desk.bus.receive("d")
    assert (after.id, after.body, after.group, after.receives) == (before.id, "body", "a", 4)
    assert after.dedup == before.id
    assert after.attributes == {"MyAttribute": "foobar", "DeadLetterQueueSourceArn": "q"}


def test_reported_failures_come_back_and_the_last_one_moves(desk):
    desk.bus.create_queue("q", visibility=30, max_receives=2, dead_letter="d")
    desk.send("a1", "a2", "a3", "a4")
    desk.delete(desk.receive()[0])
    desk.pass_time(30)
    second = desk.receive()
    assert [(received.body, received.receives) for received in second] == [("a2", 2), ("a3", 2), ("a4", 2)]
    desk.delete(*second[:2])
    desk.pass_time(30)
    assert desk.bodies() == []
    assert desk.left("d") == ["a4"]


def test_without_a_dead_letter_queue_nothing_moves(desk):
    desk.bus.create_queue("q", visibility=30, max_receives=1, dead_letter=None)
    desk.send("a1")
    desk.wear_out(5)
    [received] = desk.receive()
    assert received.receives == 6


def test_a_message_past_its_retention_is_gone_and_the_group_goes_on(desk):
    desk.bus.create_queue("q", visibility=30, max_receives=3, dead_letter="d", retention=60)
    desk.send("a1", "b1")
    desk.pass_time(59)
    desk.send("a2")
    assert desk.bus.counts("q") == (3, 0)
    desk.pass_time(1)
    assert desk.bus.counts("q") == (1, 0)
    assert desk.left() == desk.bodies() == ["a2"]


def test_a_message_in_flight_ends_with_its_retention_too(desk):
    desk.bus.create_queue("q", visibility=300, max_receives=3, dead_letter="d", retention=60)
    desk.send("a1")
    [received] = desk.receive()
    desk.pass_time(50)
    desk.send("a2")
    desk.bus.change_visibility("q", received.handle, 300)
    assert desk.bodies() == []
    desk.pass_time(10)
    assert desk.bodies() == ["a2"]
    desk.delete(received)


def test_retention_begins_again_in_the_dead_letter_queue(desk):
    desk.bus.create_queue("q", visibility=30, max_receives=1, dead_letter="d", retention=60)
    desk.bus.create_queue("d", visibility=30, max_receives=0, dead_letter=None, retention=60)
    desk.send("a1")
    desk.wear_out(1)
    desk.pass_time(25)
    assert desk.bodies() == []
    [moved] = desk.bus.peek("d")
    assert moved.sent_at == desk.clock.now().timestamp()
    desk.pass_time(59)
    assert desk.left("d") == ["a1"]
    desk.pass_time(1)
    assert desk.left("d") == []
