"""The ledger against a dictionary: SENT stays, a swap is fenced, nothing is lost, whatever workers do."""

from __future__ import annotations

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.store import Store
from cloud_cron.ports import Key, Record
from cloud_cron.testing.simulator.ledger import MemoryLedger
from tests.trying import examples

KEYS = st.builds(Key, st.sampled_from(["E#n#m", "R#t", "R#u", "L#t"]), st.sampled_from(["1", "2"]))
RECORDS = st.builds(
    partial(Record),  # of a bare named tuple, every other field would be made up
    state=st.sampled_from(["CLAIMED", "RETRY", "RECORDED", "DONE", "SENT", "DOUBT"]),
    token=st.sampled_from(["", "x", "y"]),
    lease=st.floats(0, 1e10),
    attempts=st.integers(0, 9),
    ambiguous=st.integers(0, 9),
    not_before=st.floats(0, 1e10),
    source=st.text(max_size=3),
    accepts=st.integers(0, 9),
    forwarded=st.booleans(),
    reason=st.text(max_size=3),
    at=st.sampled_from([1.0, 2.0, 3.5]),
    data=st.text(max_size=3),
)


class LedgerMachine(RuleBasedStateMachine):
    """Two workers, a few keys, every method."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.ledger = self.made()
        self.model: dict[Key, Record] = {}

    def made(self) -> SqliteLedger | MemoryLedger:
        return SqliteLedger(self.store)

    def teardown(self) -> None:
        self.store.close()

    @rule(key=KEYS, record=RECORDS)
    def create(self, key, record):
        found = self.model.get(key)
        own = found is not None and found.token == record.token != "" and found.state != "SENT"
        expected = None if own else found
        assert self.ledger.create(key, record) == expected
        if expected is None:
            self.model[key] = record

    @rule(key=KEYS, record=RECORDS, expected=RECORDS, stale=st.booleans())
    def swap(self, key, record, expected, stale):
        found = self.model.get(key)
        expected = expected if stale or found is None else found
        fits = found is not None and (found.state, found.token) == (expected.state, expected.token)
        allowed = fits and (expected.state != "SENT" or record.state == "SENT")
        assert self.ledger.swap(key, expected, record) == allowed
        if allowed:
            self.model[key] = record

    @rule(key=KEYS, provider=st.text(max_size=3))
    def sent(self, key, provider):
        found = self.model.get(key)
        if found is not None:
            self.ledger.sent(key, provider)
            self.model[key] = found._replace(state="SENT", provider_id=provider, accepts=found.accepts + 1)

    @invariant()
    def it_holds_what_the_dictionary_holds(self):
        for key in self.model:
            assert self.ledger.get(key) == self.model[key]
        for partition in ("E#n#m", "R#t", "R#u", "L#t", "R#"):
            expected = sorted((key, record) for key, record in self.model.items() if key.partition == partition)
            assert self.ledger.records(partition) == expected

    @invariant()
    def runs_are_found_by_state(self):
        mine = [(key, record) for key, record in self.model.items() if key.partition.startswith("R#")]
        open_ones = [pair for pair in mine if pair[1].state in {"CLAIMED", "RECORDED", "RETRY"}]
        assert self.ledger.open_runs() == sorted(open_ones, key=lambda pair: (pair[1].at, pair[0]))
        for partition in ("R#t", "L#t"):
            done = [
                record for key, record in self.model.items() if (key.partition, record.state) == (partition, "DONE")
            ]
            latest = self.ledger.latest(partition, "DONE")
            assert (latest in done and latest.at == max(record.at for record in done)) if done else latest is None


class MemoryLedgerMachine(LedgerMachine):
    """The same in dictionaries."""

    def made(self) -> MemoryLedger:
        return MemoryLedger()


LedgerMachine.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None)
MemoryLedgerMachine.TestCase.settings = LedgerMachine.TestCase.settings
TestLedger = LedgerMachine.TestCase
TestMemoryLedger = MemoryLedgerMachine.TestCase
