"""What `doctor` finds on one machine: who is paused, what waits, and whether anybody serves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud_cron.errors import Ambiguous, ChannelDown, Retry
from cloud_cron.local.lock import HostLock, holder
from cloud_cron_cli.operating.doctor import examine
from tests.operating.app import ADA, message_of
from tests.operating.conftest import on_a_machine


def found(machine):
    return examine(machine.project, machine.again())


def only(machine):
    [finding] = found(machine).findings
    return finding


@pytest.fixture
def served(machine):
    with HostLock(machine.path, holder("serve", "now")):
        yield machine


def test_that_nobody_serves_is_said_once_and_nothing_that_follows_from_it(machine):
    machine.run()
    finding = only(machine)
    assert (finding.kind, finding.severity, finding.commands) == ("idle", "error", ("cloud-cron serve",))
    assert finding.message == "nobody serves dev.db, so that nothing runs and nothing is sent"


def test_where_nothing_is_sent_nobody_has_to_serve(machine):
    place = machine.again()
    place._machine = machine.machine._replace(path=machine.path.with_name("dev.dev.db"))
    [finding] = examine(machine.project, place).findings
    assert (finding.kind, finding.severity, finding.commands) == ("idle", "note", ("cloud-cron dev",))


def test_a_channel_that_is_out_of_order(served):
    served.senders.answers = {ADA: [ChannelDown("535 bad password")] * 99}
    served.run()
    served.engine.deliver()
    finding = only(served)
    assert (finding.kind, finding.name) == ("channel-down", "mail")
    assert "535 bad password; 1 message kept until then" in finding.message
    assert finding.commands == ("cloud-cron logs mail",)


def test_a_message_that_waits_too_long(served):
    served.senders.answers = {ADA: [Retry("421 try later", after=40_000)]}
    served.run()
    served.engine.deliver()
    hours = timedelta(hours=3) // timedelta(microseconds=1)
    served.machine.store.change("UPDATE messages SET sent_at = sent_at - ?", (hours,))
    finding = only(served)
    assert (finding.kind, finding.severity) == ("stuck", "error")
    assert finding.message == "1 message kept by mail, the oldest since 3 h ago: 421 try later"


def test_a_pause_is_told_with_what_it_keeps(served):
    served.run()
    served.machine.book.pause(["mail", "export"], 1.0)
    assert [(each.severity, each.message, each.commands) for each in found(served).findings] == [
        ("note", "export is paused", ("cloud-cron resume export",)),
        ("note", "mail is paused, and 1 message for it kept", ("cloud-cron resume mail",)),
    ]


def test_letters_of_a_notifier_that_is_not_there_any_more(served):
    served.put_dead("gone", "{}")
    finding = only(served)
    assert finding.kind == "orphaned"
    assert "gone, a notifier that is not there any more" in finding.message
    assert not any("redrive" in line for line in finding.commands)


def test_a_message_that_stops_its_group_is_named(tmp_path):
    with on_a_machine(tmp_path, on_poison="block") as world, HostLock(world.path, holder("serve", "now")):
        world.senders.answers = {ADA: [Ambiguous("reset")]}
        world.run()
        world.engine.deliver()
        world.machine.store.change("UPDATE messages SET sent_at = sent_at - ?", (7_200_000_000,))
        finding = only(world)
        assert finding.message == "1 message kept by mail, the oldest since 2 h ago: reset"
        assert finding.commands[0] == f"cloud-cron dlq show mail {message_of(1)[:12]}"
