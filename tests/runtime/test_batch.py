"""A batch: groups in order, stopped at their first failure; the answer names only what was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import SKIP, Message
from cloud_cron.errors import BusError, ChannelDown, Permanent, Retry, StoreError
from cloud_cron.runtime.batch import deliver_batch
from tests.runtime.support import World, desk, message, plenty, received

if TYPE_CHECKING:
    from cloud_cron.ports import Received


def batch(*names: str) -> list[Received]:
    """`a1 a2 b1`: messages of groups a and b, in this order."""
    return [
        received(message(payload={"name": name}, id=name), id=f"id-{name}", group=name.rstrip("0123456789"))
        for name in names
    ]


def answering(answers: dict[str, BaseException], called: list[str] | None = None) -> Any:
    """A notifier that raises for some messages."""

    def function(message: Message) -> str:
        name: str = message.payload["name"]
        if called is not None:
            called.append(name)
        if name in answers:
            raise answers[name]
        return name

    return function


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    assert list(answer) == ["batchItemFailures"]
    return [failure["itemIdentifier"].removeprefix("id-") for failure in answer["batchItemFailures"]]


def test_a_batch_that_was_delivered_is_answered_with_an_empty_list():
    world = World()

    assert deliver_batch(desk(world, answering({})), batch("a1", "a2", "b1"), plenty) == {"batchItemFailures": []}
    assert [text for _, text, _ in world.post.accepted] == ["a1", "a2", "b1"]
    assert deliver_batch(desk(world, answering({})), [], plenty) == {"batchItemFailures": []}


def test_a_group_stops_at_its_first_failure_and_the_others_proceed():
    world, called = World(), list[str]()
    given_ = batch("a1", "b1", "a2", "c1", "a3", "b2")
    answer = deliver_batch(desk(world, answering({"a2": Retry(after=40)}, called)), given_, plenty)

    assert failed(answer) == ["a2", "a3"]
    assert called == ["a1", "b1", "a2", "c1", "b2"]
    assert [text for _, text, _ in world.post.accepted] == ["a1", "b1", "c1", "b2"]
    assert world.bus.delayed == [("id-a2", 40), ("id-a3", 40)]


def test_a_parked_message_lets_its_group_go_on():
    world = World()

    assert failed(deliver_batch(desk(world, answering({"a1": Permanent("no")})), batch("a1", "a2"), plenty)) == []
    assert [text for _, text, _ in world.post.accepted] == ["a2"]
    assert len(world.bus.dead) == 1


def test_a_blocking_message_stops_its_group_and_no_other():
    world = World()
    at = desk(world, answering({"a1": Permanent("no")}), on_poison="block")

    assert failed(deliver_batch(at, batch("a1", "b1", "a2"), plenty)) == ["a1", "a2"]
    assert [text for _, text, _ in world.post.accepted] == ["b1"]
    assert world.bus.delayed == [("id-a1", 600), ("id-a2", 600)]
    assert world.bus.dead == {}


def test_a_channel_that_is_down_stops_the_batch():
    world, called = World(), list[str]()
    world.post.script["a@x.org"] = [ChannelDown("quota")]
    answer = deliver_batch(desk(world, answering({}, called)), batch("a1", "b1", "c1"), plenty)

    assert failed(answer) == ["a1", "b1", "c1"]
    assert called == ["a1"]
    assert world.bus.delayed == [("id-a1", 300), ("id-b1", 300), ("id-c1", 300)]


@pytest.mark.parametrize(("pause", "seconds"), [(0, 1), (0.2, 1), (1, 1), (1.2, 2), (90, 90)])
def test_a_pause_is_whole_seconds_and_at_least_one(pause, seconds):
    world = World()
    deliver_batch(desk(world, answering({"a1": Retry(after=pause)})), batch("a1"), plenty)

    assert world.bus.delayed == [("id-a1", seconds)]


@pytest.mark.parametrize("error", [StoreError("CC904", "out of reach"), RuntimeError("a bug")])
def test_a_ledger_out_of_reach_sends_nothing_and_tells_the_journal(error):
    world = World()
    world.fail(error, "before ledger.create")
    answer = deliver_batch(desk(world, answering({})), batch("a1", "b1"), plenty)

    assert failed(answer) == ["a1", "b1"]
    assert world.post.calls == []
    assert world.bus.delayed == [("id-a1", 3), ("id-b1", 3)]
    assert world.journal.statuses == [(None, "retry")] * 2
    assert all(told.error is error for told in world.journal.deliveries)


def test_a_dead_letter_queue_out_of_reach_keeps_the_message():
    world = World()
    world.fail(BusError("CC222", "out of reach"), "before bus.forward")

    assert failed(deliver_batch(desk(world, answering({"a1": Permanent("no")})), batch("a1", "a2"), plenty)) == [
        "a1",
        "a2",
    ]


@pytest.mark.parametrize("error", [BusError("CC221", "gone"), StoreError("CC904", "out of reach")])
def test_a_visibility_that_cannot_be_set_does_not_fail_the_batch(error):
    world = World()
    world.fail(error, "before bus.delay")
    answer = deliver_batch(desk(world, answering({"a1": Retry(after=5)})), batch("a1", "b1"), plenty)

    assert failed(answer) == ["a1"]


def test_time_that_is_up_hands_the_rest_back_unattempted():
    world, called, left = World(), list[str](), [60.0]

    def slow(message: Message) -> str:
        called.append(message.payload["name"])
        left[0] -= 25
        return "x"

    answer = deliver_batch(desk(world, slow), batch("a1", "b1", "c1", "a2"), lambda: left[0])

    assert failed(answer) == ["b1", "c1", "a2"]
    assert called == ["a1", "b1"]
    assert world.journal.statuses == [("a@x.org", "sent")]


def test_nothing_of_one_batch_is_left_for_the_next():
    world = World()
    at = desk(world, answering({"a1": Retry(after=5)}))
    deliver_batch(at, batch("a1", "a2"), plenty)

    assert failed(deliver_batch(at, batch("a3"), plenty)) == []


OUTCOMES = st.sampled_from(["sent", "retry", "permanent", "exception", "none", "skip", "unreadable", "down", "busy"])
RAISED = {"retry": Retry, "permanent": Permanent, "exception": LookupError}
ANSWERED = {"down": ChannelDown, "busy": Retry}
RETURNED = {"none": None, "skip": SKIP}


def doing(world: World) -> Any:
    """A notifier, and a provider behind it, that do what the payload says."""

    def function(message: Message) -> Any:
        what = message.payload["do"]
        if what in RAISED:
            raise RAISED[what]
        if what in ANSWERED:
            world.post.script["a@x.org"] = [ANSWERED[what]()]
        return RETURNED.get(what, "x")

    return function


def kept(plan: list[tuple[str, str]]) -> list[str]:
    """The messages that must come back."""
    names, held, down = list[str](), set[str](), False
    for number, (group, outcome) in enumerate(plan):
        waits = down or group in held
        if waits or outcome in {"retry", "exception", "busy", "down"}:
            names.append(f"id-{number}")
            held.add(group)
            down = down or (outcome == "down" and not waits)
    return names


@given(st.lists(st.tuples(st.sampled_from("abc"), OUTCOMES), max_size=10))
def test_whatever_happens_the_answer_is_in_order_and_of_what_was_received(plan):
    world = World()
    given_ = [
        received("{" if do == "unreadable" else message(payload={"do": do}, id=f"M{n}"), id=f"id-{n}", group=group)
        for n, (group, do) in enumerate(plan)
    ]
    answer = deliver_batch(desk(world, doing(world), attempts=2), given_, plenty)

    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == kept(plan)
    assert [name for name, _ in world.bus.delayed] == kept(plan)
    assert all(seconds >= 1 for _, seconds in world.bus.delayed)
