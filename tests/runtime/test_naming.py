"""Keys and groups: derived, without anything personal, within what AWS allows."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.messages import message_id
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


def test_the_id_of_a_message_of_ours_is_read_in_the_key_as_it_is():
    unique = message_id("shop", "dev", "export@2030-01-01T00:00:00Z", "orders", 0)
    key = naming.delivery_key("mail_it-2", unique, "shop|dev", "email", "a@x.org")

    assert naming.known_as(key) == f"mail_it-2-{unique}-{key.sort}"


@given(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,39}", fullmatch=True),
    st.text(max_size=20) | st.uuids().map(str) | st.from_regex(r"[A-Z2-7]{52}", fullmatch=True),
)
def test_what_a_provider_knows_leads_back_to_the_delivery_and_fits_everywhere(notifier, message):
    key = naming.delivery_key(notifier, message, "shop|dev", "email", "a@x.org")
    known = naming.known_as(key)

    assert naming.key_of(known) == key
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,235}", known)


def test_a_message_id_that_is_too_long_leaves_a_key_that_leads_nowhere_and_is_still_its_own():
    first, second = (naming.known_as(naming.delivery_key("mail", "é" * n, "s", "email", "a@x.org")) for n in (41, 42))

    assert first != second
    assert (len(first), naming.key_of(first)) == (64, None)
    assert naming.key_of(naming.known_as(naming.delivery_key("mail", "é" * 40, "s", "email", "a@x.org"))) is not None


@pytest.mark.parametrize(
    "known", ["", "a", "-", "--", "a-b-c", f"mail-x1-{'a' * 64}", f"mail-xab-{'a' * 64}", f"mail-X1-{'a' * 64}"]
)
def test_what_nobody_of_us_said_leads_nowhere(known):
    assert naming.key_of(known) is None


@given(st.text())
def test_whatever_is_said_is_read_or_refused_and_never_raises(known):
    key = naming.key_of(known)

    assert key is None or naming.known_as(key) == known


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
