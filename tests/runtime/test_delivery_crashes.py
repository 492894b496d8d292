"""Workers die at every step, are late, and get every kind of answer: nothing is lost, and the bound holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_cron.errors import Ambiguous, BusError, ChannelDown, Permanent, Retry, StoreError
from cloud_cron.messages import envelope
from cloud_cron.runtime import parcels
from cloud_cron.runtime.batch import deliver_batch
from tests.runtime.support import Crash, World, desk, message, plenty, received
from tests.trying import examples

if TYPE_CHECKING:
    from cloud_cron.ports import Received

TO = ("a@x.org", "b@x.org")
VISIBILITY = 360
OVER = {"SENT", "REJECTED", "DOUBT"}


@dataclass
class Queue:
    """One FIFO queue, one group: the head is handed out when it is visible, and comes back unless it is deleted."""

    world: World
    waiting: list[Received] = field(default_factory=list)
    visible_at: float = 0.0
    redrives: int = 0

    def work(self, **options: Any) -> None:
        """One invocation with everything that waits; a crash leaves the messages hidden."""
        self.world.clock.move(max(0.0, self.visible_at - self.world.now))
        batch = [one._replace(receives=one.receives + 1) for one in self.waiting]
        self.waiting = batch
        self.visible_at = self.world.now + VISIBILITY
        self.world.bus.delayed.clear()
        at = desk(self.world, lambda message: f"n={message.payload['n']}", recipients=TO, **options)
        try:
            answer = deliver_batch(at, batch, plenty)
        except Crash:
            return
        back = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        self.waiting = [one for one in batch if one.id in back]
        delays = dict(self.world.bus.delayed)
        if self.waiting:
            self.visible_at = self.world.now + delays.get(self.waiting[0].id, VISIBILITY)

    def drain(self, **options: Any) -> None:
        """Work without faults until nothing waits."""
        self.world.heal()
        for _ in range(60):
            if not self.waiting:
                return
            self.work(**options)
        pytest.fail("the queue never became empty")

    def redrive(self) -> None:
        """Bring every dead letter back, as new messages of the queue."""
        self.redrives += 1
        for number, (one, attributes) in enumerate(self.world.bus.dead.values()):
            name = f"redriven-{self.redrives}-{number}"
            self.waiting.append(one._replace(id=name, receives=0, attributes=dict(attributes)))
        self.world.bus.dead.clear()


def begun(*numbers: int) -> Queue:
    world = World()
    return Queue(world, [received(message(number), receives=0) for number in numbers])


def large(*numbers: int) -> Queue:
    """The same with payloads that were put aside."""
    world = World()
    asides = {number: parcels.parcel(world.payloads, f'{{"n":{number}}}') for number in numbers}
    for aside in asides.values():
        parcels.put(world.payloads, aside)
    bodies = [envelope("weather", "dev", message(number), aside.reference) for number, aside in asides.items()]
    return Queue(world, [received(body)._replace(id=f"sqs-{n}", receives=0) for n, body in enumerate(bodies)])


def acceptances(world: World) -> dict[tuple[str, str], int]:
    counted: dict[tuple[str, str], int] = {}
    for to, text, _ in world.post.accepted:
        counted[to, text] = counted.get((to, text), 0) + 1
    return counted


def assert_kept(queue: Queue, messages: int, bound: int) -> None:
    """Every delivery has ended; no more were accepted than allowed; what did not end well is among the dead letters."""
    world = queue.world
    records = {key: one for key, one in world.ledger.rows.items() if key.sort != "*"}
    assert len(records) == messages * len(TO)
    assert {one.state for one in records.values()} <= OVER
    assert max(acceptances(world).values(), default=0) <= 1 + bound
    dead = {attributes["cc_message_id"] for _, attributes in world.bus.dead.values()}
    for key, one in records.items():
        if one.state != "SENT":
            assert one.forwarded
            assert key.partition.rpartition("#")[2] in dead


CLEAN = begun(1, 2)
CLEAN.work()
STEPS = len(CLEAN.world.steps)


@pytest.mark.parametrize("bound", [0, 1])
def test_one_crash_anywhere(bound):
    assert STEPS > 40
    for crash in range(STEPS):
        queue = begun(1, 2)
        queue.world.crash_at(crash)
        queue.work(max_ambiguous=bound)
        queue.drain(max_ambiguous=bound)
        assert_kept(queue, 2, bound)
        assert sum(acceptances(queue.world).values()) in ({3, 4} if bound == 0 else {4, 5})


def test_one_crash_anywhere_on_the_way_of_a_large_message():
    for crash in range(STEPS + 4):
        queue = large(1, 2)
        queue.world.crash_at(crash)
        queue.work()
        queue.drain()
        assert_kept(queue, 2, 1)
        assert {step for step in queue.world.steps if "payloads" in step} >= {"before payloads.get"}


@pytest.mark.parametrize("bound", [0, 1, 2])
def test_two_crashes_anywhere(bound):
    for first in range(0, STEPS, 3):
        for second in range(0, STEPS, 2):
            queue = begun(1)
            for crash in (first, second):
                queue.world.crash_at(crash)
                queue.work(max_ambiguous=bound)
            queue.drain(max_ambiguous=bound)
            assert_kept(queue, 1, bound)


@pytest.mark.parametrize("answer", [Permanent("gone"), Retry("busy"), Ambiguous("timeout"), OSError(), ChannelDown()])
@pytest.mark.parametrize("bound", [0, 1])
def test_one_answer_and_one_crash_anywhere(answer, bound):
    for crash in range(STEPS + 12):
        queue = begun(1)
        queue.world.post.script["a@x.org"] = [answer]
        queue.world.crash_at(crash)
        queue.work(max_ambiguous=bound)
        queue.drain(max_ambiguous=bound)
        assert_kept(queue, 1, bound)
        assert bound <= acceptances(queue.world).get(("b@x.org", "n=1"), 0) <= 1 + bound


def test_a_refusal_is_never_left_outside_of_the_dead_letters():
    """Between the refusal, the copy and the mark; the copy is one within the queue's deduplication."""
    for crash in range(STEPS):
        queue = begun(1)
        queue.world.post.script["a@x.org"] = [Permanent("gone")] * 3
        queue.world.crash_at(crash)
        queue.work()
        queue.drain()
        assert len(queue.world.bus.dead) == 1
        assert_kept(queue, 1, 1)


ANSWERS = st.one_of(
    st.none(),
    st.builds(Permanent, st.just("gone")),
    st.builds(Retry, st.just("busy")),
    st.builds(Ambiguous, st.just("timeout")),
    st.builds(OSError),
    st.builds(ChannelDown, after=st.just(9)),
)
LEDGER = [f"{when} ledger.{call}" for when in ("before", "after") for call in ("create", "swap", "sent", "records")]
FAULTS = st.sampled_from(["crash", "crash", "ledger", "bus", "redrive", "none"])


@settings(max_examples=examples(150))
@given(
    st.sampled_from([0, 1, 2, 5]),
    st.lists(st.tuples(FAULTS, st.integers(0, 60)), max_size=12),
    st.lists(ANSWERS, max_size=12),
    st.lists(ANSWERS, max_size=12),
)
def test_any_history_of_faults_answers_and_redrives(bound, faults, to_a, to_b):
    queue = begun(1, 2)
    world = queue.world

    def lost() -> None:
        """Accepted, and the answer never came."""
        world.post.accepted.append(("a@x.org", "n=1", ""))
        raise Ambiguous("lost")

    world.post.script["a@x.org"] = [answer for answer in to_a if answer]
    world.post.script["b@x.org"] = [answer for answer in to_b if answer]
    for fault, step in faults:
        world.heal()
        match fault:
            case "crash":
                world.crash_at(step)
            case "ledger":
                world.fail(StoreError("CC904", "x"), LEDGER[step % len(LEDGER)], times=1 + step % 3)
            case "bus":
                world.fail(BusError("CC222", "x"), "before bus.forward", "before bus.delay", times=1)
            case "redrive":
                queue.redrive()
        queue.work(max_ambiguous=bound)
        assert max(acceptances(world).values(), default=0) <= 1 + bound
    queue.drain(max_ambiguous=bound)
    if not queue.redrives:
        assert_kept(queue, 2, bound)
    states = [one.state for key, one in world.ledger.rows.items() if key.sort != "*"]
    assert len(states) == 4
    assert set(states) <= OVER


@settings(max_examples=examples(150))
@given(st.sampled_from([0, 1, 2]), st.lists(st.sampled_from(["overtaken", "late", "lost", "fine"]), max_size=8))
def test_zombies_that_wake_up_after_somebody_else_took_over(bound, plan):
    """`overtaken`: while the call is on its way its lease ends, and another worker handles the message meanwhile."""
    queue = begun(1)
    world = queue.world
    given_ = queue.waiting[0]

    def invocation(depth: int) -> None:
        at = desk(world, lambda message: "n=1", max_ambiguous=bound)
        deliver_batch(at, [given_._replace(receives=depth + 1)], plenty)

    def call(name: str, depth: int) -> Any:
        def answer() -> None:
            if name == "overtaken":
                world.clock.move(16)
                invocation(depth + 1)
            elif name == "late":
                world.clock.move(16)
            elif name == "lost":
                world.post.accepted.append(("a@x.org", "n=1", ""))
                raise Ambiguous("lost")

        return answer

    world.post.script["a@x.org"] = [call(name, depth) for depth, name in enumerate(plan)]
    for depth in range(12):
        invocation(depth)
        world.clock.move(700)

    assert max(acceptances(world).values(), default=0) <= 1 + bound
    [record] = [one for key, one in world.ledger.rows.items() if key.sort != "*"]
    assert record.state in OVER
