"""What a deploy says of Amazon SES before it begins, and whom it does not ask in vain."""

from __future__ import annotations

import pytest

from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron.errors import ConfigError, DeclarationError
from cloud_cron_cli.deploy import mailing
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.engine import deploy
from cloud_cron_cli.deploy.ports import MailAccount, Standing
from tests.deploy.clouds import Cloud
from tests.deploy.stages import ORDER, SMALL, made
from tests.deploy.template.apps import nothing

ASKED = {"account", "has_template", "identity"}


def mailing_app(stage: str = "dev", **options) -> App:
    app = CloudCron("shop")
    app.schedule("rate(1 day)", topics=["news"], name="gather")(nothing)
    sent = {"sender": "Shop <shop@example.org>", "recipients": ["ada@example.org"], **options}
    app.notifier("email", topics=["news"], name="mail", **sent)(nothing)
    settings = Settings(stage)
    return App(resolve(app.model(), settings), settings)


def said(cloud: Cloud, app: App) -> list[str]:
    mailing.explain(cloud.tools, app)
    return cloud.said


def test_an_account_that_may_mail_anybody_from_a_verified_sender_is_told_nothing():
    for identity in ("shop@example.org", "example.org"):
        cloud = Cloud()
        cloud.identities[identity] = Standing.VERIFIED
        assert said(cloud, mailing_app()) == []


@pytest.mark.parametrize("standing", [Standing.ABSENT, Standing.UNVERIFIED])
def test_a_sandbox_a_pause_and_an_unverified_sender_are_told(standing):
    cloud = Cloud()
    cloud.mail_account = MailAccount(sandboxed=True, paused=True)
    cloud.identities["example.org"] = standing
    sandbox, pause, sender = said(cloud, mailing_app())
    assert "sandbox" in sandbox
    assert "ask for production access" in sandbox
    assert "paused" in pause
    assert "sender shop@example.org is not verified" in sender


def test_a_template_that_is_not_there_is_told():
    cloud = Cloud()
    cloud.identities["example.org"] = Standing.VERIFIED
    assert said(cloud, mailing_app(ses_template="company-news")) == []
    cloud.absent.add("company-news")
    [told] = said(cloud, mailing_app(ses_template="company-news"))
    assert "there is no template company-news in SES" in told


def test_what_may_not_be_asked_is_no_reason_to_stop():
    cloud = Cloud()
    cloud.mail_account = None
    cloud.identities["example.org"] = Standing.UNKNOWN
    assert said(cloud, mailing_app()) == ["whether SES mails anybody could not be asked: that takes ses:GetAccount"]


@pytest.mark.parametrize(
    "app",
    [made(SMALL), mailing_app(smtp="smtp://mail.example.org"), mailing_app(enabled=False)],
    ids=["no mail", "by smtp", "switched off"],
)
def test_an_app_that_does_not_mail_by_ses_asks_it_nothing(app):
    cloud = Cloud()
    assert said(cloud, app) == []
    assert not ASKED & set(cloud.calls)


def test_it_is_told_before_the_first_change_and_an_unchanged_deploy_asks_nothing():
    cloud, app = Cloud(), mailing_app()
    deploy(cloud.tools, app, ORDER)
    assert "account" in cloud.calls
    assert cloud.calls.index("identity") < cloud.calls.index("propose")
    assert any("is not verified" in text for text in cloud.said)
    cloud.kill(None)
    deploy(cloud.tools, app, ORDER)
    assert not ASKED & set(cloud.calls)


def test_an_identity_is_made_once_and_a_second_stage_is_told_before_anything_is_done():
    cloud = Cloud()
    deploy(cloud.tools, mailing_app(create_identity=True), ORDER)
    assert any("is to be verified when its identity is made" in text for text in cloud.said)
    cloud.identities["example.org"] = Standing.UNVERIFIED
    deploy(cloud.tools, mailing_app(create_identity=True, reply_to="help@example.org"), ORDER)
    cloud.calls.clear()
    with pytest.raises(ConfigError) as caught:
        deploy(cloud.tools, mailing_app("prod", create_identity=True), ORDER)
    assert caught.value.code == "CC815"
    assert "leave create_identity out at this stage" in (caught.value.hint or "")
    assert "propose" not in cloud.calls
    deploy(cloud.tools, mailing_app("prod"), ORDER)


def test_who_may_not_be_told_of_identities_leaves_it_to_cloudformation():
    cloud = Cloud()
    cloud.identities["example.org"] = Standing.UNKNOWN
    deploy(cloud.tools, mailing_app(create_identity=True), ORDER)


def test_an_identity_needs_somebody_to_be():
    with pytest.raises(DeclarationError, match="nobody is named as sender") as caught:
        mailing_app(create_identity=True, sender=None)
    assert caught.value.code == "CC132"
    for given in ("yes", 5, ["domain"]):
        with pytest.raises(DeclarationError) as caught:
            mailing_app(create_identity=given)
        assert caught.value.code == "CC132"
