"""Large messages and results: put aside before anything refers to them, and read back where they are needed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud_cron.aws.payloads import NoPayloads
from cloud_cron.encoding import utf8_size
from cloud_cron.errors import BusError, EventError, NotFound, StoreError
from cloud_cron.messages import Reference, envelope
from cloud_cron.ports import Key, Outgoing, Record
from cloud_cron.runs import LastRun
from cloud_cron.runtime.batch import deliver_batch
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.parcels import INLINE
from cloud_cron.runtime.task import run_task
from tests.runtime.support import START, World, bench, desk, message, noting, plenty, received
from tests.trying import examples

FIRE = START + timedelta(hours=8)
KEY = Key("R#morning", "2030-01-01T08:00:00Z")
ASKED = Invocation("schedule", scheduled_at=FIRE)
LARGE = {"rows": "x" * 300_000}
OVERHEAD = len(envelope("weather", "dev", message(payload={"x": ""})))


def attempt(world: World, result: Any, asked: Any = ASKED, request: str = "R1", **options: Any) -> Any:
    return run_task(bench(world, lambda: result, **options), asked, request, plenty)


def sent(world: World, topic: str = "reports") -> Outgoing:
    [outgoing] = world.bus.published[topic]
    return outgoing


def deliver(world: World, body: str, receives: int = 1, **options: Any) -> tuple[list[Any], int]:
    """What the notifier's function saw, and how many messages come back."""
    seen: list[Any] = []
    at = desk(world, noting(seen, lambda message: message.payload), **options)
    answer = deliver_batch(at, [received(body)._replace(receives=receives)], plenty)
    return seen, len(answer["batchItemFailures"])


def names(world: World) -> list[str]:
    return [step for step in world.steps if step.startswith("before payloads")]


def dead(world: World) -> dict[str, Any]:
    [(_, attributes)] = world.bus.dead.values()
    return dict(attributes)


# There and back


@settings(max_examples=examples(30))
@given(
    size=st.integers(-3, 3).map(lambda by: INLINE - OVERHEAD - 32 + by * 16) | st.integers(0, 600_000),
    letter=st.sampled_from(["x", "é", "✉", "\U0001f600", "\ufffe", '"', "\n"]),
)
@example(size=INLINE - OVERHEAD, letter="x")
@example(size=INLINE - OVERHEAD + 1, letter="x")
def test_a_payload_of_any_size_comes_through(size, letter):
    world, payload = World(), {"x": letter * (size // len(letter.encode()))}
    report = attempt(world, {"reports": payload})
    body = sent(world).body

    assert utf8_size(body) <= INLINE
    assert deliver(world, body) == ([payload], 0)
    assert report.result == {"reports": payload}
    seen: list[LastRun] = []
    later = Invocation("schedule", scheduled_at=FIRE + timedelta(days=1))
    run_task(bench(world, noting(seen, lambda run: run.last, None)), later, "R2", plenty)
    assert seen == [LastRun(FIRE, {"reports": payload})]


def test_the_envelope_has_the_reference_in_place_of_the_payload():
    world = World()
    attempt(world, {"reports": LARGE})
    body = json.loads(sent(world).body)
    place = body["payload_at"]

    assert "payload" not in body
    assert place == {
        "bucket": "the-bucket",
        "key": f"payloads/{place['sha256']}",
        "sha256": place["sha256"],
        "size": 300_011,
    }
    assert json.loads(world.payloads.bodies[place["sha256"]]) == LARGE


def test_exactly_what_fits_stays_inside():
    for size, inside in ((INLINE, True), (INLINE + 1, False)):
        world = World()
        head = len(_body({"x": ""}))
        attempt(world, {"reports": {"x": "x" * (size - head)}})
        assert ("payload" in json.loads(sent(world).body)) is inside


def _body(payload: dict[str, Any]) -> str:
    world = World()
    attempt(world, {"reports": payload})
    return sent(world).body


def test_what_is_small_asks_the_port_for_nothing():
    world = World()
    attempt(world, {"reports": {"n": 1}, "alerts": [{"n": 2}] * 3})
    attempt(world, {"reports": {"n": 1}}, request="R2")
    deliver(world, sent(world).body)

    assert names(world) == []


def test_many_small_messages_are_recorded_as_a_reference_and_travel_as_they_are():
    world = World()
    several = [{"n": number, "text": "x" * 1_000} for number in range(300)]
    report = attempt(world, {"reports": several})

    assert [json.loads(one.body)["payload"] for one in world.bus.published["reports"]] == several
    assert (report.state, len(world.payloads.bodies)) == ("done", 1)
    assert set(json.loads(world.ledger.rows[KEY].data)) == {"event", "recorded_at"}


def test_one_content_is_put_aside_once_for_all_messages():
    world = World()
    attempt(world, {"reports": [LARGE, LARGE], "alerts": LARGE})

    assert len(world.payloads.bodies) == 2
    assert len({json.loads(one.body)["payload_at"]["key"] for one in world.bus.published["reports"]}) == 1


# A run and its record


def test_a_payload_is_put_before_anything_refers_to_it():
    world = World()
    attempt(world, {"reports": LARGE})
    calls = [step for step in world.steps if step.startswith("before") and ("put" in step or "swap" in step)]
    published = world.steps.index("before bus.publish")

    assert calls == ["before payloads.put", "before ledger.swap", "before payloads.put", *calls[3:]]
    assert world.steps.index("after payloads.put") < world.steps.index("before ledger.swap")
    assert world.steps[:published].count("after payloads.put") == 2


def test_the_record_of_a_large_result_is_small_and_knows_its_payload():
    world = World()
    attempt(world, {"reports": LARGE})
    record = world.ledger.rows[KEY]
    data = json.loads(record.data)

    assert len(record.data) < 1_000
    assert set(data) == {"event", "recorded_at"}
    assert Reference.from_json(data["recorded_at"]).sha256 == record.digest
    assert record.digest in world.payloads.bodies


def test_what_was_recorded_is_published_again_without_another_call():
    world = World()
    world.fail(BusError("CC224", "no"), "before bus.publish")
    with pytest.raises(BusError):
        attempt(world, {"reports": LARGE})
    world.heal()
    report = attempt(world, {"never": "called"})

    assert (report.state, report.result) == ("done", {"reports": LARGE})
    assert deliver(world, sent(world).body) == ([LARGE], 0)


def test_a_run_whose_payload_cannot_be_put_stays_recorded_and_is_published_later():
    world = World()
    world.fail(StoreError("CC909", "no"), "before payloads.put", times=1)
    with pytest.raises(StoreError):
        attempt(world, {"reports": LARGE})
    assert (world.ledger.rows[KEY].state, world.bus.published) == ("CLAIMED", {})

    puts = iter([False, True])
    world.plan = lambda _, name: _raise() if name == "before payloads.put" and next(puts) else None
    with pytest.raises(StoreError):
        attempt(world, {"reports": LARGE})
    assert (world.ledger.rows[KEY].state, world.bus.published) == ("RECORDED", {})
    assert world.journal.states[-1] == "retry"

    world.heal()
    assert attempt(world, {"never": "called"}).state == "done"


def _raise() -> None:
    raise StoreError("CC909", "no")


def test_a_recorded_result_that_is_gone_ends_the_run():
    world = World()
    world.fail(BusError("CC224", "no"), "before bus.publish")
    with pytest.raises(BusError):
        attempt(world, {"reports": LARGE})
    world.heal()
    kept = dict(world.payloads.bodies)
    world.payloads.bodies.clear()
    with pytest.raises(NotFound):
        attempt(world, {"never": "called"})

    record = world.ledger.rows[KEY]
    assert (record.state, record.code, world.bus.published) == ("FAILED", "CC613", {})
    assert world.journal.states[-1] == "failed"
    world.payloads.bodies.update(kept)
    assert attempt(world, {"reports": {"n": 1}}, replace(ASKED, trigger="backfill"), "R2").result == {
        "reports": {"n": 1}
    }


def test_a_duplicate_tells_the_result_while_it_is_there():
    world = World()
    attempt(world, {"reports": LARGE})
    assert attempt(world, None, request="R2").result == {"reports": LARGE}
    world.payloads.bodies.clear()
    again = attempt(world, None, request="R3")
    assert (again.state, again.result) == ("duplicate", None)


def test_the_last_result_is_read_when_asked_and_is_an_error_when_it_is_gone():
    world, later = World(), Invocation("schedule", scheduled_at=FIRE + timedelta(days=1))
    attempt(world, {"reports": LARGE})
    world.payloads.bodies.clear()
    assert attempt(world, None, later).state == "done"

    later = Invocation("schedule", scheduled_at=FIRE + timedelta(days=2))
    world.ledger.rows = {key: record for key, record in world.ledger.rows.items() if key == KEY}
    with pytest.raises(NotFound, match="CC613"):
        run_task(bench(world, lambda run: run.last), later, "R9", plenty)


def test_a_function_without_a_bucket_says_so_when_it_needs_one():
    world = World()
    world.payloads = NoPayloads()  # type: ignore[assignment]
    assert attempt(world, {"reports": {"n": 1}}).state == "done"
    with pytest.raises(StoreError, match="no bucket for large payloads"):
        attempt(world, {"reports": LARGE}, Invocation("manual"), "R2")
    assert world.ledger.rows[Key("R#morning", "!R2")].state == "RETRY"


# A message and its payload


def published() -> tuple[World, str]:
    world = World()
    attempt(world, {"reports": LARGE})
    return world, sent(world).body


def changed(body: str, **changes: Any) -> str:
    whole = json.loads(body)
    return json.dumps({**whole, "payload_at": {**whole["payload_at"], **changes}})


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"bucket": "theirs"}, "CC612", "the payload lies in theirs/payloads/"),
        ({"key": "secrets/x"}, "CC612", "the-bucket/secrets/x"),
        ({"sha256": "0" * 64, "key": f"other/{'0' * 64}"}, "CC612", "reads from the-bucket/payloads/000"),
        ({"size": 3}, "CC614", "is damaged"),
        ({"size": "3"}, "CC606", "size is a str"),
        ({"key": None}, "CC606", "key is empty"),
        ({"bucket": 7}, "CC606", "bucket is a int"),
    ],
)
def test_a_reference_that_is_not_ours_or_wrong_is_parked(changes, code, text):
    world, body = published()

    assert deliver(world, changed(body, **changes)) == ([], 0)
    assert dead(world)["cc_error_code"] == code
    assert text in dead(world)["cc_error"]


@pytest.mark.parametrize("place", [None, [], "payloads/x", {}, {"key": "x", "sha256": "y"}])
def test_a_place_that_is_none_is_a_damaged_envelope(place):
    world, body = published()

    assert deliver(world, json.dumps({**json.loads(body), "payload_at": place})) == ([], 0)
    assert dead(world)["cc_error_code"] == "CC606"


@pytest.mark.parametrize("body", [b"{}", b"", b"x" * 300_011])
def test_a_damaged_payload_is_parked(body):
    world, about = published()
    [name] = [name for name in world.payloads.bodies if name in about]
    world.payloads.bodies[name] = body

    assert deliver(world, about) == ([], 0)
    assert dead(world)["cc_error_code"] == "CC614"


def test_a_payload_that_is_no_object_is_parked():
    world = World()
    text = b"[1]"
    name = sha256(text).hexdigest()
    world.payloads.put(name, text)
    body = envelope("weather", "dev", message(), Reference("the-bucket", f"payloads/{name}", name, 3))

    assert deliver(world, body) == ([], 0)
    assert dead(world)["cc_error_code"] == "CC606"


def test_a_missing_payload_is_asked_for_again_and_parked_in_the_end():
    world, body = published()
    kept = dict(world.payloads.bodies)
    world.payloads.bodies.clear()
    for receive in (1, 2):
        assert deliver(world, body, receive, attempts=3) == ([], 1)
    assert (world.bus.dead, [status for _, status in world.journal.statuses]) == ({}, ["retry", "retry"])
    assert deliver(world, body, 3, attempts=3) == ([], 0)
    assert dead(world)["cc_error_code"] == "CC613"

    world.payloads.bodies.update(kept)
    world.bus.dead.clear()
    again = received(body)._replace(id="redriven")
    seen: list[Any] = []
    deliver_batch(desk(world, noting(seen, lambda message: message.payload)), [again], plenty)
    assert seen == [LARGE]


def test_a_missing_payload_that_comes_in_time_is_delivered():
    world, body = published()
    kept = dict(world.payloads.bodies)
    world.payloads.bodies.clear()
    assert deliver(world, body) == ([], 1)
    world.payloads.bodies.update(kept)
    assert deliver(world, body, 2) == ([LARGE], 0)


def test_a_store_that_cannot_be_asked_decides_nothing():
    world, body = published()
    world.fail(StoreError("CC909", "the payload bucket cannot be reached"), "before payloads.get")

    assert deliver(world, body) == ([], 1)
    assert not [key for key in world.ledger.rows if key.partition.startswith("E#")]
    world.heal()
    assert deliver(world, body, 2) == ([LARGE], 0)


def test_an_old_message_is_stale_whether_or_not_its_payload_is_there():
    world, body = published()
    world.payloads.bodies.clear()
    world.clock.move(40 * 86_400)

    assert deliver(world, body) == ([], 0)
    assert (dead(world)["cc_error_code"], names(world)[-1]) == ("CC611", "before payloads.put")


def test_the_same_content_inside_and_aside_is_one_payload():
    """A message republished across the threshold, as after another deploy, is known by its id and content."""
    world, body = published()
    inside = {**json.loads(body), "payload": LARGE}
    del inside["payload_at"]
    deliver(world, body)
    deliver(world, json.dumps(inside))

    assert (len(world.post.accepted), world.bus.dead) == (1, {})


def test_a_dead_letter_is_the_reference_and_not_the_payload():
    world, body = published()
    deliver(world, body, attempts=1, recipients=("nobody",))
    [(letter, _)] = world.bus.dead.values()

    assert letter.body == body
    assert len(letter.body) < 1_000


def test_a_record_that_refers_to_a_foreign_place_ends_the_run():
    world = World()
    world.ledger.rows[KEY] = Record("RECORDED", token="t", data=json.dumps({"event": {}, "recorded_at": {
        "bucket": "theirs", "key": "k", "sha256": "s", "size": 1}}))  # fmt: skip
    with pytest.raises(EventError, match="CC612"):
        attempt(world, {"never": "called"})
    assert world.ledger.rows[KEY].state == "FAILED"
