"""The texts of a day, counted in a ledger that several processes share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.channels.daily import PARTITION, Daily
from cloud_cron.channels.sms import SmsContent
from cloud_cron.errors import ChannelDown, StoreError
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Ports
from tests.aws.dynamodb import table
from tests.channels.twilio_server import Twilio, refusal, sending, serving

if TYPE_CHECKING:
    from cloud_cron.ports import Ledger

EVENING = datetime(2030, 1, 1, 22, tzinfo=UTC)


@pytest.fixture
def clock():
    return VirtualClock(EVENING)


@pytest.fixture(params=["sqlite", pytest.param("dynamodb", marks=pytest.mark.moto)])
def ledger(request, clock):
    if request.param == "sqlite":
        with Store() as store:
            yield SqliteLedger(store)
        return
    with table() as (client, name):
        yield DynamoLedger(client, name, clock=clock, horizon=86_400.0)


def daily(ledger: Any, clock: VirtualClock, limit: int | None, seed: int = 1) -> Daily:
    ids = RandomIds(Random(seed))
    return Daily(Ports(None, ledger, clock, ids, None, None, None, payloads=None), limit)  # type: ignore[arg-type]


def count(ledger: Ledger, day: str = "2030-01-01") -> int:
    found = ledger.get(Key(PARTITION, day))
    return found.attempts if found else 0


def test_a_day_has_so_many_places_for_everybody_and_the_next_one_as_many(ledger, clock):
    one, other = daily(ledger, clock, 3), daily(ledger, clock, 3, seed=2)
    one.take()
    other.take()
    one.take()
    with pytest.raises(ChannelDown) as caught:
        other.take()
    assert "the daily limit of 3 texts is reached; it begins anew at 2030-01-02 00:00 UTC" in caught.value.reason
    assert caught.value.after == 2 * 3600.0
    clock.set(EVENING + timedelta(hours=2))
    other.take()
    assert (count(ledger), count(ledger, "2030-01-02")) == (3, 1)


def test_a_place_that_was_given_back_is_free_again(ledger, clock):
    day = daily(ledger, clock, 1)
    day.take()
    day.give_back()
    day.take()
    assert count(ledger) == 1
    clock.set(EVENING + timedelta(hours=2))
    day.give_back()
    assert (count(ledger), count(ledger, "2030-01-02")) == (1, 0)


def test_without_a_limit_nothing_is_counted(clock):
    day = daily(None, clock, None)
    day.take()
    day.give_back()


def test_many_at_once_never_take_more_than_there_are(clock, tmp_path):
    with Store(tmp_path / "ledger.db") as store, ThreadPoolExecutor(8) as pool:
        ledger = SqliteLedger(store)

        def take(seed: int) -> bool:
            try:
                daily(ledger, clock, 10, seed).take()
            except ChannelDown:
                return False
            return True

        assert sum(pool.map(take, range(40))) == count(ledger) <= 10


class Away:
    """A ledger that cannot be reached."""

    def get(self, key: Key) -> None:
        raise StoreError("CC908", "the table does not answer")


def test_a_ledger_that_is_away_stops_the_channel_and_nothing_is_in_doubt(clock):
    with pytest.raises(ChannelDown, match="cannot be counted: the table does not answer"):
        daily(Away(), clock, 5).take()
    daily(Away(), clock, 5).give_back()


def test_a_text_counts_unless_it_was_certainly_not_sent():
    twilio = Twilio()
    with Store() as store, serving(twilio) as port, sending(port, ledger=SqliteLedger(store), daily_limit=2) as way:
        twilio.answers = [refusal(400, 21610), refusal(429, 20429), refusal(500, None)]
        outcomes = []
        for _ in range(5):
            try:
                outcomes.append(way.send(SmsContent("x", 1), "+12025550123", "k", 5.0).id[:2])
            except Exception as error:  # noqa: BLE001 - whatever comes is compared
                outcomes.append(type(error).__name__)
        assert outcomes == ["Permanent", "Retry", "Ambiguous", "SM", "ChannelDown"]
        assert (len(twilio.texts), count(SqliteLedger(store))) == (1, 2)
