"""What every answer of SES means for a delivery: each row of the table, through the real client."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import exceptions as known

from cloud_cron.aws.clients import Clients
from cloud_cron.aws.ses import SesSender
from cloud_cron.aws.ses_answers import ANSWERS, Row, unanswered
from cloud_cron.channels.email import EmailOptions
from cloud_cron.channels.mail import EmailContent
from cloud_cron.errors import Ambiguous, ChannelDown, Outcome, Permanent, Retry
from cloud_cron.local.clock import VirtualClock
from tests.aws.ses_server import Answer, Drop, Silence, client, deaf, served
from tests.loopback import free_port

CONTENT = EmailContent("subject", "text", "<p>html</p>")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "email.md"
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
RATE, DAILY = "Maximum sending rate exceeded.", "Daily message quota exceeded."
ABSENT = "Template weekly does not exist."

CASES = [
    *((Answer(429, code, RATE), Retry) for code in ("TooManyRequestsException", "429")),
    *((Answer(400, code, RATE), Retry) for code in ("ThrottlingException", "Throttling", "LimitExceededException")),
    (Answer(503, "RequestLimitExceeded"), Retry),
    *((Answer(429, code, DAILY), ChannelDown) for code in ("TooManyRequestsException", "429", "Whatever")),
    *((Answer(400, code, DAILY), ChannelDown) for code in ("ThrottlingException", "Throttling")),
    *((Answer(400, code, DAILY), ChannelDown) for code in ("LimitExceededException", "RequestLimitExceeded")),
    (Answer(400, "MessageRejected", f"{UNVERIFIED}shop@example.org"), ChannelDown),
    (Answer(400, "MessageRejected", f"{UNVERIFIED}ada@example.org, EXAMPLE.org"), ChannelDown),
    (Answer(400, "MessageRejected", f"{UNVERIFIED}ada@example.org"), Permanent),
    (Answer(400, "MessageRejected", f"{UNVERIFIED}myshop@example.org"), Permanent),
    (Answer(400, "MessageRejected", "Message body contains a virus"), Permanent),
    (Answer(400, "BadRequestException"), Permanent),
    (Answer(400, "BadRequestException", ABSENT), ChannelDown),
    (Answer(400, "InvalidParameterValue"), Permanent),
    (Answer(400, "ValidationException"), Permanent),
    (Answer(400, "SendingPausedException"), ChannelDown),
    (Answer(400, "AccountSendingPausedException"), ChannelDown),
    (Answer(400, "ConfigurationSetSendingPausedException"), ChannelDown),
    (Answer(400, "AccountSuspendedException"), ChannelDown),
    (Answer(400, "MailFromDomainNotVerifiedException"), ChannelDown),
    (Answer(404, "NotFoundException", "Configuration set events does not exist."), ChannelDown),
    (Answer(400, "ConfigurationSetDoesNotExist"), ChannelDown),
    (Answer(400, "ConfigurationSetDoesNotExistException"), ChannelDown),
    (Answer(400, "TemplateDoesNotExist"), ChannelDown),
    *((Answer(403, code), ChannelDown) for code in ("AccessDeniedException", "AccessDenied", "403")),
    *((Answer(400, code), ChannelDown) for code in ("ExpiredTokenException", "InvalidClientTokenId")),
    (Answer(403, "UnrecognizedClientException"), ChannelDown),
    (Answer(403, "SignatureDoesNotMatch"), ChannelDown),
    (Answer(401, "401"), ChannelDown),
    *((Answer(status, "5xx"), Ambiguous) for status in (500, 502, 503, 504)),
    (Answer(418, "4xx"), Permanent),
]
"""An answer of SES, and what it means; a code that is a number is one that SES does not say."""


@pytest.fixture(scope="module")
def server():
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def ses(server):
    return client(server.url)


def sent(ses: Any) -> Any:
    ports: Any = SimpleNamespace(clock=VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)))
    sender = SesSender(ports, EmailOptions(sender="Shop <shop@example.org>"), ses)
    return sender.send(CONTENT, "ada@example.org", "a" * 64, 10.0)


@pytest.mark.parametrize(("answer", "outcome"), CASES, ids=lambda value: str(getattr(value, "code", "")))
def test_an_answer_of_ses_means_one_thing_for_the_delivery(server, ses, answer, outcome):
    server.answer = answer
    server.asked.clear()
    with pytest.raises(outcome) as caught:
        sent(ses)
    assert type(caught.value) is outcome
    assert len(server.asked) == 1  # and is never answered by a second try
    assert answer.message in caught.value.reason
    assert any(f"({row.hint})" in caught.value.reason for row in ANSWERS)
    if outcome in {Retry, ChannelDown}:
        assert caught.value.after == (900.0 if "Daily" in answer.message else None)


def test_every_code_of_the_table_was_answered():
    said = {answer.code for answer, _ in CASES}
    assert {code for row in ANSWERS for code in row.codes} <= said


def test_a_recipient_of_the_sandbox_is_told_apart_from_the_sender(server, ses):
    server.answer = Answer(400, "MessageRejected", f"{UNVERIFIED}ada@example.org")
    with pytest.raises(Permanent, match=r"sandbox of SES.*ask for production access"):
        sent(ses)
    server.answer = Answer(400, "MessageRejected", f"{UNVERIFIED}example.org")
    with pytest.raises(ChannelDown, match="verify the sender's address or domain"):
        sent(ses)


def test_an_acceptance_has_its_id(server, ses):
    server.answer = Answer()
    assert sent(ses).id == "m-1"


@pytest.mark.parametrize("end", [Drop(), Drop(begun=True), Silence()], ids=["dropped", "cut off", "silent"])
def test_an_answer_that_is_lost_after_the_request_may_have_been_an_acceptance(end):
    with served() as server:
        server.answer = end
        with pytest.raises(Ambiguous, match=r"the answer of SES was (lost|cut off)"):
            sent(client(server.url))
        assert len(server.asked) == 1


def test_the_client_that_ships_asks_once_whatever_the_answer(server, monkeypatch):
    """Botocore would ask again after each of these, and a mail may have gone out each time."""
    for name, value in (("ENDPOINT_URL", server.url), ("DEFAULT_REGION", "eu-central-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    shipped = Clients().get("sesv2")
    for answer in (Answer(500, "InternalFailure"), Answer(503, "ServiceUnavailable"), Answer(429, "TooManyRequests")):
        server.answer = answer
        server.asked.clear()
        with pytest.raises(Outcome):
            sent(shipped)
        assert len(server.asked) == 1


def test_a_call_that_never_left_was_not_accepted():
    nowhere = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Retry, match="cannot be reached"):
        sent(client(nowhere))
    with pytest.raises(Retry, match="cannot be reached"):
        sent(client("http://ses.invalid", proxies={"http": nowhere}))
    with deaf() as url, pytest.raises(Retry, match="cannot be reached"):
        sent(client(url))


def test_without_credentials_nothing_is_sent(server, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    server.asked.clear()
    with pytest.raises(ChannelDown, match="no credentials"):
        sent(client(server.url, key=None))
    assert server.asked == []
    lost = unanswered(known.CredentialRetrievalError(provider="x", error_msg="y"))
    assert isinstance(lost, ChannelDown)


def test_what_the_client_itself_refuses_is_refused_for_good(ses):
    with pytest.raises(known.ParamValidationError) as caught:
        ses.send_email(Content="text")
    assert isinstance(unanswered(caught.value), Permanent)


def told(row: Row) -> str:
    """The row as the page shows it."""
    codes = ", ".join(f"`{code}`" for code in row.codes)
    says = " and ".join("the sender" if word.startswith("<") else f'"{word}"' for word in row.says)
    means = {Retry: "retry", Permanent: "rejected", Ambiguous: "ambiguous", ChannelDown: "channel down"}[row.outcome]
    return f"| {codes}{f', saying {says}' if says else ''} | {means} | {row.hint} |"


def test_the_page_shows_the_table():
    shown = re.findall(r"^\| `.*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert shown[: len(ANSWERS)] == [told(row) for row in ANSWERS]
