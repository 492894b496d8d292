"""What is the table's own: what an item holds and for how long, open runs, lost answers, and refusals in words."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.core.models import botocore_stubber

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.errors import StoreError
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Record
from tests.aws.dynamodb import table
from tests.trying import examples

pytestmark = pytest.mark.moto

LOST = object()
NOW = datetime(2030, 1, 1, tzinfo=UTC)
HORIZON = 3_024_000
DELIVERY, RUN = Key("E#mail#m1", "recipient"), Key("R#report", "2030-01-01T08:00:00Z")
JSON: Any = {"content-type": "application/x-amz-json-1.0"}
CLAIM = Record("CLAIMED", "t1", 1_893_456_060.5, attempts=1, source="request-1")


def ledger_on(client, name, **more) -> DynamoLedger:
    return DynamoLedger(client, name, clock=VirtualClock(NOW), horizon=HORIZON, **more)


def rows(client, name) -> dict[str, dict[str, Any]]:
    return {f"{row['pk']['S']}/{row['sk']['S']}": row for row in client.scan(TableName=name)["Items"]}


@contextmanager
def answered(client, operation, *answers):
    """The first calls are answered so; `LOST` is a call that is done, and whose answer never comes."""
    left = list(answers)

    def before(request, event_name, **_):
        answer = left.pop(0) if left else None
        if answer is LOST:
            botocore_stubber(event_name, request)
            raise ReadTimeoutError(endpoint_url="http://dynamodb")
        return answer

    client.meta.events.register_first(f"before-send.dynamodb.{operation}", before)
    try:
        yield
    finally:
        client.meta.events.unregister(f"before-send.dynamodb.{operation}", before)


class Body:
    def __init__(self, text: str) -> None:
        self.text = text.encode()

    def stream(self, *_, **__):
        return iter([self.text])


def refusal(code: str, status: int = 400) -> AWSResponse:
    body = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}}'
    return AWSResponse("http://dynamodb", status, JSON, Body(body))


def test_an_item_holds_what_is_not_the_default_and_when_it_may_go():
    with table() as (client, name):
        ledger_on(client, name).create(DELIVERY, CLAIM)
        assert rows(client, name) == {
            "E#mail#m1/recipient": {
                "pk": {"S": "E#mail#m1"}, "sk": {"S": "recipient"}, "st": {"S": "CLAIMED"}, "tok": {"S": "t1"},
                "lease": {"N": "1893456060.5"}, "att": {"N": "1"}, "src": {"S": "request-1"},
                "exp": {"N": str(int(NOW.timestamp()) + HORIZON)},
            }
        }  # fmt: skip


def test_a_partition_that_is_kept_has_no_end():
    with table() as (client, name):
        ledger_on(client, name, kept={"R#report"}).create(RUN, CLAIM)
        ledger_on(client, name, kept={"R#report"}).create(Key("R#other", "x"), CLAIM)
        assert {key: "exp" in row for key, row in rows(client, name).items() if key.startswith("R#")} == {
            "R#report/2030-01-01T08:00:00Z": False,
            "R#other/x": True,
        }


def test_an_open_run_is_two_items_and_a_finished_one_is_one():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        ledger.create(RUN, CLAIM)
        assert sorted(key[:2] for key in rows(client, name)) == ["O#", "R#"]
        recorded = CLAIM._replace(state="RECORDED")
        assert ledger.swap(RUN, CLAIM, recorded)
        assert sorted(key[:2] for key in rows(client, name)) == ["O#", "R#"]
        assert ledger.swap(RUN, recorded, CLAIM._replace(state="DONE"))
        assert list(rows(client, name)) == ["R#report/2030-01-01T08:00:00Z"]


def test_a_transaction_that_fails_leaves_no_mark():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        done = Record("DONE", "t0")
        ledger.create(RUN, done)
        assert ledger.create(RUN, CLAIM) == done
        assert not ledger.swap(RUN, CLAIM._replace(state="RETRY"), CLAIM._replace(state="DONE"))
        assert list(rows(client, name)) == ["R#report/2030-01-01T08:00:00Z"]


def test_more_open_runs_than_one_call_reads_are_found_oldest_first():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        for number in range(103):
            ledger.create(Key(f"R#task{number % 7}", f"{number:03}"), CLAIM._replace(at=float(1000 - number)))
        assert [key.sort for key, _ in ledger.open_runs()] == [f"{number:03}" for number in reversed(range(103))]


def test_a_write_whose_answer_was_lost_succeeds_when_it_is_tried_again():
    taken = CLAIM._replace(token="t2", attempts=2)
    with table() as (client, name):
        ledger = ledger_on(client, name)
        with answered(client, "PutItem", LOST):
            assert ledger.create(DELIVERY, CLAIM) is None
        with answered(client, "PutItem", LOST):
            assert ledger.swap(DELIVERY, CLAIM, taken)
        assert ledger.get(DELIVERY) == taken
        with answered(client, "PutItem", LOST):
            assert not ledger.swap(DELIVERY, CLAIM, taken._replace(token="t3"))
        assert ledger.get(DELIVERY) == taken


def test_a_lost_answer_about_an_acceptance_counts_it_once():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        ledger.create(DELIVERY, CLAIM)
        with answered(client, "UpdateItem", LOST):
            ledger.sent(DELIVERY, "p")
        assert ledger.get(DELIVERY) == CLAIM._replace(state="SENT", provider_id="p", accepts=1)
        ledger.sent(DELIVERY, "p")
        assert ledger.get(DELIVERY) == CLAIM._replace(state="SENT", provider_id="p", accepts=2)


def test_a_run_is_claimed_and_closed_although_the_answers_were_lost():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        with answered(client, "TransactWriteItems", LOST):
            assert ledger.create(RUN, CLAIM) is None
        with answered(client, "TransactWriteItems", LOST):
            assert ledger.swap(RUN, CLAIM, CLAIM._replace(state="DONE"))
        assert ledger.open_runs() == []


def test_the_latest_run_is_found_behind_many_that_failed():
    with table() as (client, name):
        ledger = ledger_on(client, name)
        for day in range(1, 15):
            ledger.create(Key("R#report", f"2030-01-{day:02}"), Record("DONE" if day == 2 else "FAILED", at=float(day)))
        assert ledger.latest("R#report", "DONE") == Record("DONE", at=2.0)


def test_a_conflict_with_another_transaction_is_tried_again():
    conflict = AWSResponse(
        "http://dynamodb", 400, JSON,
        Body(
            '{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "message": "conflict",'
            ' "CancellationReasons": [{"Code": "TransactionConflict"}, {"Code": "None"}]}'
        ),
    )  # fmt: skip
    with table() as (client, name), answered(client, "TransactWriteItems", conflict, conflict):
        ledger = ledger_on(client, name)
        assert ledger.create(RUN, CLAIM) is None
        assert ledger.get(RUN) == CLAIM
    busy = refusal("TransactionConflictException")
    with table() as (client, name), answered(client, "PutItem", busy, busy):
        assert ledger_on(client, name).create(DELIVERY, CLAIM) is None
    with table() as (client, name), answered(client, "TransactWriteItems", *[conflict] * 9):
        with pytest.raises(StoreError) as caught:
            ledger_on(client, name).create(RUN, CLAIM)
        assert caught.value.code == "CC908"


@pytest.mark.parametrize(
    ("operation", "code", "call", "hint"),
    [
        ("GetItem", "AccessDeniedException", lambda ledger: ledger.get(DELIVERY), "deploy again"),
        ("PutItem", "AccessDeniedException", lambda ledger: ledger.create(DELIVERY, CLAIM), "deploy again"),
        ("UpdateItem", "ResourceNotFoundException", lambda ledger: ledger.sent(DELIVERY, "p"), "deploy again"),
        ("Query", "ResourceNotFoundException", lambda ledger: ledger.records("E#"), "deploy again"),
        ("TransactWriteItems", "ValidationException", lambda ledger: ledger.create(RUN, CLAIM), "tried again"),
    ],
)
def test_a_refusal_is_told_with_operation_reason_table_and_remedy(operation, code, call, hint):
    with table() as (client, name), answered(client, operation, refusal(code)):
        with pytest.raises(StoreError) as caught:
            call(ledger_on(client, name))
        assert caught.value.code == "CC908"
        assert f"{operation} on the ledger was refused: {code}" in caught.value.message
        assert (caught.value.where, hint in str(caught.value.hint)) == (name, True)


def test_a_record_that_no_item_holds_is_refused_before_it_is_sent():
    with table() as (client, name):
        with pytest.raises(StoreError) as caught:
            ledger_on(client, name).create(RUN, CLAIM._replace(data="✉" * 150_000))
        assert caught.value.code == "CC907"
        assert not rows(client, name)


RECORDS = st.builds(
    partial(Record),  # of a bare named tuple, every other field would be made up
    st.sampled_from(["CLAIMED", "RECORDED", "RETRY", "DONE", "FAILED", "SENT", "DOUBT"]),
    st.sampled_from(["", "t1", "t2"]),
    attempts=st.integers(0, 3),
    at=st.sampled_from([0.0, 1.5, 1_893_456_000.25]),
    forwarded=st.booleans(),
    reason=st.text(max_size=3).filter(str.isprintable),
)
WRITES = st.tuples(
    st.sampled_from(["create", "swap"]),
    st.sampled_from([DELIVERY, RUN, Key("R#report", "!f"), Key("L#report", "lock")]),
    RECORDS,
    RECORDS,
)
SENDS = st.tuples(st.just("sent"), st.just(DELIVERY), RECORDS, RECORDS)
STEPS = st.lists(WRITES | SENDS, max_size=12)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_it_does_what_the_ledger_of_one_machine_does(steps):
    with table() as (client, name), Store() as store:
        pair: list[Any] = [ledger_on(client, name), SqliteLedger(store)]
        for method, key, expected, record in steps:
            assert len({outcome(ledger, method, key, expected, record) for ledger in pair}) == 1
        partitions = ("E#mail#m1", "R#report", "L#report")
        assert pair[0].open_runs() == pair[1].open_runs()
        assert pair[0].open_runs("R#report") == pair[1].open_runs("R#report")
        assert [pair[0].records(each) for each in partitions] == [pair[1].records(each) for each in partitions]
        marks = [key for key in rows(client, name) if key.startswith("O#")]
        assert len(marks) == len(pair[0].open_runs())


def outcome(ledger, method, key, expected, record) -> object:
    if method == "create":
        return ledger.create(key, record)
    if method == "swap":
        return ledger.swap(key, expected, record)
    try:
        ledger.sent(key, "p")
    except StoreError as error:
        return error.code
    return None
