"""What is over and old is forgotten, a little at a time; nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud_cron import CloudCron, Message
from cloud_cron.channels.console import PrintContent
from cloud_cron.local import mailbox, upkeep
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.store import Store
from cloud_cron.local.upkeep import Upkeep
from cloud_cron.ports import Key, Outgoing, Record

DAY = 86_400.0
NOW = datetime(2030, 3, 1, tzinfo=UTC).timestamp()


def made() -> CloudCron:
    app = CloudCron("shop")
    app.schedule("at(2029-01-01T00:00:00)", name="once")(lambda: None)
    app.schedule("rate(1 hour)", name="often")(lambda: None)
    return app


@pytest.fixture
def keeper(store) -> Upkeep:
    return Upkeep(store, made().model(), 35 * DAY)


def rounds(keeper: Upkeep, store) -> int:
    """As many steps as it takes to look at everything."""
    [(rows,)] = store.rows("SELECT count(*) FROM ledger")
    return sum(keeper.step(NOW) for _ in range(2 + rows // (upkeep.STEP * upkeep.STEPS)))


def test_what_is_over_and_beyond_the_horizon_is_forgotten(store, ledger, keeper):
    for state in ("SENT", "REJECTED", "DOUBT", "DONE", "FAILED", "SKIPPED", "MISSED", "STALE"):
        ledger.create(Key("E#n#old", state), Record(state, at=NOW - 36 * DAY))
        ledger.create(Key("R#often", state), Record(state, at=NOW - 36 * DAY))
        ledger.create(Key("E#n#new", state), Record(state, at=NOW - 34 * DAY))

    assert rounds(keeper, store) == 16
    assert len(ledger.records("E#n#new")) == 8


def test_what_is_not_over_stays_however_old(store, ledger, keeper):
    for state in ("CLAIMED", "RECORDED", "RETRY"):
        ledger.create(Key("R#often", state), Record(state, at=NOW - 400 * DAY))
    ledger.create(Key("L#often", "lock"), Record("FREE", at=NOW - 400 * DAY))
    ledger.create(Key("R#once", "2029"), Record("DONE", at=NOW - 400 * DAY))

    assert rounds(keeper, store) == 0
    assert len(ledger.open_runs()) == 3
    assert ledger.get(Key("R#once", "2029")) is not None
    assert ledger.get(Key("L#often", "lock")) is not None


def test_a_large_ledger_is_walked_through_to_its_end_and_again(store, ledger, keeper):
    with store.transaction():
        for number in range(30_000):
            ledger.create(Key(f"E#n#{number:06}", "x"), Record("SENT", at=NOW - 36 * DAY * (number % 2)))
    assert rounds(keeper, store) == 15_000

    ledger.create(Key("E#a#first", "x"), Record("SENT", at=NOW - 36 * DAY))
    assert rounds(keeper, store) == 1


def test_expired_messages_and_old_letters_go(store, keeper):
    clock = VirtualClock(datetime(2030, 2, 1, tzinfo=UTC))
    bus = LocalBus(store, clock, RandomIds())
    bus.create_queue("dead", visibility=30, max_receives=5, dead_letter=None, retention=14 * 86_400)
    bus.send("dead", Outgoing("old", "g", "x"), {})
    clock.set(datetime(2030, 2, 27, tzinfo=UTC))
    bus.send("dead", Outgoing("new", "g", "x"), {})
    outbox = mailbox.StoredOutbox(store, clock, {"n": "print"})
    sender = outbox.sender("n", Message("t", {}, "m"))
    for _ in range(mailbox.KEPT + 5):
        sender.send(PrintContent("x"), "stdout", "key", 1.0)
    keeper.step(NOW)

    assert store.rows("SELECT dedup FROM messages") == [("new",)]
    assert mailbox.count(store) == mailbox.KEPT


def test_old_payloads_go_unless_a_record_leads_to_them(store, ledger, keeper):
    clock = VirtualClock(datetime(2029, 1, 1, tzinfo=UTC))
    payloads = SqlitePayloads(store, clock)
    for name in ("old", "open", "once", "again"):
        payloads.put(name, b"x")
    ledger.create(Key("R#often", "1"), Record("RECORDED", at=NOW - 400 * DAY, digest="open"))
    ledger.create(Key("R#once", "2029"), Record("DONE", at=NOW - 400 * DAY, digest="once"))
    ledger.create(Key("R#often", "2"), Record("DONE", at=NOW - 30 * DAY, digest="new"))
    clock.set(datetime(2030, 2, 1, tzinfo=UTC))
    for name in ("again", "new"):
        payloads.put(name, b"x")
    rounds(keeper, store)

    assert store.rows("SELECT name FROM payloads ORDER BY name") == [("again",), ("new",), ("once",), ("open",)]


def test_room_that_is_free_goes_back_to_the_file_system(tmp_path):
    path = tmp_path / "x.db"
    with Store(path) as store:
        ledger = SqliteLedger(store)
        with store.transaction():
            for number in range(20_000):
                ledger.create(Key(f"E#n#{number}", "x"), Record("SENT", at=0.0, data="x" * 500))
        keeper = Upkeep(store, made().model(), 35 * DAY)
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        before = path.stat().st_size
        for _ in range(30):
            keeper.step(NOW)
        store.rows("PRAGMA wal_checkpoint(TRUNCATE)")

    assert path.stat().st_size < before / 3


def test_an_empty_ledger_is_looked_at_again_and_again(store, ledger, keeper):
    assert [keeper.step(NOW) for _ in range(2)] == [0, 0]
    ledger.create(Key("E#n#old", "x"), Record("SENT", at=NOW - 36 * DAY))
    assert sum(keeper.step(NOW) for _ in range(2)) == 1
