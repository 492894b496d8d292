"""Keys and groups: derived, without anything personal, within what AWS allows."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.runtime import naming


def test_a_delivery_is_known_by_notifier_message_and_hashed_address():
    key = naming.delivery_key("mail", "M1", "weather|dev", "email", "ada@example.org")

    assert key.partition == "E#mail#M1"
    assert len(key.sort) == 64
    assert "ada" not in key.sort


def test_deliveries_differ_in_everything_that_tells_them_apart():
    parts = ("mail", "M1", "weather|dev", "email", "a@x.org")
    others = [(*parts[:i], "other", *parts[i + 1 :]) for i in range(5)]

    assert len({naming.delivery_key(*one) for one in (parts, *others)}) == 6


def test_a_provider_knows_each_delivery_by_a_key_of_its_own():
    parts = ("mail", "M1", "weather|dev", "email", "a@x.org")
    others = [(*parts[:i], "other", *parts[i + 1 :]) for i in range(5)]

    assert len({naming.known_as(naming.delivery_key(*one)) for one in (parts, *others)}) == 6
    assert naming.known_as(naming.delivery_key(*parts)).isalnum()


def test_a_message_as_a_whole_stands_beside_its_deliveries():
    assert naming.message_key("mail", "M1") == ("E#mail#M1", "*")


def test_a_run_is_known_by_its_instant_or_by_what_makes_it_unique():
    at = datetime(2030, 1, 1, 8, tzinfo=UTC)

    assert naming.run_key("morning", at, "request") == ("R#morning", "2030-01-01T08:00:00Z")
    assert naming.run_key("morning", None, "request") == ("R#morning", "!request")
    assert naming.lock_key("morning") == ("L#morning", "lock")


@given(st.text(), st.text())
def test_a_group_fits_and_tells_values_apart(one, other):
    assert len(naming.group(one)) == 32
    assert naming.group(one).isalnum()
    assert (naming.group(one) == naming.group(other)) == (one == other)
