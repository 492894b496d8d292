"""What an event does to the record of a delivery: a table, as a pure function."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cloud_cron.ports import Record
from cloud_cron.runtime.mail_events import STRENGTH, Known, Later, MailEvent, Write, after
from tests.listening.support import KEY, MAIL

WORDS: Any = ("sent", "returned", "delivered", "refused", "bounced", "complained")
NOW = 1000.0


def event(word: Any, detail: str = "why", mail: str = MAIL) -> MailEvent:
    return MailEvent(KEY, word, mail, "" if word == "sent" else detail, "ada@example.org")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("state", ["CLAIMED", "RETRY", "DOUBT", "REJECTED"])
def test_every_event_proves_that_the_mail_was_taken(state, word):
    found = Record(
        state, "t1", NOW - 1, attempts=2, ambiguous=1, source="s", digest="d", code="ambiguous", reason="lost"
    )
    match after(found, event(word), NOW, "t2"):
        case Write(record):
            assert (record.state, record.provider_id, record.accepts, record.token) == ("SENT", MAIL, 1, "t2")
            assert record.code == ("" if word == "sent" else word)
            assert record.reason == ("the provider tells that it took it" if word == "sent" else "why")
            kept = ("attempts", "ambiguous", "source", "digest", "lease")
            assert [getattr(record, name) for name in kept] == [getattr(found, name) for name in kept]
        case other:
            pytest.fail(f"{other}")


@pytest.mark.parametrize("word", WORDS)
def test_whoever_has_the_claim_says_itself_what_became_of_it(word):
    assert after(Record("CLAIMED", "t1", lease=NOW), event(word), NOW, "t2") == Later()


@pytest.mark.parametrize("code", ["", "ambiguous", *STRENGTH])
@pytest.mark.parametrize("word", WORDS)
def test_a_stronger_word_replaces_a_weaker_one_and_nothing_leaves_sent(word, code):
    found = Record("SENT", "t1", provider_id=MAIL, accepts=1, code=code, reason="before")
    if STRENGTH.get(word, 0) > STRENGTH.get(code, 0):
        assert after(found, event(word), NOW, "t2") == Write(found._replace(token="t2", code=word, reason="why"))
    else:
        assert after(found, event(word), NOW, "t2") == Known()


@pytest.mark.parametrize("order", list(permutations(WORDS, 3)), ids="-".join)
def test_events_in_any_order_and_twice_end_in_the_same_word(order):
    found = Record("DOUBT", "t0")
    for number, word in enumerate([*order, *order]):
        match after(found, event(word, detail=word), NOW, f"t{number + 1}"):
            case Write(record):
                found = record
    strongest = max(order, key=lambda word: STRENGTH.get(word, 0))
    assert (found.state, found.accepts, found.code, found.reason) == ("SENT", 1, strongest, strongest)
