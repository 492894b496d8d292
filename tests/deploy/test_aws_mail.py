"""The port on Amazon SES, against a server that answers as SES does."""

from __future__ import annotations

import pytest

from cloud_cron_cli.deploy.aws_mail import AwsMail
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.ports import MailAccount, Standing
from tests.aws.ses_server import Answer, served

ACCOUNT, IDENTITY = "/v2/email/account", "/v2/email/identities/example.org"
FULL = {"ProductionAccessEnabled": True, "SendingEnabled": True}


@pytest.fixture(scope="module")
def server():
    with served() as found:
        yield found


@pytest.fixture
def mail(server, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    server.answers.clear()
    return AwsMail(AwsSession("eu-central-1", endpoint_url=server.url))


@pytest.mark.parametrize(
    ("told", "account"),
    [
        (FULL, MailAccount(sandboxed=False, paused=False)),
        ({**FULL, "ProductionAccessEnabled": False}, MailAccount(sandboxed=True, paused=False)),
        ({**FULL, "SendingEnabled": False}, MailAccount(sandboxed=False, paused=True)),
    ],
)
def test_how_the_account_stands(server, mail, told, account):
    server.answers[ACCOUNT] = (Answer(), told)
    assert mail.account() == account


def test_how_an_identity_stands(server, mail):
    assert mail.identity("example.org") is Standing.ABSENT
    for verified, standing in ((True, Standing.VERIFIED), (False, Standing.UNVERIFIED)):
        server.answers[IDENTITY] = (Answer(), {"VerifiedForSendingStatus": verified})
        assert mail.identity("example.org") is standing


def test_whether_a_template_is_there(server, mail):
    assert not mail.has_template("news")
    server.answers["/v2/email/templates/news"] = (Answer(), {"TemplateName": "news", "TemplateContent": {}})
    assert mail.has_template("news")
    server.answers["/v2/email/templates/news"] = (Answer(403, "AccessDeniedException"), {})
    assert mail.has_template("news")


def test_a_refusal_is_no_failure(server, mail):
    for code in ("AccessDeniedException", "SomethingElse"):
        server.answers[ACCOUNT] = server.answers[IDENTITY] = (Answer(403, code), {})
        assert mail.account() is None
        assert mail.identity("example.org") is Standing.UNKNOWN
