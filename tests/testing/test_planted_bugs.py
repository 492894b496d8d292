"""The crash test, tested: each of these breaks one part, and must be told by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cloud_cron import CloudCron, Message, Permanent, Retry
from cloud_cron.messages import envelope
from cloud_cron.ports import Key, Outgoing, Record
from cloud_cron.runtime import naming
from cloud_cron.testing import CronRunner
from cloud_cron.testing.answers import Line
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.runner import START
from cloud_cron.testing.setup import set_up
from cloud_cron.testing.simulator.bus import MemoryBus
from cloud_cron.testing.simulator.faults import Fault, Plan
from cloud_cron.testing.simulator.judge import Judge
from cloud_cron.testing.simulator.ledger import MemoryLedger
from cloud_cron.testing.simulator.payloads import MemoryPayloads
from cloud_cron.testing.simulator.services import in_memory
from cloud_cron.testing.simulator.world import World


@pytest.fixture
def app():
    app = CloudCron("shop")

    @app.schedule("cron(0 8 * * ? *)", topics=["orders"], timeout=900)
    def export(run):
        return {"orders": [{"n": 1}, {"n": 2}, {"n": 3}]}

    @app.notifier("print", delivery="at-most-once")
    def tell(message):
        if message.payload["n"] == 2:
            raise Permanent("no such order")
        return f"order {message.payload['n']}"

    return app


class Planted(InMemory):
    """The backend of a test, with one part exchanged for a broken one."""

    def __init__(self, bus=MemoryBus, ledger=MemoryLedger):
        self._bus = bus
        self._ledger = ledger

    def apart(self, clock, ids):
        bus = self._bus(clock)
        return in_memory(clock, ids)._replace(bus=bus, ledger=self._ledger(), buried=bus.buried)


@pytest.fixture
def crashed(app):
    """What the crash test says of a broken part."""

    def told(**parts):
        with CronRunner(app, backend=Planted(**parts)) as cron, pytest.raises(AssertionError) as caught:
            cron.crash_everywhere("export", at="2030-01-02T08:00")
        return str(caught.value)

    return told


def test_the_shipped_parts_pass(app):
    with CronRunner(app, backend=Planted()) as cron:
        report = cron.crash_everywhere("export", at="2030-01-02T08:00")
    assert report.crashes == report.points == 30
    assert (report.lost, report.deliveries, report.max_acceptances) == (0, 2, 1)


class Forgetful(MemoryLedger):
    """Every claim is granted, as if nobody had been there."""

    def create(self, key, record):
        found = super().create(key, record)
        if found is not None and key.partition.startswith("E#"):
            assert self.swap(key, found, record)
            return None
        return found


def test_a_ledger_that_forgets_claims(crashed):
    text = crashed(ledger=Forgetful)
    assert "tell: orders #0 to stdout was accepted 2 times; max_ambiguous=0 allows 1" in text
    assert "1. the worker dies after provider.send tell: orders #0 to stdout" in text


class NeverSettles(MemoryLedger):
    def sent(self, key, provider_id):
        """Answers, and writes nothing."""


def test_a_ledger_that_does_not_write_sent(crashed):
    assert "without any crash\n  tell: orders #0 to stdout is CLAIMED for good" in crashed(ledger=NeverSettles)


class WritesSentEarly(MemoryLedger):
    def create(self, key, record):
        early = record._replace(state="SENT") if key.partition.startswith("E#tell") and key.sort != "*" else record
        return super().create(key, early)


def test_a_mark_before_the_call(crashed):
    text = crashed(ledger=WritesSentEarly)
    assert "tell: orders #0 to stdout is SENT, but the provider never accepted it" in text


class NeverOver(MemoryLedger):
    def swap(self, key, expected, record):
        return record.state == "DONE" or super().swap(key, expected, record)


def test_a_run_that_never_ends(crashed):
    assert "the run of export at 2030-01-02T08:00:00Z is RECORDED for good" in crashed(ledger=NeverOver)


class LosesRuns(MemoryLedger):
    def create(self, key, record):
        return None if key.partition.startswith("R#") else super().create(key, record)


def test_a_run_without_a_record(crashed):
    assert "the run of export at 2030-01-02T08:00:00Z has no record" in crashed(ledger=LosesRuns)


class Vanishing(MemoryLedger):
    def sent(self, key, provider_id):
        del self._records[key]
        self._keys[key.partition].remove(key)


def test_a_record_that_vanishes(crashed):
    assert "tell: orders #0 to stdout was accepted, and the ledger does not know of it" in crashed(ledger=Vanishing)


class ThinksItWasSent(MemoryLedger):
    """Believes, after a crash, that whoever has no record was told when the first one was."""

    clock: Any = None

    def create(self, key, record):
        if self.clock.now() > START and self.get(key) is None and self.records(key.partition):
            return record._replace(state="SENT", token="")
        return super().create(key, record)


class ForgetsAtStart(InMemory):
    def apart(self, clock, ids):
        ledger = ThinksItWasSent()
        ledger.clock = clock
        return in_memory(clock, ids)._replace(ledger=ledger)


def test_a_recipient_who_is_left_out_after_a_restart(app):
    @app.notifier("email", recipients=["ann@example.org", "bob@example.org"])
    def mail(message):
        return "told"

    with CronRunner(app, backend=ForgetsAtStart()) as cron, pytest.raises(AssertionError) as caught:
        cron.crash_everywhere("export")
    assert "mail: orders #0 to bob@example.org was never tried" in str(caught.value)


class LosesPublish(MemoryBus):
    def publish(self, topic, messages):
        super().publish(topic, messages[:2])


def test_a_bus_that_loses_a_message(crashed):
    assert "tell: orders #2 is nowhere" in crashed(bus=LosesPublish)


class LosesForward(MemoryBus):
    def forward(self, received, dedup, attributes):
        """Answers, and copies nothing."""


def test_a_bus_that_loses_the_forward(crashed):
    text = crashed(bus=LosesForward)
    assert "without any crash" in text
    assert "tell: orders #1 is REJECTED, and in no dead-letter queue" in text


class ForwardsAll(MemoryBus):
    def delete(self, queue, handle):
        for received in self.peek(queue):
            if received.handle == handle:
                self.forward(received, received.id, {})
        super().delete(queue, handle)


def test_a_bus_that_dead_letters_what_was_delivered(crashed):
    assert "orders #0 is in the dead-letter queue, and nothing is wrong with it" in crashed(bus=ForwardsAll)


class DeletesEarly(MemoryBus):
    def receive(self, queue, limit=10, visibility=None):
        batch = super().receive(queue, limit, visibility)
        for received in batch:
            super().delete(queue, received.handle)
        return batch

    def delete(self, queue, handle):
        """Everything is deleted already."""


def test_a_queue_that_forgets_what_it_hands_out(crashed):
    text = crashed(bus=DeletesEarly)
    assert "after one crash" in text
    assert "tell: orders #0 is nowhere" in text


class LosesPayloads(MemoryPayloads):
    """Keeps what runs recorded, and nothing that a message refers to."""

    def put(self, name, body):
        if b'"payloads"' in body:
            super().put(name, body)


class WithoutPayloads(InMemory):
    def apart(self, clock, ids):
        return in_memory(clock, ids)._replace(payloads=LosesPayloads())


def test_a_payload_that_was_never_put_aside():
    app = CloudCron("shop")

    @app.schedule(topics=["orders"])
    def export():
        return {"orders": {"rows": "x" * 210_000}}

    @app.notifier("print")
    def tell(message):
        return "told"

    with CronRunner(app, backend=WithoutPayloads()) as cron, pytest.raises(AssertionError) as caught:
        cron.crash_everywhere("export")
    assert "without any crash\n  tell: orders #0 came without its payload" in str(caught.value)


class Reversed(MemoryBus):
    def receive(self, queue, limit=10, visibility=None):
        return super().receive(queue, limit, visibility)[::-1]


def test_a_queue_without_order(crashed):
    assert "tell: orders #0 came to stdout after orders #2" in crashed(bus=Reversed)


@pytest.fixture
def publishing(app):
    """A world in which messages of one run came into groups of their own; `run` is what the ledger says of it."""

    def played(*run):
        world = World(set_up(app, "test", None, {}, InMemory()), START, Plan(), script=(Line("tell", Retry("busy")),))
        for record in run:
            world.services.ledger.create(Key("R#export", "!1"), record)
        for number in (1, 3):
            message = Message("orders", {"n": number}, f"own-{number}", "export", "export!1", START, START)
            body = envelope("shop", "test", message)
            world.witness.publish("orders", [Outgoing(message.id, f"group-{number}", body)])
        world.settle(timedelta(days=1))
        return Judge(world).verdict()

    return played


def test_messages_of_one_task_in_groups_of_their_own(publishing):
    verdict = publishing(Record("DONE", "x", at=START.timestamp(), data="{}"))
    assert (verdict.problems, verdict.order_breaks) == (["tell: orders #0 came to stdout after orders #1"], 1)


def test_messages_that_are_published_before_their_run_has_recorded_them(publishing):
    expected = [f"orders #{number} was published before its run had recorded it" for number in (0, 1)]
    assert publishing().problems[:2] == expected
    assert publishing(Record("CLAIMED", "x", at=START.timestamp(), data="{}")).problems[:2] == expected


class Mailing:
    """A shop that mails one order to one person, in a world with one part exchanged."""

    def __init__(self, faults=None, script=(), **parts):
        app = CloudCron("shop")

        @app.schedule(topics=["orders"])
        def export():
            return {"orders": {"n": 1}}

        @app.notifier("email", recipients=["ann@example.org"])
        def mail(message):
            return "told"

        setup = set_up(app, "test", None, {}, InMemory())
        self.world = World(setup, START, faults or Plan(), script=script, services=Planted(**parts).apart)
        self.queue = self.world.queue("mail")

    def run(self):
        self.world.functions.invoke(self.world.setup.task("export"), {})
        self.settle()

    def settle(self):
        self.world.settle(timedelta(days=1))

    def problems(self):
        assert len(self.world.outbox.sent) == 1
        assert not self.world.services.bus.peek(self.world.dead_letters("mail"))
        return Judge(self.world).verdict().problems


class GivesUpSoon(MemoryBus):
    def create_queue(self, name, *, visibility, max_receives, dead_letter):
        return super().create_queue(name, visibility=visibility, max_receives=1, dead_letter=dead_letter)


class DiesOnce:
    """The first delivery ends after its claim."""

    done = False

    def at(self, what, nth):
        if self.done or what[:2] != ("provider", "send"):
            return None
        self.done = True
        return Fault("dies before")


def test_a_healthy_letter_that_is_put_back_in_between():
    shop = Mailing(DiesOnce(), bus=GivesUpSoon)
    shop.run()
    shop.world.services.bus.redrive(shop.world.dead_letters("mail"))
    shop.settle()
    assert shop.problems() == ["mail: orders #0 is in the dead-letter queue, and nothing is wrong with it"]


def test_a_message_that_is_deleted_too_early_and_comes_again():
    shop = Mailing(script=(Line("mail", Retry("busy")),))
    handle = shop.world.functions.handle

    def done(name, event, context):
        handle.function(name, event, context)
        return {"batchItemFailures": []}

    shop.world.functions.handle = handle._replace(function=done)
    shop.run()
    shop.world.functions.handle = handle
    [(_, message)] = shop.world.witness.published.values()
    bus: Any = shop.world.services.bus
    bus.send(shop.queue, message._replace(id="again"), {})
    shop.settle()
    assert shop.problems() == ["mail: orders #0 to ann@example.org was RETRY when its message left the queue"]


class Hopeful(MemoryLedger):
    """Takes a lost answer for a good one."""

    def swap(self, key, expected, record):
        return super().swap(key, expected, record._replace(state="SENT") if record.code == "ambiguous" else record)


class AcceptsLater:
    """The provider takes every call, and a minute for each."""

    def at(self, what, nth):
        return Fault("accepts later", 60.0) if what[0] == "provider" else None


def test_a_mark_before_an_acceptance_that_comes_late():
    shop = Mailing(AcceptsLater(), ledger=Hopeful)
    shop.run()
    [problem] = shop.problems()
    assert problem.endswith(
        "to ann@example.org was SENT when its message left the queue, and the provider accepted it later"
    )


def test_runs_that_the_watch_did_not_hear_of(app):
    setup = set_up(app, "test", None, {}, InMemory())
    world = World(replace(setup, settings=replace(setup.settings, watch="ops")), START, Plan())
    for hour, state in enumerate(["FAILED", "MISSED", "MISSED", "DONE"]):
        run = Record(state, "x", code=state.lower(), at=START.timestamp(), data="{}")
        world.services.ledger.create(naming.run_key("export", START + timedelta(hours=hour), ""), run)
    assert Judge(world).verdict().problems == [
        "2 runs of export were missed, and the watch heard of 0",
        "the run of export at 2030-01-01T00:00:00Z failed, and the watch did not hear of it",
    ]


def test_the_story_tells_what_happened(crashed):
    lines = crashed(ledger=Forgetful).splitlines()
    assert lines[:6] == [
        "crash_everywhere('export'): a guarantee is broken after one crash",
        "  tell: orders #0 to stdout was accepted 2 times; max_ambiguous=0 allows 1",
        "it takes:",
        "  1. the worker dies after provider.send tell: orders #0 to stdout",
        "timeline:",
        "  01-01 00:00:00    1 export, attempt 1 [0]: ledger.create run of export at 2030-01-02T08:00:00Z: CLAIMED",
    ]
    assert "  01-01 00:00:00    4 export, attempt 1 [0]: bus.publish orders: orders #0, orders #1, orders #2" in lines
    died = next(number for number, line in enumerate(lines) if line.endswith("<-- dies after"))
    assert lines[died + 1] == "  01-01 00:05:00    9 maintenance [2]: ledger.open_runs"
