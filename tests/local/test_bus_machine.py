"""The bus against a model of twenty lines that scans lists: whatever is done in whatever order, they agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.store import Store
from cloud_cron.ports import Outgoing, Received
from cloud_cron.testing.simulator.bus import MemoryBus
from tests.trying import examples

START = datetime(2030, 1, 1, tzinfo=UTC)
VISIBILITY, RECEIVES = 30, 3
GROUPS, IDS = st.sampled_from("abc"), st.sampled_from("123456")


@dataclass
class Item:
    """One message of the model."""

    body: str
    group: str
    visible_at: float
    place: int
    receives: int = 0


@dataclass
class Model:
    """A queue as lists; everything is looked for from the beginning."""

    now: float = 0
    items: list[Item] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    until: dict[tuple[str, str], float] = field(default_factory=dict)
    places: int = 0

    def send(self, group: str, name: str, body: str) -> None:
        if self.until.get((group, name), -1) <= self.now:
            self.until[group, name] = self.now + 300
            self.places += 1
            self.items.append(Item(body, group, self.now, self.places))

    def run(self, group: str) -> list[Item]:
        members = [item for item in self.items if item.group == group]
        blocked = [number for number, item in enumerate(members) if item.visible_at > self.now]
        return members[: blocked[0]] if blocked else members

    def receive(self, limit: int, visibility: int) -> list[str]:
        taken: list[Item] = []
        while not taken:
            runs = [run for run in map(self.run, {item.group for item in self.items}) if run]
            runs.sort(key=lambda run: (run[0].visible_at, run[0].receives, run[0].place))
            if not runs:
                break
            for group in [run[0].group for run in runs[:limit]]:
                taken += self.take(group, limit - len(taken))
        for item in taken:
            item.receives += 1
            item.visible_at = self.now + visibility
        return [item.body for item in taken]

    def take(self, group: str, room: int) -> list[Item]:
        if not room:
            return []
        while True:
            run = self.run(group)[:room]
            worn_out = [item for item in run if item.receives >= RECEIVES]
            if not worn_out:
                return run
            self.dead += [item.body for item in worn_out]
            self.items = [item for item in self.items if item not in worn_out]

    def find(self, body: str) -> Item:
        return next(item for item in self.items if item.body == body)


class BusMachine(RuleBasedStateMachine):
    """Everything that hosts do to one queue."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.clock = VirtualClock(START)
        self.bus = self.made()
        self.bus.create_queue("d", visibility=VISIBILITY, max_receives=0, dead_letter=None)
        self.bus.create_queue("q", visibility=VISIBILITY, max_receives=RECEIVES, dead_letter="d")
        self.bus.subscribe("t", "q")
        self.model = Model()
        self.held: list[Received] = []
        self.published = 0

    def made(self) -> LocalBus | MemoryBus:
        return LocalBus(self.store, self.clock, RandomIds())

    def teardown(self) -> None:
        self.store.close()

    @rule(messages=st.lists(st.tuples(GROUPS, IDS), min_size=1, max_size=5))
    def publish(self, messages):
        outgoing = []
        for group, name in messages:
            self.published += 1
            body = f"{group}{self.published}"
            self.model.send(group, name, body)
            outgoing.append(Outgoing(name, group, body))
        self.bus.publish("t", outgoing)

    @rule(limit=st.integers(1, 4), visibility=st.sampled_from([None, 0, 5, 60]))
    def receive(self, limit, visibility):
        batch = self.bus.receive("q", limit, visibility)
        expected = self.model.receive(limit, VISIBILITY if visibility is None else visibility)
        assert [received.body for received in batch] == expected
        fresh = {received.body for received in batch}
        self.held = [held for held in self.held if held.body not in fresh] + batch

    def _pick(self, data):
        live = [held for held in self.held if self.model.find(held.body).visible_at > self.model.now]
        return data.draw(st.sampled_from(live)) if live else None

    def _drop_buried(self):
        alive = {item.body for item in self.model.items}
        self.held = [held for held in self.held if held.body in alive]

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def delete(self, data):
        self._drop_buried()
        received = self._pick(data)
        if received:
            self.bus.delete("q", received.handle)
            self.held.remove(received)
            self.model.items.remove(self.model.find(received.body))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), seconds=st.sampled_from([0, 3, 40]))
    def change_visibility(self, data, seconds):
        self._drop_buried()
        received = self._pick(data)
        if received:
            self.bus.change_visibility("q", received.handle, seconds)
            self.model.find(received.body).visible_at = self.model.now + seconds

    @rule(seconds=st.sampled_from([1, 5, 30, 299]))
    def pass_time(self, seconds):
        self.model.now += seconds
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))

    @rule()
    def purge(self):
        self.bus.purge("q")
        self.model.items.clear()
        self.held.clear()

    @rule()
    def redrive(self):
        self.bus.redrive("d")
        for body in self.model.dead:
            self.model.places += 1
            self.model.items.append(Item(body, body[0], self.model.now, self.model.places))
        self.model.dead.clear()

    @invariant()
    def nothing_is_lost_doubled_or_out_of_order(self):
        assert [received.body for received in self.bus.peek("q")] == [item.body for item in self.model.items]
        assert [received.body for received in self.bus.peek("d")] == self.model.dead
        assert [received.body for received in self.bus.peek("d", 2)] == self.model.dead[:2]

    @invariant()
    def what_waits_and_what_is_in_flight_is_counted(self):
        flying = sum(item.visible_at > self.model.now for item in self.model.items)
        assert self.bus.counts("q") == (len(self.model.items) - flying, flying)

    @invariant()
    def it_wakes_up_when_the_model_does(self):
        heads = {item.group: item.visible_at for item in reversed(self.model.items)}
        instant = self.bus.next_visible("q")
        wait = None if instant is None else (instant - self.clock.now()).total_seconds()
        assert wait == (max(0, min(heads.values()) - self.model.now) if heads else None)


class MemoryBusMachine(BusMachine):
    """The same in memory."""

    def made(self) -> MemoryBus:
        return MemoryBus(self.clock)


BusMachine.TestCase.settings = settings(max_examples=examples(120), stateful_step_count=40, deadline=None)
MemoryBusMachine.TestCase.settings = BusMachine.TestCase.settings
TestBus = BusMachine.TestCase
TestMemoryBus = MemoryBusMachine.TestCase


@pytest.mark.parametrize("machine", [BusMachine, MemoryBusMachine])
def test_dead_letters_lie_in_the_order_in_which_they_were_given_up(machine):
    state = machine()
    state.publish([("a", "1")])
    state.receive(1, 60)
    state.publish([("b", "2")])
    for _ in range(RECEIVES + 1):
        state.receive(1, 0)
    state.pass_time(299)
    for _ in range(RECEIVES):
        state.receive(1, 0)
    state.nothing_is_lost_doubled_or_out_of_order()
    assert state.model.dead == ["b2", "a1"]
    state.teardown()
