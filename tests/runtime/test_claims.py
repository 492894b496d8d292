"""The moves of one delivery, as a table; and the bound that follows from them, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from cloud_cron.ports import Record
from cloud_cron.runtime.claims import DOWN, Doubt, Over, Take, Wait, again, back_off, settled

NOW = 1_000_000.0
CLAIM = Record("CLAIMED", "new", NOW + 15, attempts=1, source="S2", digest="D", at=NOW - 60)
FOUND = Record("CLAIMED", "old", NOW + 15, attempts=3, ambiguous=1, source="S2", digest="D", at=NOW - 99, accepts=1)


def found(state: str, **changes: Any) -> Record:
    return FOUND._replace(state=state, **changes)


def taken(ambiguous: int) -> Take:
    return Take(CLAIM._replace(attempts=4, ambiguous=ambiguous, accepts=1))


@pytest.mark.parametrize(
    ("record", "bound", "move"),
    [
        # somebody is at it
        (found("CLAIMED", lease=NOW + 15), 5, Wait(15)),
        (found("CLAIMED", lease=NOW), 5, Wait(0)),
        # its lease is over: a further claim spends one
        (found("CLAIMED", lease=NOW - 0.001), 2, taken(ambiguous=2)),
        (found("CLAIMED", lease=NOW - 0.001, ambiguous=0), 1, taken(ambiguous=1)),
        # it is certainly not sent
        (found("RETRY", not_before=NOW + 7), 1, Wait(7)),
        (found("RETRY", not_before=NOW), 1, taken(ambiguous=1)),
        (found("RETRY", not_before=NOW - 7), 0, taken(ambiguous=1)),
        # refused: only a redrive brings it back, and what was spent stays spent
        (found("REJECTED", source="S1"), 1, taken(ambiguous=1)),
        (found("REJECTED", source="S1", forwarded=True), 1, taken(ambiguous=1)),
        (found("REJECTED"), 5, Over(found("REJECTED"), bad=True)),
        (found("REJECTED", forwarded=True), 5, Over(found("REJECTED", forwarded=True))),
        # in doubt: never sent again, and back to the dead letters after a redrive
        (found("DOUBT"), 9, Over(found("DOUBT"), bad=True)),
        (found("DOUBT", forwarded=True), 9, Over(found("DOUBT", forwarded=True))),
        (found("DOUBT", forwarded=True, source="S1"), 9, Over(found("DOUBT", forwarded=True, source="S1"), bad=True)),
        # over
        (found("SENT"), 9, Over(found("SENT"))),
        (found("SENT", source="S1"), 9, Over(found("SENT", source="S1"))),
        (found("STALE"), 9, Over(found("STALE"))),
        (found("SKIPPED"), 9, Over(found("SKIPPED"))),
    ],
)
def test_moves_of_a_delivery_that_somebody_was_at_before(record, bound, move):
    assert again(record, CLAIM, NOW, bound) == move


@pytest.mark.parametrize(("ambiguous", "bound"), [(0, 0), (1, 1), (3, 2), (5, 5)])
def test_an_expired_claim_that_would_break_the_bound_is_in_doubt(ambiguous, bound):
    move = again(found("CLAIMED", lease=NOW - 1, ambiguous=ambiguous), CLAIM, NOW, bound)

    assert isinstance(move, Doubt)
    assert (move.record.state, move.record.ambiguous, move.record.token) == ("DOUBT", ambiguous + 1, "new")
    assert (move.record.accepts, move.record.forwarded) == (1, False)
    assert "may have been sent" in move.record.reason


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (Permanent("no such box"), {"state": "REJECTED", "code": "permanent", "reason": "no such box"}),
        (Permanent(), {"state": "REJECTED", "code": "permanent", "reason": "Permanent"}),
        (Retry("busy"), {"state": "RETRY", "not_before": NOW + 4, "reason": "busy"}),
        (Retry("busy", after=90), {"state": "RETRY", "not_before": NOW + 90, "reason": "busy"}),
        (Retry("busy", after=0), {"state": "RETRY", "not_before": NOW, "reason": "busy"}),
        (Retry("busy", after=1e8), {"state": "RETRY", "not_before": NOW + 43_200, "reason": "busy"}),
        (
            ChannelDown("quota"),
            {"state": "RETRY", "attempts": 0, "not_before": NOW + 300, "code": DOWN, "reason": "quota"},
        ),
        (
            ChannelDown("q", after=60),
            {"state": "RETRY", "attempts": 0, "not_before": NOW + 60, "code": DOWN, "reason": "q"},
        ),
        (
            ChannelDown("q", after=1e8),
            {"state": "RETRY", "attempts": 0, "not_before": NOW + 900, "code": DOWN, "reason": "q"},
        ),
        (
            Ambiguous("timeout"),
            {"state": "RETRY", "ambiguous": 1, "not_before": NOW + 4, "code": "ambiguous", "reason": "timeout"},
        ),
        (
            OSError("reset"),
            {"state": "RETRY", "ambiguous": 1, "not_before": NOW + 4, "code": "unknown", "reason": "OSError: reset"},
        ),
    ],
)
def test_answers_that_are_no_acceptance(outcome, after):
    assert settled(CLAIM, outcome, NOW, 1, pause=4) == CLAIM._replace(**after)


@pytest.mark.parametrize("outcome", [Ambiguous("timeout"), OSError("reset")])
@pytest.mark.parametrize("bound", [0, 1, 2, 5])
def test_one_ambiguous_answer_too_many_is_in_doubt(outcome, bound):
    last = settled(CLAIM._replace(ambiguous=bound), outcome, NOW, bound, pause=4)

    assert (last.state, last.ambiguous) == ("DOUBT", bound + 1)
    if bound:
        assert settled(CLAIM._replace(ambiguous=bound - 1), outcome, NOW, bound, pause=4).state == "RETRY"


def test_not_accepted_for_a_day_is_given_up():
    at = NOW - 86_400
    still = settled(CLAIM._replace(at=at), Retry("busy"), NOW, 1, pause=4)
    over = settled(CLAIM._replace(at=at - 0.001), Retry("busy", after=5), NOW, 1, pause=4)
    down = settled(CLAIM._replace(at=at - 86_400), ChannelDown("quota"), NOW, 1, pause=4)

    assert (still.state, over.state, over.code, down.state) == ("RETRY", "REJECTED", "expired", "RETRY")
    assert over.reason == "not accepted for a day: busy"


def test_pauses_double_up_to_ten_minutes():
    assert [back_off(count, 0.5) for count in (1, 2, 3, 9)] == [2.5, 4.5, 8.5, 512.5]
    assert back_off(10, 0.5) == back_off(10_000, 0.999) == 600


EVENTS = st.lists(st.sampled_from(["accepted", "lost", "ambiguous", "busy", "refused", "down", "killed"]), max_size=30)


@given(EVENTS, st.sampled_from([0, 1, 2, 5]), st.booleans())
def test_no_history_of_one_delivery_breaks_the_bound(events, bound, redriven):
    """`lost`: accepted, and the answer was lost; `killed`: accepted, and the worker died; so both count."""
    record: Record | None = None
    accepted, now, source = 0, NOW, 1
    for number, event in enumerate(events):
        now += 1000
        claim = Record("CLAIMED", f"T{number}", now + 15, attempts=1, source=f"S{source}", at=now)
        move = Take(claim) if record is None else again(record, claim, now, bound)
        match move:
            case Take(taken_):
                record = taken_
            case Doubt(doubt):
                record = doubt
                continue
            case Over():
                source += redriven
                continue
            case Wait():
                continue
        accepted += event in {"accepted", "lost", "killed"}
        if event == "accepted":
            record = record._replace(state="SENT", accepts=record.accepts + 1)
        elif event != "killed":
            kinds = {"lost": Ambiguous, "ambiguous": OSError, "busy": Retry, "refused": Permanent, "down": ChannelDown}
            record = settled(record, kinds[event](event), now, bound, pause=1)
    assert accepted <= 1 + bound
