"""What `doctor` finds, at both places, and that every finding says what to run next."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from cloud_cron.errors import Ambiguous, Permanent
from cloud_cron.local.lock import HostLock, holder
from cloud_cron.ports import Key, Record
from cloud_cron_cli.operating.doctor import examine
from tests.operating.app import ADA, BOB, due, message_of
from tests.operating.test_letters_contract import body, refused


@pytest.fixture(autouse=True)
def served(world):
    """Somebody serves the machine; AWS needs nobody."""
    with HostLock(world.path, holder("serve", "now")) if hasattr(world, "path") else nullcontext():
        yield


def found(world):
    return examine(world.project, world.again())


def only(world):
    [finding] = found(world).findings
    return finding


def told(world):
    return [(finding.kind, finding.severity, finding.name, finding.total) for finding in found(world).findings]


def test_where_all_is_well_nothing_is_found(world):
    world.run()
    world.settle()
    diagnosis = found(world)
    assert (diagnosis.findings, diagnosis.unseen, diagnosis.is_well) == ([], 0, True)


def test_a_delivery_in_doubt(world):
    unique = refused(world, Ambiguous("reset by peer"), ADA)
    finding = only(world)
    assert told(world) == [("doubt", "error", "mail", 1)]
    assert finding.message == (
        "1 delivery of mail may have been sent, and may not, so that it was not tried again: reset by peer"
    )
    line = f"cloud-cron dlq resolve mail {unique[:12]}"
    assert finding.commands == (
        f"cloud-cron dlq show mail {unique[:12]}",
        f"{line} --sent",
        f"{line} --resend",
    )
    assert not found(world).is_well


def test_what_was_refused_counts_by_notifier(world):
    refused(world, Permanent("no such box"))
    world.senders.answers = {BOB: [Permanent("no such box")]}
    world.run(2)
    world.settle()
    finding = only(world)
    assert (finding.kind, finding.total) == ("rejected", 2)
    assert finding.message.startswith("2 messages of mail did not reach somebody, and will not without a change: ")
    assert "cloud-cron dlq redrive mail" in finding.commands


def test_a_message_that_cannot_be_read_and_one_that_came_too_late(world):
    world.put_dead("mail", "no json", cc_error_code="CC604", cc_error="the body is not JSON")
    world.put_dead("mail", body(message_of(2), issued_at="2020-01-01T00:00:00Z"))
    assert told(world) == [("unreadable", "error", "mail", 1), ("worn-out", "error", "mail", 1)]
    from cloud_cron_cli.operating.redriving import redrive  # noqa: PLC0415 - beside its one use

    redrive(world.project, world.again(), "mail", ())
    world.settle()
    assert told(world) == [("unreadable", "error", "mail", 1), ("stale", "error", "mail", 1)]
    stale = found(world).findings[1]
    assert "(35 days)" in stale.message
    assert stale.commands[-1].endswith("--drop")


def test_commands_are_quoted_for_a_shell(world):
    world.put_dead("mail", "no json", cc_message_id="x;rm -rf", cc_error_code="CC604", cc_error="no")
    world.lose("FAILED")
    assert "cloud-cron dlq show mail 'x;rm -rf'" in {line for each in found(world).findings for line in each.commands}


def test_a_letter_of_a_message_that_everybody_has_by_now(world):
    unique = world.run()
    world.settle()
    world.put_dead("mail", body(unique))
    assert told(world) == [("settled", "note", "mail", 1)]
    assert only(world).commands[0] == "cloud-cron dlq redrive mail"
    assert found(world).is_well


@pytest.mark.parametrize(("state", "kind", "hop"), [("FAILED", "failed", "task"), ("MISSED", "missed", "scheduler")])
def test_lost_runs_count_by_task_and_hop(world, state, kind, hop):
    world.lose(state, 1)
    world.lose(state, 2)
    finding = only(world)
    assert told(world) == [(kind, "error", "export", 2)]
    assert finding.message.startswith(("2 runs of export failed for good", "2 runs of export were not made in time"))
    assert f"export@{due(2)}" in finding.message
    assert f"cloud-cron dlq redrive export --hop {hop}" in finding.commands
    assert f"cloud-cron dlq resolve export export@{due(2)} --drop" in finding.commands


def test_what_a_function_raised_is_said_once(world):
    at, why = world.clock.now().timestamp(), "OSError: no route at app.py:8"
    world.ledger.create(Key("R#export", due(1)), Record("FAILED", at=at, code="OSError", reason=why))
    assert only(world).message == f"1 run of export failed for good, the last of them export@{due(1)}: {why}"


def test_a_run_that_was_skipped_is_only_good_to_know(world):
    at = world.clock.now().timestamp()
    world.ledger.create(Key("R#export", due(9)), Record("SKIPPED", at=at, reason="export@x was still running"))
    assert told(world) == [("skipped", "note", "export", 1)]
    assert found(world).is_well
    assert "export@x was still running" in only(world).message


@pytest.mark.parametrize(
    ("state", "said"),
    [("CLAIMED", "begun and not ended"), ("RECORDED", "not everything"), ("RETRY", "to be tried again")],
)
def test_a_run_that_nobody_came_back_to(world, state, said):
    long_ago = (world.clock.now() - timedelta(hours=5)).timestamp()
    record = Record(state, "t", lease=long_ago, not_before=long_ago, at=long_ago, data="{}")
    world.ledger.create(Key("R#export", due(1)), record)
    finding = only(world)
    assert (finding.kind, finding.severity) == ("left", "error")
    assert said in finding.message
    assert finding.message.endswith("nobody has come back to it for 5 h")


def test_a_run_that_somebody_is_at_is_no_finding(world):
    now = world.clock.now().timestamp()
    world.ledger.create(Key("R#export", due(1)), Record("CLAIMED", "t", lease=now + 60, at=now, data="{}"))
    assert found(world).findings == []


def test_a_run_that_waits_for_another_one_is_where_it_should_be(world):
    now = world.clock.now().timestamp()
    waits = Record("RETRY", "t", not_before=now - 7200, code="WAITING", at=now, data="{}")
    world.ledger.create(Key("R#export", due(2)), waits)
    assert told(world) == [("left", "error", "export", 1)]
    world.ledger.create(Key("R#export", due(1)), Record("CLAIMED", "t", lease=now + 600, at=now, data="{}"))
    assert told(world) == []
