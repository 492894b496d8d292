"""What every ledger does. A further one is a further line in `LEDGERS`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.errors import StoreError
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Record
from cloud_cron.testing.simulator.ledger import MemoryLedger
from tests.aws.dynamodb import table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cloud_cron.ports import Ledger


@contextmanager
def in_a_table(_: Path) -> Iterator[Ledger]:
    with table() as (client, name):
        yield DynamoLedger(client, name, clock=VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)), horizon=3_024_000)


@contextmanager
def in_memory(_: Path) -> Iterator[Ledger]:
    with Store() as store:
        yield SqliteLedger(store)


@contextmanager
def in_a_file(folder: Path) -> Iterator[Ledger]:
    with Store(folder / "stage.db") as store:
        yield SqliteLedger(store)


@contextmanager
def in_dictionaries(_: Path) -> Iterator[Ledger]:
    yield MemoryLedger()


LEDGERS = [
    pytest.param(in_dictionaries, id="dictionaries"),
    pytest.param(in_memory, id="sqlite-memory"),
    pytest.param(in_a_file, id="sqlite-file"),
    pytest.param(in_a_table, id="dynamodb", marks=pytest.mark.moto),
]

KEY = Key("E#mail#m1", "recipient")
FULL = Record(
    state="RETRY", token="t1", lease=1.5, attempts=2, ambiguous=1, not_before=3.25, source="sqs-1", digest="d",
    provider_id="p", accepts=4, forwarded=True, code="CC1", reason="no ✉", at=1_893_456_000.123, data='{"a": 1}',
)  # fmt: skip
CLAIM = Record("CLAIMED", token="t1", lease=15.0, attempts=1, source="sqs-1")


@pytest.fixture(params=LEDGERS)
def ledger(request, tmp_path):
    with request.param(tmp_path) as ledger:
        yield ledger


def test_every_field_comes_back_as_it_was(ledger):
    assert ledger.get(KEY) is None
    assert ledger.create(KEY, FULL) is None
    found = ledger.get(KEY)
    assert found == FULL
    assert repr(found) == repr(FULL)


def test_a_key_that_is_taken_shows_who_has_it(ledger):
    ledger.create(KEY, CLAIM)
    assert ledger.create(KEY, CLAIM._replace(token="t2")) == CLAIM
    assert ledger.get(KEY) == CLAIM


def test_a_claim_whose_answer_was_lost_can_be_written_again(ledger):
    ledger.create(KEY, CLAIM)
    assert ledger.create(KEY, CLAIM._replace(lease=30.0)) is None
    assert ledger.get(KEY) == CLAIM._replace(lease=30.0)


def test_an_empty_token_is_nobodys_own(ledger):
    missed = Record("MISSED")
    assert ledger.create(KEY, missed) is None
    assert ledger.create(KEY, Record("SKIPPED")) == missed


def test_keys_of_one_partition_are_apart(ledger):
    assert ledger.create(KEY, CLAIM) is None
    assert ledger.create(Key(KEY.partition, "other"), CLAIM) is None
    assert ledger.create(Key("E#mail#m2", KEY.sort), CLAIM) is None


def test_a_swap_replaces_everything(ledger):
    ledger.create(KEY, CLAIM)
    assert ledger.swap(KEY, CLAIM, FULL) is True
    assert ledger.get(KEY) == FULL


@pytest.mark.parametrize(
    "expected", [CLAIM._replace(state="RETRY"), CLAIM._replace(token="t2"), CLAIM._replace(token="")]
)
def test_a_swap_that_expects_something_else_changes_nothing(ledger, expected):
    ledger.create(KEY, CLAIM)
    assert ledger.swap(KEY, expected, FULL) is False
    assert ledger.get(KEY) == CLAIM


def test_a_swap_looks_at_state_and_token_only(ledger):
    ledger.create(KEY, CLAIM)
    assert ledger.swap(KEY, CLAIM._replace(lease=99.0, attempts=7), FULL) is True


def test_a_swap_of_nothing_is_none(ledger):
    assert ledger.swap(KEY, CLAIM, FULL) is False
    assert ledger.get(KEY) is None


@pytest.mark.parametrize("state", ["CLAIMED", "RETRY", "DOUBT", "REJECTED", "STALE"])
def test_sent_wins_whatever_the_state(ledger, state):
    ledger.create(KEY, FULL._replace(state=state))
    ledger.sent(KEY, "provider-9")
    assert ledger.get(KEY) == FULL._replace(state="SENT", provider_id="provider-9", accepts=5)


def test_a_second_acceptance_is_counted(ledger):
    ledger.create(KEY, CLAIM)
    ledger.sent(KEY, "first")
    ledger.sent(KEY, "second")
    found = ledger.get(KEY)
    assert (found.state, found.accepts, found.provider_id) == ("SENT", 2, "second")


def test_no_move_leaves_sent(ledger):
    ledger.create(KEY, CLAIM)
    ledger.sent(KEY, "first")
    sent = ledger.get(KEY)
    assert ledger.swap(KEY, CLAIM, CLAIM._replace(state="RETRY")) is False
    assert ledger.swap(KEY, sent, sent._replace(state="RETRY")) is False
    assert ledger.create(KEY, CLAIM) == sent
    assert ledger.get(KEY) == sent


def test_sent_needs_a_record(ledger):
    with pytest.raises(StoreError):
        ledger.sent(KEY, "provider-9")
    assert ledger.get(KEY) is None


def test_records_of_a_partition_come_in_the_order_of_their_sort_keys(ledger):
    for sort in ("b", "a", "c"):
        ledger.create(Key("R#report", sort), CLAIM._replace(data=sort))
    ledger.create(Key("R#report2", "a"), CLAIM)
    found = ledger.records("R#report")
    assert [(key, record.data) for key, record in found] == [(Key("R#report", sort), sort) for sort in "abc"]
    assert ledger.records("R#") == []


def test_the_latest_is_the_one_with_the_greatest_time(ledger):
    for sort, at, state in [("a", 2.0, "DONE"), ("b", 9.0, "FAILED"), ("c", 5.0, "DONE"), ("d", 3.0, "DONE")]:
        ledger.create(Key("L#report", sort), Record(state, at=at, data=sort))
    ledger.create(Key("L#report2", "z"), Record("DONE", at=99.0))
    assert ledger.latest("L#report", "DONE") == Record("DONE", at=5.0, data="c")
    assert ledger.latest("L#report", "SKIPPED") is None


@pytest.mark.parametrize("on_demand", [2.0, 8.0])
def test_the_latest_run_is_that_of_the_last_time_or_the_last_one_on_demand(ledger, on_demand):
    due = [("2030-01-01T08:00:00Z", 1.0, "DONE"), ("2030-01-02T08:00:00Z", 5.0, "DONE")]
    later = [("2030-01-03T08:00:00Z", 7.0, "FAILED"), ("!f00", on_demand, "DONE"), ("!abc", 0.5, "DONE")]
    for sort, at, state in [*due, *later]:
        ledger.create(Key("R#report", sort), Record(state, at=at, data=sort))
    ledger.create(Key("R#report2", "2031-01-01T08:00:00Z"), Record("DONE", at=99.0))
    found = ledger.latest("R#report", "DONE")
    assert found == Record("DONE", at=max(5.0, on_demand), data="!f00" if on_demand > 5 else "2030-01-02T08:00:00Z")
    assert ledger.latest("R#report", "SKIPPED") is None


def test_open_runs_are_those_not_finished_oldest_first(ledger):
    rows = [
        ("R#b", "1", "RETRY", 7.0), ("R#a", "1", "CLAIMED", 9.0), ("R#a", "2", "RECORDED", 8.0),
        ("R#a", "3", "DONE", 1.0), ("R#a", "4", "FAILED", 1.0), ("R#a", "5", "SKIPPED", 1.0),
        ("E#a", "1", "CLAIMED", 1.0), ("L#a", "1", "CLAIMED", 1.0), ("R", "1", "CLAIMED", 1.0),
        ("R$", "1", "RETRY", 1.0),
    ]  # fmt: skip
    for partition, sort, state, at in rows:
        ledger.create(Key(partition, sort), Record(state, at=at))
    assert ledger.open_runs() == [
        (Key("R#b", "1"), Record("RETRY", at=7.0)),
        (Key("R#a", "2"), Record("RECORDED", at=8.0)),
        (Key("R#a", "1"), Record("CLAIMED", at=9.0)),
    ]
    assert [key.sort for key, _ in ledger.open_runs("R#a")] == ["2", "1"]
    assert ledger.open_runs("R#none") == []


def test_a_run_is_open_until_its_state_says_otherwise(ledger):
    key, run = Key("R#a", "1"), Record("CLAIMED", token="t1", at=1.0)
    ledger.create(key, run)
    recorded = run._replace(state="RECORDED", data="x" * 100_000)
    ledger.swap(key, run, recorded)
    assert ledger.open_runs() == [(key, recorded)]
    ledger.swap(key, recorded, run._replace(state="DONE"))
    assert ledger.open_runs() == []
