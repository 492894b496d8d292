"""What only the ledger on SQLite promises; tests/contract holds what every ledger does."""

from __future__ import annotations

import pytest

from cloud_cron.errors import StoreError
from cloud_cron.local import ledger as module
from cloud_cron.ports import Key, Record


def test_an_acceptance_without_a_claim_names_the_delivery(ledger):
    with pytest.raises(StoreError) as caught:
        ledger.sent(Key("E#mail#m", "r"), "provider-1")
    assert caught.value.code == "CC905"
    assert "E#mail#m" in caught.value.message


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        (module._LATEST_RUN, ("R#t", "DONE")),
        (module._OPEN_RUNS, ()),
        (module._NEWEST_GIVEN_UP, (0.0, None, None, 9)),
        (module._COUNT_GIVEN_UP, (0.0, None, None)),
    ],
    ids=["latest", "open", "given up", "given up, counted"],
)
def test_runs_are_found_without_reading_deliveries_or_finished_runs(store, statement, parameters):
    plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "INDEX runs (state=?" in plan
    assert "SCAN" not in plan


def test_of_runs_that_were_given_up_the_newest_are_given_and_all_are_counted(ledger):
    states = ["FAILED", "MISSED", "DONE", "FAILED", "SKIPPED", "FAILED"]
    for number, state in enumerate(states):
        ledger.create(Key("R#a" if number else "R#b", str(number)), Record(state, at=float(number)))
    found, count = ledger.given_up(None, 1.0, 2)
    assert ([key.sort for key, _ in found], count) == (["3", "5"], 3)
    assert ledger.given_up("b", 0.0, 2) == ([(Key("R#b", "0"), Record("FAILED"))], 1)
    assert ledger.given_up("c", 0.0, 2) == ([], 0)
