"""What every place for large payloads does. A further one is a further line in `PLACES`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_cron.aws.payloads import S3Payloads
from cloud_cron.errors import CloudCronError, NotFound
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.store import Store
from cloud_cron.runtime import parcels
from tests.aws.buckets import bucket
from tests.trying import examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cloud_cron.ports import Payloads

START = datetime(2030, 1, 1, tzinfo=UTC)
NAME = sha256(b"x").hexdigest()


@contextmanager
def in_memory(_: Path) -> Iterator[Payloads]:
    with Store() as store:
        yield SqlitePayloads(store, VirtualClock(START))


@contextmanager
def in_a_file(folder: Path) -> Iterator[Payloads]:
    with Store(folder / "stage.db") as store:
        yield SqlitePayloads(store, VirtualClock(START))


@contextmanager
def in_a_bucket(_: Path) -> Iterator[Payloads]:
    with bucket() as (client, name):
        yield S3Payloads(client, name)


PLACES = [
    pytest.param(in_memory, id="sqlite-memory"),
    pytest.param(in_a_file, id="sqlite-file"),
    pytest.param(in_a_bucket, id="s3", marks=pytest.mark.moto),
]


@pytest.fixture(params=PLACES)
def payloads(request, tmp_path):
    with request.param(tmp_path) as payloads:
        yield payloads


@pytest.mark.parametrize("body", [b"x", b"", "é✉\U0001f600".encode(), bytes(range(256)), b"x" * 3_000_000])
def test_a_body_comes_back_as_it_was(payloads, body):
    payloads.put(NAME, body)
    assert payloads.get(NAME) == body


def test_what_was_never_put_is_not_found(payloads):
    with pytest.raises(NotFound) as caught:
        payloads.get(NAME)
    assert caught.value.code == "CC613"
    assert NAME in caught.value.message
    assert caught.value.hint


def test_putting_again_changes_nothing(payloads):
    for _ in range(3):
        payloads.put(NAME, b"x")
    assert payloads.get(NAME) == b"x"


def test_names_are_apart(payloads):
    other = sha256(b"y").hexdigest()
    payloads.put(NAME, b"x")
    with pytest.raises(NotFound):
        payloads.get(other)
    payloads.put(other, b"y")
    assert (payloads.get(NAME), payloads.get(other)) == (b"x", b"y")


def test_every_name_has_a_place_of_its_own_and_always_the_same(payloads):
    places = {payloads.locate(name) for name in ("a", "b", "a")}
    assert len(places) == 2
    assert all(place.key.endswith(("a", "b")) for place in places)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec="utf-8"), max_size=40), times=st.sampled_from([1, 9_000]))
def test_what_was_put_aside_is_fetched_by_its_reference(payloads, text, times):
    aside = parcels.parcel(payloads, text * times)
    parcels.put(payloads, aside)
    assert parcels.fetched(payloads, aside.reference) == text * times


def test_what_lies_elsewhere_or_is_damaged_is_refused(payloads):
    aside = parcels.parcel(payloads, "text")
    payloads.put(aside.reference.sha256, b"tex!")
    wrong = [
        (aside.reference._replace(bucket="foreign"), "CC612"),
        (aside.reference._replace(key="elsewhere"), "CC612"),
        (aside.reference._replace(key=f"../{aside.reference.key}"), "CC612"),
        (aside.reference, "CC614"),
        (aside.reference._replace(size=5), "CC614"),
    ]
    for reference, code in wrong:
        with pytest.raises(CloudCronError) as caught:
            parcels.fetched(payloads, reference)
        assert caught.value.code == code
