"""Mail through SES: what is sent, and what every answer means for a delivery."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from cloud_cron.aws.clients import Clients
from cloud_cron.aws.ses import SesSender
from cloud_cron.channels import find
from cloud_cron.channels.email import EmailOptions
from cloud_cron.channels.mail import EmailContent
from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry, UnsupportedError
from cloud_cron.local.clock import VirtualClock

OPTIONS = EmailOptions(sender="Shop <shop@example.org>", configuration_set="events")
CONTENT = EmailContent("Käse", "text ✉", "<p>html</p>")
KEY = "a" * 64


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


def refusal(code: str, message: str = "no", status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")


@pytest.mark.moto
def test_a_mail_is_sent_as_a_whole_to_one_recipient():
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws():
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        clients = Clients(session)
        clients.get("sesv2").create_email_identity(EmailIdentity="example.org")
        receipt = sender(clients.get("sesv2")).send(CONTENT, "ada@example.org", KEY, 10.0)
        [sent] = moto.ses.models.ses_backends["123456789012"]["us-east-1"].sent_messages
    assert receipt.id == sent.id
    assert set(sent.destinations) == {"ada@example.org"}  # moto counts the header too
    raw = sent.raw_data
    mail = message_from_bytes(raw if isinstance(raw, bytes) else raw.encode(), policy=policy.default)
    assert (mail["Subject"], mail["From"], mail["To"]) == ("Käse", "Shop <shop@example.org>", "ada@example.org")


def test_a_call_carries_the_key_and_the_configuration_set():
    client = Refusing(refusal("MessageRejected"))
    with pytest.raises(Permanent):
        sender(client).send(CONTENT, "ada@example.org", KEY, 10.0)
    [request] = client.asked
    assert request["EmailTags"] == [{"Name": "cc-effect", "Value": KEY}]
    assert request["ConfigurationSetName"] == "events"


@pytest.mark.parametrize(
    ("error", "outcome", "after"),
    [
        (refusal("TooManyRequestsException", status=429), Retry, None),
        (refusal("ThrottlingException", "Maximum sending rate exceeded."), Retry, None),
        (refusal("ThrottlingException", "Daily message quota exceeded."), ChannelDown, 900.0),
        (refusal("MessageRejected", "bad content"), Permanent, None),
        (refusal("MessageRejected", "Email address is not verified. The following identities failed the check in "
         "region US-EAST-1: shop@example.org"), ChannelDown, None),
        (refusal("MessageRejected", "Email address is not verified. The following identities failed the check in "
         "region US-EAST-1: ada@example.org"), Permanent, None),
        (refusal("BadRequestException"), Permanent, None),
        (refusal("AccessDeniedException", status=403), ChannelDown, None),
        (refusal("SendingPausedException"), ChannelDown, None),
        (refusal("AccountSuspendedException"), ChannelDown, None),
        (refusal("NotFoundException", status=404), ChannelDown, None),
        (refusal("InternalFailure", status=500), Ambiguous, None),
        (refusal("SomethingElse"), Permanent, None),
        (ReadTimeoutError(endpoint_url="https://ses"), Ambiguous, None),
        (ConnectTimeoutError(endpoint_url="https://ses"), Retry, None),
        (EndpointConnectionError(endpoint_url="https://ses"), Retry, None),
    ],
)  # fmt: skip
def test_every_answer_means_something_for_the_delivery(error, outcome, after):
    with pytest.raises(outcome) as caught:
        sender(Refusing(error)).send(CONTENT, "ada@example.org", KEY, 10.0)
    assert getattr(caught.value, "after", None) == after


def test_a_host_without_aws_or_without_a_sender_says_what_is_missing():
    for services, options, hint in (
        (None, EmailOptions(sender="a@example.org"), 'write [channels.email] smtp = "smtp://user@host:587"'),
        (Clients(), EmailOptions(), 'write [channels.email] sender = "reports@example.org"'),
    ):
        ports: Any = SimpleNamespace(services=services)
        with pytest.raises(UnsupportedError) as caught:
            find("email").sender(ports, options)
        assert (caught.value.code, caught.value.hint) == ("CC140", hint)


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
