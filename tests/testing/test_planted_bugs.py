"""The crash test, tested: each of these breaks one part, and must be told by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud_cron import CloudCron, Permanent
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.testing import CronRunner
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.runner import START


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

    def __init__(self, bus=LocalBus, ledger=SqliteLedger):
        self._bus = bus
        self._ledger = ledger

    def connect(self, store, clock, ids):
        return self._bus(store, clock, ids), self._ledger(store)


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
    assert report.crashes == report.points > 40
    assert (report.lost, report.deliveries, report.max_acceptances) == (0, 2, 1)


class Forgetful(SqliteLedger):
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
    assert "the process died after provider.send tell: orders #0 to stdout" in text


class NeverSettles(SqliteLedger):
    def sent(self, key, provider_id):
        """Answers, and writes nothing."""


def test_a_ledger_that_does_not_write_sent(crashed):
    assert "without any crash\n  tell: orders #0 to stdout is CLAIMED for good" in crashed(ledger=NeverSettles)


class WritesSentEarly(SqliteLedger):
    def create(self, key, record):
        early = replace(record, state="SENT") if key.partition.startswith("E#tell") and key.sort != "*" else record
        return super().create(key, early)


def test_a_mark_before_the_call(crashed):
    text = crashed(ledger=WritesSentEarly)
    assert "tell: orders #0 to stdout is SENT, but the provider never accepted it" in text


class NeverOver(SqliteLedger):
    def swap(self, key, expected, record):
        return record.state == "DONE" or super().swap(key, expected, record)


def test_a_run_that_never_ends(crashed):
    assert "the run of export is RECORDED for good" in crashed(ledger=NeverOver)


class LosesRuns(SqliteLedger):
    def create(self, key, record):
        return None if key.partition.startswith("R#") else super().create(key, record)


def test_a_run_without_a_record(crashed):
    assert "0 records of the one run of export" in crashed(ledger=LosesRuns)


class Vanishing(SqliteLedger):
    def __init__(self, store):
        super().__init__(store)
        self._everything = store

    def sent(self, key, provider_id):
        self._everything.change("DELETE FROM ledger WHERE partition = ? AND sort = ?", key)


def test_a_record_that_vanishes(crashed):
    assert "tell: orders #0 to stdout was accepted, and the ledger does not know of it" in crashed(ledger=Vanishing)


class ThinksItWasSent(SqliteLedger):
    """Believes that whoever has no record was told when the first one was."""

    def create(self, key, record):
        if self.get(key) is None and self.records(key.partition):
            return replace(record, state="SENT", token="")
        return super().create(key, record)


class ForgetsAtStart(InMemory):
    def connect(self, store, clock, ids):
        bus, ledger = super().connect(store, clock, ids)
        return bus, ledger if clock.now() == START else ThinksItWasSent(store)


def test_a_recipient_who_is_left_out_after_a_restart(app):
    @app.notifier("email", recipients=["ann@example.org", "bob@example.org"])
    def mail(message):
        return "told"

    with CronRunner(app, backend=ForgetsAtStart()) as cron, pytest.raises(AssertionError) as caught:
        cron.crash_everywhere("export")
    assert "mail: orders #0 to bob@example.org was never tried" in str(caught.value)


class LosesPublish(LocalBus):
    def publish(self, topic, messages):
        super().publish(topic, messages[:2])


def test_a_bus_that_loses_a_message(crashed):
    assert "tell: orders #2 is nowhere" in crashed(bus=LosesPublish)


class LosesForward(LocalBus):
    def forward(self, received, dedup, attributes):
        """Answers, and copies nothing."""


def test_a_bus_that_loses_the_forward(crashed):
    text = crashed(bus=LosesForward)
    assert "without any crash" in text
    assert "tell: orders #1 is REJECTED, and in no dead-letter queue" in text


class ForwardsLate(LocalBus):
    """Keeps the copy in the process until the message is deleted, as a delivery would that marks before it forwards."""

    def __init__(self, *args):
        super().__init__(*args)
        self.kept = []

    def forward(self, received, dedup, attributes):
        self.kept.append((received, dedup, attributes))

    def delete(self, queue, handle):
        super().delete(queue, handle)
        for kept in self.kept:
            super().forward(*kept)
        self.kept.clear()


def test_a_mark_before_the_forward(crashed):
    text = crashed(bus=ForwardsLate)
    assert "tell: orders #1 is REJECTED, and in no dead-letter queue" in text
    assert "the process died after ledger.swap tell: orders #1: REJECTED -> REJECTED forwarded" in text


class ForwardsAll(LocalBus):
    def delete(self, queue, handle):
        for received in self.peek(queue):
            if received.handle == handle:
                self.forward(received, received.id, {})
        super().delete(queue, handle)


def test_a_bus_that_dead_letters_what_was_delivered(crashed):
    assert "orders #0 is in the dead-letter queue, and nothing is wrong with it" in crashed(bus=ForwardsAll)


class DeletesEarly(LocalBus):
    def receive(self, queue, limit=10, visibility=None):
        batch = super().receive(queue, limit, visibility)
        for received in batch:
            super().delete(queue, received.handle)
        return batch

    def delete(self, queue, handle):
        """Everything is deleted already."""


def test_a_queue_that_forgets_what_it_hands_out(crashed):
    text = crashed(bus=DeletesEarly)
    assert "after one crash, after call" in text
    assert "tell: orders #0 is nowhere" in text


class Reversed(LocalBus):
    def receive(self, queue, limit=10, visibility=None):
        return super().receive(queue, limit, visibility)[::-1]


def test_a_queue_without_order(crashed):
    assert "tell: orders #0 came to stdout after orders #2" in crashed(bus=Reversed)


def test_the_story_tells_what_happened(crashed):
    lines = crashed(bus=ForwardsLate).splitlines()
    assert lines[0] == "crash_everywhere('export'): a guarantee is broken after one crash, after call 14"
    assert lines[3:6] == [
        "timeline:",
        "  00:00:00    1 ledger.create run of export: CLAIMED",
        "  00:00:00    2 ledger.create lock of export: HELD",
    ]
    assert "  00:00:00    4 bus.publish orders: orders #0, orders #1, orders #2" in lines
    restart = lines.index("  -------- the process died, and starts again")
    assert lines[restart + 1].startswith("  00:01:00    1 ")
