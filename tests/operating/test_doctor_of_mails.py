"""What `doctor` finds about mails after they were sent: what their provider told, and what it told in vain."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from cloud_cron.local.lock import HostLock, holder
from cloud_cron.ports import Key, Record
from cloud_cron.runtime import naming
from cloud_cron.runtime.listening import COUNTED
from cloud_cron_cli.operating.doctor import examine
from cloud_cron_cli.operating.mail_findings import unheard
from tests.listening.support import body, told
from tests.operating.app import ADA, BOB, message_of


@pytest.fixture
def served(world):
    """Somebody serves the machine; AWS needs nobody."""
    with HostLock(world.path, holder("serve", "now")) if hasattr(world, "path") else nullcontext():
        yield


def counted(world, word, address, hour=1, detail=""):
    """A mail as the function that hears events counts it."""
    message = message_of(hour)
    sort = naming.delivery_key("mail", message, "shop|dev", "email", address).sort
    at = world.clock.now().timestamp()
    world.ledger.create(Key(f"{COUNTED}mail", f"{word}|{message}|{sort}"), Record(word.upper(), reason=detail, at=at))


@pytest.mark.usefixtures("served")
def test_mails_that_bounced_are_told_by_address_and_need_nobody(world):
    counted(world, "bounced", ADA, detail="Permanent/General")
    counted(world, "bounced", ADA, 2, "Permanent/General")
    diagnosis = examine(world.project, world.again())
    [finding] = diagnosis.findings
    assert (finding.kind, finding.severity, finding.name, finding.total) == ("bounced", "note", "mail", 2)
    assert finding.message == (
        "2 mails of mail bounced, because there is no such recipient or Amazon SES suppresses it; "
        f"nobody is told there: {ADA} (Permanent/General)"
    )
    assert finding.commands == ("aws sesv2 list-suppressed-destinations --reasons BOUNCE",)
    assert diagnosis.is_well


@pytest.mark.usefixtures("served")
def test_each_word_is_a_finding_and_an_address_that_nobody_configured_is_not_named(world):
    counted(world, "complained", BOB, detail="abuse")
    counted(world, "complained", "eve@example.org", 2, "abuse")
    counted(world, "refused", "eve@example.org", 3, "Attribute 'name' is not present")
    complained, refused = examine(world.project, world.again()).findings
    assert (complained.kind, complained.message.rpartition(": ")[2]) == ("complained", f"{BOB} and others (abuse)")
    assert (refused.kind, refused.total) == ("refused", 1)
    assert "recipients that the configuration does not name (Attribute 'name' is not present)" in refused.message
    assert refused.commands[0].endswith(("logs mail", "/aws/lambda/mail"))


@pytest.mark.usefixtures("served")
def test_nothing_is_found_where_nothing_was_told(world):
    assert unheard(None) == []
    assert examine(world.project, world.again()).findings == []


@pytest.mark.moto
def test_an_event_that_could_not_be_recorded_is_explained_and_can_be_moved_back(aws):
    aws.hear(body(told("Bounce")), "no event")
    diagnosis = examine(aws.project, aws.again())
    [finding] = diagnosis.findings
    assert (finding.kind, finding.severity, finding.name, finding.total) == ("unheard", "error", None, 2)
    assert finding.message.startswith("2 events of mails could not be recorded, so that what became of these mails is")
    log, move = finding.commands
    assert log == "cloud-cron logs @events"
    assert move.endswith(":events-dead --destination-arn arn:aws:sqs:us-east-1:123456789012:events")
    assert not diagnosis.is_well
    assert len(examine(aws.project, aws.again()).findings) == 1, "who looks takes nothing away"


@pytest.mark.moto
@pytest.mark.parametrize("letter", ["no event", "[]", '{"Type": "Notification", "TopicArn": "t", "Message": "{}"}'])
def test_what_is_no_event_at_all_is_told_with_its_code_and_never_moved(aws, letter):
    aws.hear(letter)
    [finding] = examine(aws.project, aws.again()).findings
    assert ": CC63" in finding.message
    assert [line.split()[2] for line in finding.commands] == ["receive-message", "purge-queue"]
