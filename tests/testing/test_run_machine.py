"""The record of one run under Hypothesis: whoever asks, whenever a worker dies, what was recorded is what counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cloud_cron import CloudCron
from cloud_cron.ports import Key, Record
from cloud_cron.runtime import parcels
from cloud_cron.testing.backends import InMemory
from cloud_cron.testing.setup import set_up
from cloud_cron.testing.simulator.faults import Fault
from cloud_cron.testing.simulator.world import World
from tests.trying import examples

if TYPE_CHECKING:
    from cloud_cron.testing.simulator.faults import What

START = datetime(2030, 1, 1, tzinfo=UTC)
EVENT = {"task": "export", "scheduled_at": "2030-01-01T00:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}
RUN = Key("R#export", "2030-01-01T00:00:00Z")
FAULTS = [
    Fault("dies before"),
    Fault("dies after"),
    Fault("fails before"),
    Fault("fails after"),
    Fault("pauses before", 400.0),
    Fault("pauses after", 400.0),
    Fault("is away", 60.0),
]
AFTER = {
    "CLAIMED": {"CLAIMED", "RECORDED", "RETRY", "FAILED", "DONE"},
    "RETRY": {"RETRY", "CLAIMED", "RECORDED", "FAILED", "DONE"},
    "FAILED": {"FAILED", "CLAIMED", "RECORDED", "RETRY", "DONE"},
    "RECORDED": {"RECORDED", "DONE"},
    "DONE": {"DONE"},
}


class Dealt:
    """Strikes once, at the n-th call from now."""

    def __init__(self) -> None:
        self.wait, self.fault = -1, Fault("dies before")

    def at(self, what: What, nth: int) -> Fault | None:
        self.wait -= 1
        return self.fault if self.wait == -1 else None


class RunMachine(RuleBasedStateMachine):
    """One fire time that is asked for again and again; its task never says the same twice."""

    def __init__(self) -> None:
        super().__init__()
        app, calls = CloudCron("shop"), count()

        @app.schedule("rate(1 hour)", topics=["orders"])
        def export():
            number = next(calls)
            self.called += 1
            if self.raises:
                raise OSError
            return {"orders": [{"n": number}, {"n": number}]}

        app.notifier("print", name="tell")(lambda message: str(message.payload["n"]))
        self.dealt, self.called, self.raises = Dealt(), 0, False
        self.world = World(set_up(app, "test", None, {}, InMemory()), START, self.dealt)
        self.seen: Record | None = None
        self.recorded: tuple[str, int] | None = None

    def record(self) -> Record | None:
        found: Record | None = self.world.services.ledger.get(RUN)
        return found

    @rule(wait=st.integers(0, 6), fault=st.sampled_from(FAULTS), raises=st.booleans())
    def ask(self, wait, fault, raises):
        self.dealt.wait, self.dealt.fault, self.raises = wait, fault, raises
        self.world.functions.invoke(self.world.setup.task("export"), EVENT)

    @rule(seconds=st.sampled_from([125, 61, 400, 1]), wait=st.integers(0, 6), fault=st.sampled_from(FAULTS))
    def pass_time(self, seconds, wait, fault):
        self.dealt.wait, self.dealt.fault = wait, fault
        self.world.run(self.world.clock.now() + timedelta(seconds=seconds))

    @invariant()
    def the_record_goes_forward(self):
        found = self.record()
        if self.seen:
            assert found
            assert found.state in AFTER[self.seen.state]
        self.seen = found

    @invariant()
    def what_was_recorded_stays_and_the_function_is_not_called_again(self):
        found = self.record()
        if found and found.state in {"RECORDED", "DONE"}:
            fresh = str(parcels.from_record(self.world.services.payloads, found)["payloads"]), self.called
            assert self.recorded in {None, fresh}
            self.recorded = fresh

    @invariant()
    def only_what_was_recorded_is_published_and_done_means_all_of_it(self):
        bodies = [message.body for _, message in self.world.witness.published.values()]
        numbers = {body.partition('"n":')[2].strip()[0] for body in bodies}
        assert len(numbers) <= 1
        found = self.record()
        if found and found.state == "DONE":
            assert len(bodies) == 2

    def teardown(self):
        self.dealt.wait, self.raises = -1, False
        self.world.line.calm()
        self.world.settle(timedelta(days=2))
        found = self.record()
        assert found is None or found.state in {"DONE", "FAILED"}


RunMachine.TestCase.settings = settings(max_examples=examples(150), stateful_step_count=12, deadline=None)
TestRun = RunMachine.TestCase
