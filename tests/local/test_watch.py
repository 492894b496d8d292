from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cloud_cron import CloudCron, Permanent
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.store import Store

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def watched():
    """Makes the engine of an app, on a database that is closed in the end, and the clock that it goes by."""
    with Store() as store:

        def make(app: CloudCron) -> tuple[Engine, VirtualClock]:
            clock, ids = VirtualClock(START), RandomIds(Random(1))
            bus, ledger = LocalBus(store, clock, ids), SqliteLedger(store)
            ports = (bus, ledger, clock, ids, MachineSecrets())
            host = Host("test", None, *ports, watch="ops", payloads=SqlitePayloads(store, clock))
            return Engine(app, app.model(), host), clock

        yield make


@pytest.fixture
def app() -> CloudCron:
    app = CloudCron("shop")

    @app.schedule("rate(1 day)", topics=["orders"], retries=1)
    def count():
        return {"orders": {"n": 3}}

    @app.notifier("email", topics=["ops"], recipients=["ops@example.org"], name="people")
    def tell(message):
        return f"{message.payload['kind']}: {message.payload['error']['message']}"

    return app


def test_a_run_is_told_of_after_its_last_attempt_only(app: CloudCron, watched):
    @app.schedule("rate(1 hour)", retries=1)
    def breaks():
        raise ValueError("no such table")

    engine, clock = watched(app)
    clock.set(START + timedelta(hours=1))
    engine.work()
    assert engine.outbox.sent == []
    clock.set(START + timedelta(hours=1, minutes=2))
    engine.work()
    [sent] = engine.outbox.sent
    payload = sent.message.payload
    assert payload["kind"] == "failed"
    assert payload["task"] == "breaks"
    assert payload["run_id"] == "breaks@2030-01-01T01:00:00Z"
    assert payload["scheduled_at"] == "2030-01-01T01:00:00Z"
    assert payload["error"]["type"] == "ValueError"
    assert "no such table" in sent.content.text


def test_dead_letters_are_told_once_for_each_batch(app: CloudCron, watched):
    @app.notifier("print", topics=["orders"], recipients=["stdout"])
    def refuse(message):
        raise Permanent("we do not take orders")

    engine, _ = watched(app)
    engine.run("count")
    engine.deliver()
    [sent] = engine.outbox.sent
    assert sent.message.payload["kind"] == "dead"
    assert sent.message.payload["notifier"] == "refuse"
    assert sent.message.payload["count"] == 1
    assert sent.message.payload["error"] == {"type": "permanent", "message": "we do not take orders"}


def test_a_dead_letter_of_the_watch_itself_causes_no_other(watched):
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", retries=0)
    def breaks():
        raise ValueError("no such table")

    @app.notifier("print", topics=["ops"], recipients=["stdout"])
    def refuse(message):
        raise Permanent("nobody is here")

    engine, _ = watched(app)
    with pytest.raises(ValueError, match="no such table"):
        engine.run("breaks")
    assert [delivery.status for delivery in engine.deliver()] == ["rejected"]
    assert engine.deliver() == []


def test_a_function_sees_its_own_environment_variables(monkeypatch: pytest.MonkeyPatch, watched):
    monkeypatch.delenv("TABLE", raising=False)
    app = CloudCron("shop")
    seen = []

    @app.schedule("rate(1 hour)", topics=["orders"], env={"TABLE": "orders"})
    def count():
        seen.append(os.environ.get("TABLE"))
        return {"orders": {"n": 3}}

    @app.notifier("print", topics=["orders"], recipients=["stdout"], env={"TABLE": "people"})
    def tell(message):
        seen.append(os.environ.get("TABLE"))
        return "hello"

    engine, _ = watched(app)
    engine.run("count")
    engine.deliver()
    assert seen == ["orders", "people"]
    assert "TABLE" not in os.environ
