"""What only the ledger on SQLite promises; tests/contract holds what every ledger does."""

from __future__ import annotations

import pytest

from cloud_cron.errors import StoreError
from cloud_cron.local import ledger as module
from cloud_cron.ports import Key


def test_an_acceptance_without_a_claim_names_the_delivery(ledger):
    with pytest.raises(StoreError) as caught:
        ledger.sent(Key("E#mail#m", "r"), "provider-1")
    assert caught.value.code == "CC905"
    assert "E#mail#m" in caught.value.message


@pytest.mark.parametrize(
    ("statement", "parameters"),
    [(module._LATEST_RUN, ("R#t", "DONE")), (module._OPEN_RUNS, ())],
    ids=["latest", "open"],
)
def test_runs_are_found_without_reading_deliveries_or_finished_runs(store, statement, parameters):
    plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert "USING INDEX runs (state=?" in plan
    assert "SCAN" not in plan
