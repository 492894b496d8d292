"""The rules of SNS and SQS that every host checks before it sends."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloud_cron.aws.limits import TOPIC_BYTES, batches, check_ids, check_queue, check_topic, delay_seconds
from cloud_cron.errors import BusError
from cloud_cron.ports import Outgoing

PUNCTUATED = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


@pytest.mark.parametrize("value", ["a", "a" * 128, string.ascii_letters + string.digits, PUNCTUATED])
def test_letters_digits_and_punctuation_make_an_id(value):
    check_ids("q", Outgoing(value, value, "body"))


@pytest.mark.parametrize("value", ["", "a" * 129, "two words", "tab\t", "line\n", "ä", "\x7f"])
@pytest.mark.parametrize("place", ["group", "deduplication id"])
def test_anything_else_does_not(place, value):
    message = Outgoing("ok", value, "body") if place == "group" else Outgoing(value, "ok", "body")
    with pytest.raises(BusError, match=f"the {place}") as caught:
        check_ids("q", message)
    assert (caught.value.code, caught.value.where) == ("CC221", "q")


def test_the_size_counts_bytes_and_the_error_says_how_many():
    check_topic("t", [Outgoing("i", "g", "✉" * (TOPIC_BYTES // 3))])
    with pytest.raises(BusError, match="262,145 bytes, and topic 't' takes at most 262,144"):
        check_topic("t", [Outgoing("i", "g", "x" * (TOPIC_BYTES + 1))])


def test_a_queue_takes_a_mebibyte_with_attributes():
    body = "x" * (1_048_576 - len("nameStringvalue"))
    check_queue("q", Outgoing("i", "g", body), {"name": "value"})
    with pytest.raises(BusError, match="1,048,577 bytes"):
        check_queue("q", Outgoing("i", "g", body), {"name": "value!"})


def test_a_queue_takes_ten_attributes():
    ten = {f"a{number}": "x" for number in range(10)}
    check_queue("q", Outgoing("i", "g", "body"), ten)
    with pytest.raises(BusError, match="11 attributes"):
        check_queue("q", Outgoing("i", "g", "body"), {**ten, "more": "x"})


@pytest.mark.parametrize(("asked", "granted"), [(-5, 0), (0, 0), (7.9, 7), (42_300, 42_300), (86_400, 42_300)])
def test_a_delay_is_cut_to_what_a_queue_grants(asked, granted):
    assert delay_seconds(asked) == granted


@given(st.lists(st.integers(1, TOPIC_BYTES), max_size=60))
@example([TOPIC_BYTES, TOPIC_BYTES - 1, 1])
@example([TOPIC_BYTES] * 3)
@example([1] * 30)
def test_batches_keep_order_and_limits_and_are_as_few_as_in_order_can_be(sizes):
    messages = [Outgoing(str(number), "g", "x" * size) for number, size in enumerate(sizes)]
    cut = list(batches(messages))
    assert [message for batch in cut for message in batch] == messages
    totals = [sum(len(message.body) for message in batch) for batch in cut]
    assert all(1 <= len(batch) <= 10 for batch in cut)
    assert all(total <= TOPIC_BYTES for total in totals)
    for batch, total, after in zip(cut, totals, cut[1:], strict=False):
        assert len(batch) == 10 or total + len(after[0].body) > TOPIC_BYTES


def test_a_batch_counts_bytes_not_characters():
    messages = [Outgoing(str(number), "g", "✉" * 50_000) for number in range(2)]
    assert [len(batch) for batch in batches(messages)] == [1, 1]
