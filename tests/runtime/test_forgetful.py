"""A task without a ledger: every run is made, and nothing is left of it."""

from __future__ import annotations

import pytest

from cloud_cron.ports import Key, Record
from cloud_cron.runtime.forgetful import ForgetfulLedger

KEY, CLAIM = Key("R#export", "2030-01-01T08:00:00Z"), Record("CLAIMED", "t1")


@pytest.fixture
def ledger():
    return ForgetfulLedger()


def test_every_claim_succeeds_and_none_is_remembered(ledger):
    for _ in range(2):
        assert ledger.create(KEY, CLAIM) is None
        assert ledger.swap(KEY, CLAIM, Record("DONE", "t1")) is True
    ledger.sent(KEY, "p")
    assert ledger.get(KEY) is None
    assert ledger.latest("R#export", "DONE") is None
    assert ledger.records("R#export") == ledger.open_runs() == ledger.open_runs("R#export") == []
