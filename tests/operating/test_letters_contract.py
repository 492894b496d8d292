"""What a person may rely on when letters are looked at and moved: the same on one machine and on AWS."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cloud_cron.errors import Ambiguous, NotFound, Permanent
from cloud_cron.ports import Key
from cloud_cron_cli.operating import owners, reading
from cloud_cron_cli.operating.redriving import redrive
from cloud_cron_cli.operating.resolving import resolve
from tests.operating.app import ADA, BOB, due, event, message_of


def listed(world):
    return [(letter.hop, letter.owner, letter.id, letter.code) for letter in owners.every(world.again()).seen]


def states(world, unique):
    found = reading.deliveries(world.project, world.again(), "mail", unique)
    return sorted((delivery.record.state, delivery.address or "*") for delivery in found)


def redriven(world, name="mail", *ids, **more):
    return redrive(world.project, world.again(), name, ids, **more)


def resolved(world, begin, verdict, name="mail", recipient=None):
    return resolve(world.project, world.again(), name, begin, recipient, verdict)


def refused(world, error, address=BOB):
    """A message that one recipient did not get; what was accepted is forgotten."""
    world.senders.answers = {address: [error]}
    unique = world.run()
    world.settle()
    world.senders.accepted.clear()
    return unique


def test_a_rejected_recipient_gets_a_fresh_attempt_and_nobody_else_is_told(world):
    unique = refused(world, Permanent("no such box"))
    assert listed(world) == [("notifier", "mail", unique, "permanent")]

    assert redriven(world).total == 1
    world.settle()
    assert world.senders.accepted == [BOB]
    assert listed(world) == []
    assert states(world, unique) == [("SENT", ADA), ("SENT", BOB)]
    assert world.done() == [("redriven", "mail")]


def test_redriving_twice_tells_nobody_twice(world):
    unique = refused(world, Permanent("no such box"))
    redriven(world)
    assert redriven(world).total == 0
    world.settle()
    redriven(world)
    world.settle()
    assert world.senders.accepted == [BOB]
    assert states(world, unique) == [("SENT", ADA), ("SENT", BOB)]


def test_a_letter_of_a_message_that_everybody_has_is_used_up_without_telling_anybody(world):
    unique = world.run()
    world.settle()
    assert world.senders.accepted == [ADA, BOB]
    world.put_dead("mail", body(unique))
    redriven(world)
    world.settle()
    assert world.senders.accepted == [ADA, BOB]
    assert listed(world) == []


def test_doubt_is_never_sent_again_by_a_redrive_and_its_letter_comes_back(world):
    unique = refused(world, Ambiguous("reset"), ADA)
    moved = redriven(world)
    assert (moved.total, moved.doubtful) == (1, 1)
    for _ in range(2):
        world.settle()
        assert world.senders.accepted == []
        assert [each[:3] for each in listed(world)] == [("notifier", "mail", unique)]
        assert states(world, unique) == [("DOUBT", ADA), ("SENT", BOB)]
        redriven(world, "mail", unique[:8])
    world.settle()
    assert world.senders.accepted == []


@pytest.mark.parametrize(("verdict", "told", "fate"), [("sent", [], "gone"), ("resend", [ADA], "queued")])
def test_a_person_settles_doubt_and_it_is_kept_who_that_was(world, verdict, told, fate):
    unique = refused(world, Ambiguous("reset"), ADA)
    settled = resolved(world, unique[:8], verdict)
    assert (settled.id, [each.address for each in settled.deliveries], settled.fate) == (unique, [ADA], fate)
    kept = {each.address: each.record for each in reading.deliveries(world.project, world.place, "mail", unique)}
    assert kept[ADA].reason.startswith(world.place.who())
    world.settle()
    assert world.senders.accepted == told
    assert states(world, unique) == [("SENT", ADA), ("SENT", BOB)]
    assert listed(world) == []
    assert world.done() == [(f"resolved as {verdict}", "mail")]


def test_a_message_whose_letter_is_gone_is_settled_by_its_whole_id(world):
    unique = refused(world, Ambiguous("reset"), ADA)
    place = world.again()
    place.discard(place.dead("mail").seen[0])
    with pytest.raises(NotFound, match="CC741"):
        resolved(world, unique[:8], "sent")
    assert resolved(world, unique, "sent").fate == "gone"
    assert states(world, unique) == [("SENT", ADA), ("SENT", BOB)]


def test_a_letter_in_doubt_is_not_let_go(world):
    unique = refused(world, Ambiguous("reset"), ADA)
    with pytest.raises(NotFound, match="CC746") as caught:
        resolved(world, unique, "drop")
    assert f"dlq resolve mail {unique[:12]} --sent" in str(caught.value)
    assert len(listed(world)) == 1


def test_what_was_refused_is_let_go_without_telling_anybody(world):
    unique = refused(world, Permanent("no such box"))
    assert resolved(world, unique, "drop").fate == "gone"
    world.settle()
    assert (listed(world), world.senders.accepted) == ([], [])
    assert world.done() == [("dropped", "mail")]


def test_what_is_older_than_the_ledger_remembers_stays_untold(world):
    unique = message_of(2)
    world.put_dead("mail", body(unique, issued_at="2020-01-01T00:00:00Z"))
    redriven(world)
    world.settle()
    assert world.senders.accepted == []
    assert listed(world) == [("notifier", "mail", unique, "CC611")]
    assert states(world, unique) == [("STALE", "*")]
    resolved(world, unique, "drop")
    assert listed(world) == []


def test_a_redrive_while_the_notifier_is_at_another_message(world):
    unique = refused(world, Permanent("no such box"))
    world.senders.during = [lambda: redriven(world)]
    other = world.run(2)
    world.settle()
    world.settle()
    assert sorted(world.senders.accepted) == [ADA, BOB, BOB]
    assert listed(world) == []
    assert states(world, unique) == states(world, other) == [("SENT", ADA), ("SENT", BOB)]


def test_a_letter_that_cannot_be_read_is_shown_comes_back_and_can_be_let_go(world):
    world.put_dead("mail", "no json")
    [(hop, owner, unique, code)] = listed(world)
    assert (hop, owner, code) == ("notifier", "mail", "receives")
    redriven(world)
    world.settle()
    [(*_, unique, code)] = listed(world)
    assert (code, world.senders.accepted) == ("CC604", [])
    resolved(world, unique, "drop")
    assert listed(world) == []


@pytest.mark.parametrize(("state", "hop"), [("FAILED", "task"), ("MISSED", "scheduler")])
def test_a_lost_run_is_made_as_the_very_same_run(world, state, hop):
    world.lose(state)
    assert listed(world) == [(hop, "export", f"export@{due(1)}", "Boom")]
    assert redriven(world, "export").total == 1
    world.settle()
    assert world.calls == [f"export@{due(1)}"]
    assert sorted(world.senders.accepted) == [ADA, BOB]
    assert listed(world) == []
    assert world.done() == [("redriven", "export")]
    assert redriven(world, "export").total == 0


def test_runs_are_named_by_what_follows_their_task_and_by_their_hop(world):
    world.lose("FAILED", 1)
    world.lose("FAILED", 2)
    world.lose("MISSED", 3)
    with pytest.raises(NotFound, match="CC742"):
        redriven(world, "export", "export@")
    assert [run.id for run in redriven(world, "export", due(2)).moved] == [f"export@{due(2)}"]
    assert [run.id for run in redriven(world, "export", hop="scheduler").moved] == [f"export@{due(3)}"]
    world.settle()
    assert sorted(world.calls) == [f"export@{due(2)}", f"export@{due(3)}"]
    assert listed(world) == [("task", "export", f"export@{due(1)}", "Boom")]


def test_a_run_that_fails_again_is_lost_again(world):
    world.lose("FAILED", event={**event(1), "trigger": "backfill"})
    for count in (1, 2):
        world.broken[:] = [ValueError("still")]
        redriven(world, "export")
        world.settle()
        assert listed(world) == [("task", "export", f"export@{due(1)}", "ValueError")]
        assert world.calls == [f"export@{due(1)}"] * count


def test_a_run_that_nobody_needs_counts_as_skipped_and_who_said_so_is_kept(world):
    world.lose("FAILED")
    assert resolved(world, due(1), "drop", "export").fate == "gone"
    record = world.ledger.get(world_key(1))
    assert record.state == "SKIPPED"
    assert record.reason == f"{world.place.who()} let it go; it was failed: broken"
    assert listed(world) == []
    assert world.done() == [("dropped", "export")]


def test_a_run_is_resolved_by_making_it_and_is_never_in_doubt(world):
    world.lose("FAILED")
    with pytest.raises(NotFound, match="CC743"):
        resolved(world, due(1), "sent", "export")
    assert resolved(world, due(1), "resend", "export").fate == "queued"
    world.settle()
    assert world.calls == [f"export@{due(1)}"]


def test_a_record_that_does_not_say_what_it_asks_for(world):
    world.lose("FAILED", event="nothing")
    assert [run.id for run in redriven(world, "export").kept] == [f"export@{due(1)}"]
    with pytest.raises(NotFound, match="CC745"):
        redriven(world, "export", due(1))


@pytest.mark.parametrize("name", ["expotr", "mial"])
def test_a_name_that_nobody_has(world, name):
    with pytest.raises(NotFound, match="there is no task and no notifier"):
        redriven(world, name)


def body(unique, **changes):
    """An envelope of ours."""
    now = datetime.now(UTC).isoformat()
    said = {"cloud_cron": 1, "app": "shop", "stage": "dev", "id": unique, "topic": "orders", "task": "export",
            "run_id": "export@x", "scheduled_at": None, "issued_at": now, "payload": {"n": 1}}  # fmt: skip
    return json.dumps({**said, **changes})


def world_key(hour):
    return Key("R#export", due(hour))
