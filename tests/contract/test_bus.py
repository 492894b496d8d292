"""What every bus does: the local one, and SNS and SQS behind boto3 clients.

Where the emulator does not do what AWS does, the case says so and skips.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud_cron.errors import BusError
from cloud_cron.ports import Outgoing

if TYPE_CHECKING:
    from cloud_cron.ports import Received


def true_on_aws(world, lie: str) -> None:
    """Go on only where the service behaves as AWS does."""
    if world.emulated:
        pytest.skip(f"moto {lie}")


def message(number: int, group: str = "g", body: str = "") -> Outgoing:
    return Outgoing(f"id-{number}", group, body or f"body-{number}")


def bodies(received: list[Received]) -> list[str]:
    return [each.body for each in received]


def drained(world) -> list[Received]:
    everything = []
    while batch := world.receive():
        for received in batch:
            everything.append(received)
            world.delete(received)
    return everything


def test_messages_arrive_in_order_however_many(world):
    world.bus.publish("reports", [message(number) for number in range(23)])
    assert bodies(drained(world)) == [f"body-{number}" for number in range(23)]


def test_a_message_arrives_with_id_group_body_and_time(world):
    world.bus.publish("reports", [message(1, "group-7", '{"ü": 1}')])
    [received] = world.receive()
    assert (received.dedup, received.group, received.body) == ("id-1", "group-7", '{"ü": 1}')
    assert (received.receives, received.attributes) == (1, {})
    assert received.sent_at == 1_893_456_000
    assert received.id != "id-1"


def test_publishing_nothing_is_fine(world):
    world.bus.publish("reports", [])
    assert world.receive() == []


def test_large_messages_need_more_than_one_call_and_keep_their_order(world):
    large = [message(number, body=str(number) * 100_000) for number in range(5)]
    world.bus.publish("reports", large)
    assert bodies(drained(world)) == [each.body for each in large]


def test_a_repeat_is_not_delivered_again(world):
    world.bus.publish("reports", [message(1), message(2)])
    world.bus.publish("reports", [message(1), message(2), message(3)])
    assert bodies(drained(world)) == ["body-1", "body-2", "body-3"]


def test_a_repeat_within_one_call_is_not_delivered_either(world):
    world.bus.publish("reports", [message(1), message(1)])
    assert bodies(drained(world)) == ["body-1"]


def test_a_repeat_is_not_delivered_after_the_first_was_deleted(world):
    true_on_aws(world, "forgets a deduplication id when its message is deleted")
    world.bus.publish("reports", [message(1)])
    drained(world)
    world.bus.publish("reports", [message(1)])
    assert world.receive() == []


def test_a_repeat_after_five_minutes_is_a_message_of_its_own(world):
    world.bus.publish("reports", [message(1)])
    drained(world)
    world.pass_time(301)
    world.bus.publish("reports", [message(1)])
    assert bodies(drained(world)) == ["body-1"]


def test_the_same_id_in_two_groups_is_two_messages(world):
    true_on_aws(world, "compares ids over the whole queue, whatever its deduplication scope")
    world.bus.publish("reports", [message(1, "a"), message(1, "b")])
    assert [received.group for received in drained(world)] == ["a", "b"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (message(9, body="x" * 262_145), "CC220"),
        (message(9, body="✉" * 87_382), "CC220"),
        (Outgoing("id-9", "g", ""), "CC221"),
        (message(9, "two words"), "CC221"),
        (message(9, "x" * 129), "CC221"),
        (message(9, ""), "CC221"),
        (Outgoing("x" * 129, "g", "body"), "CC221"),
        (Outgoing("ä", "g", "body"), "CC221"),
        (message(9, body="\ud800"), "CC221"),
    ],
    ids=["too-large", "too-many-bytes", "empty", "space", "long-group", "no-group", "long-id", "foreign-id", "no-text"],
)
def test_what_a_topic_would_refuse_stops_all_before_anything_is_published(world, bad, code):
    with pytest.raises(BusError) as caught:
        world.bus.publish("reports", [message(1), bad])
    assert caught.value.code == code
    assert caught.value.hint
    assert world.receive() == []


def test_the_largest_message_is_taken(world):
    world.bus.publish("reports", [message(1, body="x" * 262_144)])
    assert len(world.receive()[0].body) == 262_144


def test_a_delay_says_when_the_message_comes_back(world):
    world.bus.publish("reports", [message(1)])
    [received] = world.receive()
    world.bus.delay(received, 90)
    world.pass_time(89)
    assert world.receive() == []
    world.pass_time(2)
    [again] = world.receive()
    assert (again.body, again.receives, again.id) == ("body-1", 2, received.id)


def test_a_delay_of_zero_brings_it_back_at_once(world):
    world.bus.publish("reports", [message(1)])
    world.bus.delay(world.receive()[0], 0)
    world.pass_time(1)
    assert bodies(world.receive()) == ["body-1"]


def test_a_delay_longer_than_a_queue_allows_is_cut(world):
    world.bus.publish("reports", [message(1)])
    world.bus.delay(world.receive()[0], 86_400)
    world.pass_time(42_000)
    assert world.receive() == []
    world.pass_time(1_200)
    assert bodies(world.receive()) == ["body-1"]


def test_a_delayed_message_holds_its_group_and_no_other(world):
    true_on_aws(world, "hands out nothing, or the wrong message, of a batch that was partly delayed")
    world.bus.publish("reports", [message(1, "a"), message(2, "a"), message(3, "b")])
    first, second, third = world.receive()
    world.bus.delay(first, 60)
    world.bus.delay(second, 60)
    world.delete(third)
    world.bus.publish("reports", [message(4, "a"), message(5, "b")])
    [fifth] = world.receive()
    world.delete(fifth)
    world.pass_time(59)
    assert (fifth.body, world.receive()) == ("body-5", [])
    world.pass_time(2)
    assert bodies(world.receive()) == ["body-1", "body-2", "body-4"]


def test_an_expired_batch_comes_back_whole_and_in_order(world):
    true_on_aws(world, "returns only the last message of an expired batch, again and again")
    world.bus.publish("reports", [message(number) for number in range(4)])
    world.receive()
    world.pass_time(31)
    assert bodies(world.receive()) == [f"body-{number}" for number in range(4)]


def test_delaying_a_message_that_is_gone_is_an_error(world):
    world.bus.publish("reports", [message(1)])
    [received] = world.receive()
    world.delete(received)
    with pytest.raises(BusError):
        world.bus.delay(received, 5)


def test_a_forwarded_copy_carries_group_id_body_and_reason(world):
    world.bus.publish("reports", [message(1, "group-7")])
    [received] = world.receive()
    world.bus.forward(received, "copy-1", {"cc_error": "no such box ✉", "cc_attempts": "3"})
    [dead] = world.dead()
    assert (dead.body, dead.group, dead.dedup) == ("body-1", "group-7", "copy-1")
    assert dead.attributes == {"cc_error": "no such box ✉", "cc_attempts": "3"}
    assert dead.id != received.id
    world.delete(received)


def test_forwarding_again_makes_no_second_copy(world):
    world.bus.publish("reports", [message(1)])
    [received] = world.receive()
    world.bus.forward(received, "copy-1", {"n": "1"})
    world.bus.forward(received, "copy-1", {"n": "2"})
    assert [dead.attributes for dead in world.dead()] == [{"n": "1"}]


@pytest.mark.parametrize(
    ("dedup", "attributes"),
    [("copy", {f"a{number}": "x" for number in range(11)}), ("copy", {"empty": ""}), ("two words", {})],
    ids=["eleven", "empty", "id"],
)
def test_a_copy_that_a_queue_would_refuse_is_not_made(world, dedup, attributes):
    world.bus.publish("reports", [message(1)])
    [received] = world.receive()
    with pytest.raises(BusError) as caught:
        world.bus.forward(received, dedup, attributes)
    assert caught.value.code == "CC221"
    assert world.dead() == []
