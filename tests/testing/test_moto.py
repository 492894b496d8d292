"""Where moto is not SQS, and what the backend does about it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron import CloudCron, Permanent, Retry
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.store import Store
from cloud_cron.ports import Outgoing
from cloud_cron.testing import CronRunner
from cloud_cron.testing.moto import Moto

pytestmark = pytest.mark.moto

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock():
    return VirtualClock(START)


@pytest.fixture
def bus(clock):
    """One queue with a dead-letter queue, subscribed to one topic."""
    with closing(Moto()) as backend, Store() as store:
        queues, _ = backend.connect(store, clock, RandomIds())
        queues.create_queue("dead", visibility=60, max_receives=3, dead_letter=None)
        queues.create_queue("mail", visibility=60, max_receives=3, dead_letter="dead")
        queues.subscribe("orders", "mail")
        yield queues


def publish(bus, *several):
    """Messages such as `a1`: group and number."""
    bus.publish("orders", [Outgoing(own, own[0], f'{{"id": "{own}"}}') for own in several])


def bodies(batch):
    return [received.body[8:10] for received in batch]


def test_a_batch_holds_one_message_of_each_group(bus):
    publish(bus, "a1", "a2", "b1", "a3", "c1")
    batch = bus.receive("mail")
    assert bodies(batch) == ["a1", "b1", "c1"]
    assert bus.receive("mail") == []
    bus.delete("mail", batch[0].handle)
    assert bodies(bus.receive("mail")) == ["a2"]


def test_a_batch_is_no_longer_than_asked(bus):
    publish(bus, "a1", "b1", "c1")
    assert bodies(bus.receive("mail", 2)) == ["a1", "b1"]


def test_what_was_not_deleted_comes_back_in_order(bus, clock):
    publish(bus, "a1", "a2")
    bus.receive("mail")
    assert bus.next_visible("mail") == START + timedelta(seconds=60, milliseconds=1)
    clock.set(START + timedelta(seconds=60))
    assert bus.receive("mail") == []
    clock.set(bus.next_visible("mail"))
    [again] = bus.receive("mail")
    assert (bodies([again]), again.receives) == (["a1"], 2)


def test_a_delay_moves_when_a_message_comes_back(bus, clock):
    publish(bus, "a1", "b1")
    [first, second] = bus.receive("mail")
    bus.delay(first, 5)
    bus.delay(second, 90)
    assert bus.next_visible("mail") == START + timedelta(seconds=5, milliseconds=1)
    clock.set(START + timedelta(seconds=6))
    assert bodies(bus.receive("mail")) == ["a1"]


def test_next_visible_is_now_for_what_waits_and_none_for_an_empty_queue(bus):
    assert bus.next_visible("mail") is None
    publish(bus, "a1")
    assert bus.next_visible("mail") == START


def test_what_is_in_flight_can_be_looked_at(bus):
    publish(bus, "a1", "a2", "b1")
    bus.receive("mail")
    assert bodies(bus.peek("mail")) == ["a1", "a2", "b1"]
    assert bodies(bus.peek("mail", 2)) == ["a1", "a2"]


def test_what_waits_and_what_is_in_flight_is_counted(bus):
    publish(bus, "a1", "b1")
    assert bus.counts("mail") == (2, 0)
    bus.receive("mail", 1)
    assert bus.counts("mail") == (1, 1)


def test_a_forwarded_copy_carries_its_reason_and_comes_back_by_a_redrive(bus):
    publish(bus, "a1", "a2")
    [received] = bus.receive("mail")
    bus.forward(received, "copy", {"cc_error_code": "permanent"})
    bus.forward(received, "copy", {"cc_error_code": "permanent"})
    bus.delete("mail", received.handle)
    [dead] = bus.peek("dead")
    assert (dead.body, dead.attributes) == (received.body, {"cc_error_code": "permanent"})
    assert bus.redrive("dead") == 1
    assert bus.peek("dead") == []
    assert bodies(bus.peek("mail")) == ["a2", "a1"]
    assert bus.peek("mail")[1].id != dead.id


def test_worn_out_messages_reach_the_dead_letter_queue(bus, clock):
    publish(bus, "a1", "a2")
    for _ in range(3):
        assert bodies(bus.receive("mail")) == ["a1"]
        clock.set(bus.next_visible("mail"))
    assert bodies(bus.receive("mail")) == ["a2"]
    assert bodies(bus.peek("dead")) == ["a1"]


def test_a_message_past_its_retention_is_dropped(bus, clock):
    publish(bus, "a1")
    clock.set(START + timedelta(days=13))
    publish(bus, "b1")
    clock.set(START + timedelta(days=15))
    assert bodies(bus.peek("mail")) == ["b1"]
    assert bus.next_visible("mail") == clock.now()
    assert bodies(bus.receive("mail")) == ["b1"]


def test_a_publish_reaches_moto_once(bus):
    publish(bus, "a1")
    publish(bus, "a1")
    assert bodies(bus.peek("mail")) == ["a1"]
    assert bus.peek("mail")[0].sent_at == START.timestamp()


def test_a_topic_that_nobody_hears_can_be_published_to(bus):
    bus.publish("unheard", [Outgoing("i", "g", "{}")])
    assert bus.peek("mail") == []


def test_long_names_fit(bus):
    name = "x" * 90
    arn = bus.create_queue(name, visibility=60, max_receives=3, dead_letter=None)
    assert len(arn.rpartition(":")[2]) <= 80
    assert arn.endswith(".fifo")
    assert bus.create_queue("y" * 90, visibility=60, max_receives=3, dead_letter=None) != arn


def test_the_network_is_out_of_reach_when_moto_has_stopped(clock):
    with closing(Moto()) as backend, Store() as store:
        backend.connect(store, clock, RandomIds())
        assert "QueueUrls" not in backend.sqs.list_queues()
    with pytest.raises(NotImplementedError, match="tests do not reach the network"):
        backend.sqs.list_queues()
    assert datetime.now(UTC).year < START.year


def test_a_day_of_retries_ends_in_the_dead_letter_queue():
    """moto refuses a delay beyond 12 hours after sending; the queue's own visibility timeout takes over."""
    app = CloudCron("shop")

    @app.schedule(topics=["orders"])
    def export(run):
        return {"orders": {"n": 1}}

    @app.notifier("print", timeout=900)
    def tell(message):
        raise Retry("later", after=7200)

    with closing(Moto()) as backend, CronRunner(app, backend=backend) as cron:
        cron.run("export")
        cron.advance("2 days")
        assert [letter.code for letter in cron.dlq("tell")] == ["expired"]
        assert cron.queue("tell") == []


def test_crash_tests_are_skipped_with_a_reason():
    app = CloudCron("shop")

    @app.schedule()
    def export():
        raise Permanent

    with (
        closing(Moto()) as backend,
        CronRunner(app, backend=backend) as cron,
        pytest.raises(pytest.skip.Exception) as told,
    ):
        cron.crash_everywhere("export")
    assert "crash tests run on the local backend" in str(told.value)
