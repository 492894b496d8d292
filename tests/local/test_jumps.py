"""A clock that jumps neither cuts a pause short nor draws it out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.jumps import Jumps, shift
from cloud_cron.ports import Key, Outgoing, Record

START = datetime(2030, 1, 1, tzinfo=UTC)


def test_only_a_jump_is_a_jump():
    clock = [0.0]
    jumps = Jumps(lambda: clock[0])
    seen = []
    for difference in (0.0, 0.4, -0.4, 3600.0, 3600.2, 0.0):
        clock[0] = difference
        seen.append(jumps.latest())

    assert seen == [0.0, 0.0, 0.0, 3600.4, 0.0, -3600.2]


def test_slewing_by_little_steps_is_never_a_jump():
    clock = [0.0]
    jumps = Jumps(lambda: clock[0])
    for number in range(100):
        clock[0] = number / 2
        assert jumps.latest() == 0.0


@pytest.mark.parametrize("hours", [1, -1])
def test_what_was_to_come_comes_after_the_same_time(store, ledger, hours):
    """A message that is hidden for 30 s, a claim of 20 s and a retry in 60 s, when the clock is set by an hour."""
    before = START
    bus = LocalBus(store, VirtualClock(before), RandomIds())
    bus.create_queue("q", visibility=30, max_receives=9, dead_letter=None)
    bus.send("q", Outgoing("m", "g", "x"), {})
    bus.receive("q")
    bus.send("q", Outgoing("n", "other", "x"), {})
    ledger.create(Key("E#n#m", "claim"), Record("CLAIMED", lease=before.timestamp() + 20))
    ledger.create(
        Key("R#t", "retry"), Record("RETRY", not_before=before.timestamp() + 60, lease=before.timestamp() - 9)
    )
    after = before + timedelta(hours=hours)
    shift(store, hours * 3600.0, after.timestamp())

    later = LocalBus(store, VirtualClock(after), RandomIds())
    assert [received.dedup for received in later.receive("q")] == ["n"]
    [(visible_at,)] = store.rows("SELECT visible_at FROM messages WHERE dedup = 'm'")
    assert visible_at == int((after.timestamp() + 30) * 1_000_000)
    claim, retry = ledger.get(Key("E#n#m", "claim")), ledger.get(Key("R#t", "retry"))
    assert claim is not None
    assert retry is not None
    assert claim.lease == after.timestamp() + 20
    assert retry.not_before == after.timestamp() + 60
    assert retry.lease == min(before.timestamp() - 9, after.timestamp())


@pytest.mark.parametrize("hours", [1, -1])
def test_what_is_sent_before_the_jump_is_noticed_is_there_at_once_and_stays_there(store, hours):
    clock = VirtualClock(START + timedelta(hours=hours))
    bus = LocalBus(store, clock, RandomIds())
    bus.create_queue("q", visibility=30, max_receives=9, dead_letter=None)
    bus.send("q", Outgoing("m", "g", "x"), {})
    noticed = clock.now() + timedelta(seconds=2)
    shift(store, hours * 3600.0, noticed.timestamp())

    clock.set(noticed)
    assert [received.dedup for received in bus.receive("q", visibility=0)] == ["m"]
    back = noticed - timedelta(hours=hours)
    shift(store, hours * -3600.0, back.timestamp())
    assert [received.dedup for received in LocalBus(store, VirtualClock(back), RandomIds()).receive("q")] == ["m"]
