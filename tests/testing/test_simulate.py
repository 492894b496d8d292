from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest

from cloud_cron import SKIP, CloudCron, Email, Permanent
from cloud_cron.errors import DeclarationError
from cloud_cron.testing import CronRunner
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.simulator.ledger import MemoryLedger
from cloud_cron.testing.simulator.services import in_memory


@pytest.fixture
def app():
    app = CloudCron("shop")

    @app.schedule("rate(2 hours)", topics=["orders"])
    def export(run):
        return {"orders": [{"n": 1}, {"n": 2}]}

    @app.notifier("email", recipients=["ann@example.org", "bob@example.org"])
    def mail(message):
        return Email("order", f"order {message.payload['n']}")

    return app


def test_without_faults_everybody_is_told_once(app):
    with CronRunner(app) as cron:
        report = cron.simulate(days=1, faults="none", seeds=1)
    assert (report.seeds, report.runs, report.effects, report.calls > 300) == (1, 12, 48, True)
    assert (report.faults, report.crashes, report.max_acceptances) == (0, 0, 1)
    assert (report.lost, report.duplicates, report.doubt, report.order_breaks) == (0, 0, 0, 0)


def test_rough_days_lose_nothing(app):
    with CronRunner(app) as cron:
        report = cron.simulate(days=1, faults="rough", seeds=5)
    assert report.seeds == 5
    assert report.crashes > 10
    assert report.faults > 100
    assert (report.lost, report.order_breaks, report.max_acceptances) == (0, 0, 2)


def test_a_seed_makes_the_same_world_again(app):
    with CronRunner(app) as cron:
        reports = [cron.simulate(days=1, faults="rough", seed=7) for _ in range(2)]
    assert reports[0] == reports[1]
    assert reports[0].faults > 10


def test_a_level_that_there_is_not(app):
    level: Any = "ruogh"
    with CronRunner(app) as cron, pytest.raises(DeclarationError, match=r"CC733.*did you mean 'rough'"):
        cron.simulate(faults=level)


def test_the_runner_itself_stays_as_it_was(app):
    with CronRunner(app) as cron:
        now = cron.now
        cron.simulate(days=1, seeds=1)
        assert (cron.now, cron.outbox, cron.published("orders")) == (now, [], [])


def test_notifiers_that_choose_refuse_and_raise_are_part_of_it(app):
    calls = []

    @app.notifier("print", attempts=3, topics=["orders"])
    def decide(message):
        calls.append(message.id)
        match message.payload["n"], len(calls) % 3:
            case 1, 0:
                raise OSError
            case 2, _:
                raise Permanent("no such order")
        return "told"

    @app.notifier("email", allow_recipients=["example.org"], topics=["orders"])
    def choose(message):
        return Email("order", "text", to=[f"n{message.payload['n']}@example.org"])

    with CronRunner(app) as cron:
        report = cron.simulate(days=1, faults="rough", seeds=2)
    assert (report.lost, report.order_breaks) == (0, 0)


class Generous(MemoryLedger):
    """A claim that was never settled is anybody's, and nobody counts that."""

    def create(self, key, record):
        found = super().create(key, record)
        if found and found.state == "CLAIMED" and key.partition.startswith("E#"):
            assert self.swap(key, found, record)
            return None
        return found


class Broken(InMemory):
    """The backend of a test whose worlds have another ledger."""

    def apart(self, clock, ids):
        return in_memory(clock, ids)._replace(ledger=Generous())


def test_what_breaks_is_told_with_its_seed_its_shortest_faults_and_what_happened(app):
    with CronRunner(app, backend=Broken()) as cron:
        with pytest.raises(AssertionError) as caught:
            cron.simulate(days=0.5, faults="rough", seeds=40)
        lines = str(caught.value).splitlines()
        seed = int(lines[0].split()[1].rstrip(":"))
        with pytest.raises(AssertionError) as again:
            cron.simulate(days=0.5, faults="rough", seed=seed)
    assert str(again.value) == str(caught.value)
    assert lines[0].endswith(": a guarantee is broken")
    faults = lines[lines.index("it takes:") + 1 : lines.index("timeline:")]
    assert 1 <= len(faults) <= 4
    assert sum("<--" in line for line in lines) == len(faults)


def test_what_needs_no_fault_is_told_with_its_reason_and_every_call_about_the_first_broken_message():
    app = CloudCron("shop")
    calls: Counter[str] = Counter()

    @app.schedule("rate(2 hours)", topics=["orders"])
    def export():
        return {"orders": [{"n": 1}, {"n": 2}]}

    @app.notifier("email", recipients=["ann@example.org"], attempts=1)
    def mail(message):
        calls[message.id] += 1
        if message.payload["n"] == 2 and calls[message.id] % 2:
            raise LookupError("no such order")
        return "order"

    with CronRunner(app) as cron, pytest.raises(AssertionError) as caught:
        cron.simulate(days=0.5, faults="none", seeds=1)
    lines = str(caught.value).splitlines()
    broken, needs, timeline = lines[1], lines.index("it takes no fault at all"), lines[lines.index("timeline:") + 1 :]
    why = "LookupError: no such order at test_simulate.py"
    assert broken.startswith(f"  mail: orders #1 is REJECTED, and nobody refused it: {why}:")
    assert needs < 10
    told = [line for line in timeline if "........" not in line]
    assert all("orders #1" in line and "orders #10" not in line for line in told)
    assert [line.rpartition(": ")[2] for line in told if "ledger.create" in line] == ["REJECTED"]


def test_what_breaks_once_and_never_again_is_told_as_it_was():
    app, called = CloudCron("shop"), set()

    @app.schedule("rate(2 hours)", topics=["orders"])
    def export():
        return {"orders": {"n": 1}}

    @app.notifier("email", recipients=["ann@example.org", "bob@example.org"])
    def mail(message):
        if message.id in called:
            return SKIP
        called.add(message.id)
        return "order"

    with CronRunner(app) as cron, pytest.raises(AssertionError) as caught:
        cron.simulate(days=2, faults="rough", seed=0)
    lines = str(caught.value).splitlines()
    assert lines[0] == "seed 0: a guarantee is broken"
    assert lines[1].startswith("  mail: orders #")
    assert "played again with the same faults, nothing breaks:" in lines
    assert len(lines) < 20


def test_a_report_is_a_value(app):
    with CronRunner(app) as cron:
        report = cron.simulate(days=0.5, seeds=1)
    assert list(asdict(report))[:9] == [
        "seeds", "runs", "effects", "crashes", "lost", "max_acceptances", "duplicates", "doubt", "order_breaks",
    ]  # fmt: skip
