"""Mail through SES: what is sent, and what every answer means for a delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import exceptions as known

from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.ses import SesSender
from cloud_cron.channels import find
from cloud_cron.channels.email import EmailOptions
from cloud_cron.channels.mail import AttachmentContent, EmailContent
from cloud_cron.errors import Permanent, UnsupportedError
from cloud_cron.local.clock import VirtualClock
from tests.aws.emulated import clients as emulated

OPTIONS = EmailOptions(sender="Käse <shop@example.org>", reply_to="help@example.org", configuration_set="events")
FILE = AttachmentContent("a.bin", "application/octet-stream", bytes(range(256)))
CONTENT = EmailContent("Käse ✉", "text ✉", "<p>html ✉</p>", attachments=(FILE,))
KEY = "a" * 64
UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "


def sender(client: Any) -> SesSender:
    ports: Any = SimpleNamespace(clock=VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)))
    return SesSender(ports, OPTIONS, client)


class Refusing:
    """A client whose every call fails in one way."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def send_email(self, **request: Any) -> None:
        self.asked.append(request)
        raise self.error


def refusal(code: str, message: str = "no", status: int = 400) -> known.ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return known.ClientError(answer, "SendEmail")


@pytest.mark.moto
def test_a_mail_is_sent_whole_to_one_recipient_and_keeps_its_sender_with_the_name():
    with emulated() as (clients, backends):
        clients.get("sesv2").create_email_identity(EmailIdentity="example.org")
        receipt = sender(clients.get("sesv2")).send(CONTENT, "ada@example.org", KEY, 10.0)
        [sent] = backends["ses"]["us-east-1"].sent_messages
    assert receipt.id == sent.id
    assert set(sent.destinations) == {"ada@example.org"}  # moto counts the header too
    mail = message_from_bytes(sent.raw_data.encode(), policy=policy.default)
    assert (mail["Subject"], mail["From"], mail["To"]) == ("Käse ✉", "Käse <shop@example.org>", "ada@example.org")
    assert (mail["Reply-To"], mail["Message-ID"]) == (
        "help@example.org",
        f"<{sha256(KEY.encode()).hexdigest()}@example.org>",
    )
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("a.bin", bytes(range(256)))
    shown = mail.get_body(("html",))
    assert shown is not None
    assert shown.get_content().strip() == "<p>html ✉</p>"


def test_a_call_carries_the_key_and_the_configuration_set_and_no_second_sender():
    client = Refusing(refusal("MessageRejected"))
    with pytest.raises(Permanent):
        sender(client).send(CONTENT, "ada@example.org", KEY, 10.0)
    [request] = client.asked
    assert request["EmailTags"] == [{"Name": "cc-effect", "Value": KEY}]
    assert request["ConfigurationSetName"] == "events"
    assert request["Destination"] == {"ToAddresses": ["ada@example.org"]}
    assert "FromEmailAddress" not in request


def test_a_mail_that_cannot_be_put_together_is_refused_before_any_call():
    client = Refusing(refusal("MessageRejected"))
    broken = EmailContent("s", "half of a pair: \ud800", "h")
    with pytest.raises(Permanent, match="cannot be put together"):
        sender(client).send(broken, "ada@example.org", KEY, 10.0)
    assert client.asked == []


@pytest.mark.parametrize(
    ("services", "options", "hint"),
    [
        (None, EmailOptions(sender="a@example.org"), "write [channels.email] smtp"),
        (MachineClients(), EmailOptions(sender="a@example.org"), "set AWS_DEFAULT_REGION and credentials of AWS"),
        (SimpleNamespace(get=lambda _: object()), EmailOptions(), "write [channels.email] sender"),
    ],
    ids=["no AWS", "a machine without", "no sender"],
)
def test_a_host_without_aws_or_without_a_sender_says_what_is_missing(services, options, hint):
    ports: Any = SimpleNamespace(services=services)
    with pytest.raises(UnsupportedError) as caught:
        find("email").sender(ports, options)
    assert (caught.value.code, hint in str(caught.value.hint)) == ("CC140", True)


def test_a_machine_with_a_region_and_credentials_sends_by_ses(monkeypatch):
    for name, value in (("DEFAULT_REGION", "eu-west-1"), ("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(f"AWS_{name}", value)
    ports: Any = SimpleNamespace(services=MachineClients())
    assert isinstance(find("email").sender(ports, OPTIONS), SesSender)


def test_a_call_is_made_once_and_within_the_channels_time():
    with emulated() as (clients, _):
        config = clients.get("sesv2").meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert config.connect_timeout + config.read_timeout < find("email").call_timeout


def test_the_role_may_send_from_the_one_address():
    [statement] = find("email").permissions(OPTIONS)
    place = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
    assert statement == {
        "Action": ["ses:SendEmail", "ses:SendRawEmail"],
        "Resource": [f"{place}:{name}" for name in (
            "identity/shop@example.org", "identity/example.org", "configuration-set/events")],
        "Condition": {"StringEquals": {"ses:FromAddress": "shop@example.org"}},
    }  # fmt: skip
    assert find("email").permissions(EmailOptions(sender="a@b.org", smtp="smtp://x.org")) == []
    assert find("email").permissions(EmailOptions()) == []


@pytest.mark.slow
def test_a_mail_that_weighs_more_than_ses_takes_is_refused_before_any_call():
    client = Refusing(refusal("MessageRejected"))
    heavy = EmailContent("s", "t", "h", attachments=(AttachmentContent("a.bin", "text/csv", bytes(29_300_000)),))
    with pytest.raises(Permanent, match="SES takes 40,000,000"):
        sender(client).send(heavy, "ada@example.org", KEY, 10.0)
    assert client.asked == []
