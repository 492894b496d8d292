"""A mail that SES renders: what is shown of it here, and what is asked of SES."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import Attachment, CloudCron, Email
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.ses import SesSender
from cloud_cron.channels import find, mime
from cloud_cron.channels.base import Letter
from cloud_cron.channels.context import Context
from cloud_cron.channels.email import EmailOptions
from cloud_cron.errors import DeclarationError, Permanent, RenderError, ResultError
from cloud_cron.local.clock import VirtualClock
from cloud_cron.messages import Message
from cloud_cron.model import NotifierModel
from cloud_cron.rendered import as_json
from cloud_cron.rendering import NotifierParts, Templates
from tests.aws.ses_server import Answer, client, served

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FILES = {"weekly.subject.txt": "News for {{name}}\n", "weekly.html": "<p>{{#each rows}}{{this}} {{/each}}</p>"}


@pytest.fixture
def world(tmp_path):
    """Parts and context of a notifier called `weekly` whose templates are these files."""

    def make(files: dict[str, str], ses_template: str | None = None, **declared: Any) -> SimpleNamespace:
        folder = tmp_path / "templates"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        options = {"ses_template": ses_template or True}
        model = NotifierModel("weekly", "email", options=options, where="app.py:12", **declared)
        parts = NotifierParts(model, "shop", Templates(folder))
        message = Message("news", {}, "M")
        context = Context("shop", "prod", "weekly", message, "ada@example.org", parts, options=options)
        return SimpleNamespace(parts=parts, render=lambda value: find("email").render(value, context))

    return make


def test_a_template_of_the_app_is_shown_as_ses_will_make_it(world):
    content = world(FILES).render({"name": "Ada", "rows": ["a", "b"]})
    assert (content.subject, content.html, content.text.strip()) == ("News for Ada", "<p>a b </p>", "a b")
    assert content.template == resource_name("shop", "prod", "notifier", "weekly")
    assert json.loads(content.data) == {
        "recipient": "ada@example.org", "app": "shop", "stage": "prod", "name": "Ada", "rows": ["a", "b"],
    }  # fmt: skip
    assert content.whole
    mail = mime.message(content, "a@b.org", "ada@example.org", key="k", date=NOW)
    assert mail["Subject"] == "News for Ada"


def test_a_template_that_is_not_here_is_told_by_its_name_and_variables(world):
    content = world({}, "company-news").render(Email(variables={"name": "<Ada>"}))
    assert content.subject == "SES template company-news"
    assert '"name": "<Ada>"' in content.text
    assert "&lt;Ada&gt;" in content.html
    assert as_json(content)["template"] == "company-news"  # type: ignore[index]
    with pytest.raises(ValueError, match="only Amazon SES can render its template"):
        mime.message(content, "a@b.org", "ada@example.org", key="k", date=NOW)


def test_a_template_that_says_more_than_is_known_here_is_left_to_ses(world):
    content = world({**FILES, "weekly.txt": "{{> footer}}"}).render({"name": "Ada", "rows": []})
    assert not content.whole
    assert "SES renders" in content.text


def test_the_notifiers_own_variables_win(world):
    content = world({}, "news").render({"app": "theirs", "at": NOW})
    assert json.loads(content.data)["app"] == "theirs"
    assert json.loads(content.data)["at"] == "2030-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("value", "kind", "code"),
    [
        (Email("subject", variables={}), ResultError, "CC236"),
        (Email(html="<p>", variables={}), ResultError, "CC236"),
        (Email(text=5), ResultError, "CC230"),  # type: ignore[arg-type]
        ("a text", ResultError, "CC230"),
        (None, ResultError, "CC231"),
        ({"name": "Ada"}, RenderError, "CC403"),
        ({"name": "Ada\nBcc: eve@b.org", "rows": []}, RenderError, "CC410"),
        ({"name": object()}, ResultError, "CC212"),
        ({"name": "x" * 262_144}, ResultError, "CC236"),
        ({"name": "ü" * 131_072}, ResultError, "CC236"),
        (Email(variables={"name": "Ada", "rows": []}, headers={"X-A": "a\r\nBcc: e@b.org"}), ResultError, "CC235"),
    ],
)
def test_what_ses_would_refuse_or_lose_is_refused_here(world, value, kind, code):
    made = world({**FILES, "weekly.txt": "{{#each rowss}}{{/each}}{{rows.x}}"} if code == "CC403" else FILES)
    with pytest.raises(kind) as caught:
        made.render(value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("files", "declared", "said"),
    [
        ({}, {}, "needs a template, in SES's own language"),
        ({"weekly.txt": "x"}, {}, "has a subject and a text or html part, and this one has text"),
        ({"weekly.subject.txt": "x"}, {}, "this one has subject"),
        ({**FILES, "weekly.txt": "{{resolve:ssm:/password}}"}, {}, "reads as a secret"),
        ({**FILES, "weekly.txt": "x" * 500_000}, {}, "SES takes 500,000"),
    ],
)
def test_a_template_that_ses_could_not_be_given_is_a_mistake_of_the_app(world, files, declared, said):
    [error] = world(files, **declared).parts.check()
    assert said in error.message
    assert (error.code, error.where) == ("CC407", "app.py:12")


def test_a_check_reads_the_files_in_sess_language_and_not_as_jinja(world):
    assert world({**FILES, "weekly.txt": "{{#if name}}{{name}}{{/if}}{{> footer}}"}).parts.check() == []
    [error] = world({**FILES, "weekly.txt": "{% if name %}{{#if name}}"}).parts.check()
    assert error.code == "CC402"
    assert "SES's own language, not in Jinja" in (error.hint or "")
    assert world({}, "there-already", subject="{{a}}", text="{{b}}").parts.check() == []


@pytest.mark.parametrize("given", ["a b", "x" * 65, "", 5, "a.b"])
def test_a_name_that_no_template_can_have_is_refused(given):
    with pytest.raises(DeclarationError) as caught:
        EmailOptions(ses_template=given)
    assert caught.value.code == "CC132"


def test_a_decorator_takes_the_option():
    app = CloudCron("shop")
    app.notifier("email", topics=["news"], ses_template=True, name="weekly")(lambda message: {})
    assert app.model().notifiers[0].options == {"ses_template": True}


@pytest.fixture(scope="module")
def server():
    with served() as found:
        yield found


def sent(server, content, **options) -> dict[str, Any]:
    ports: Any = SimpleNamespace(clock=VirtualClock(NOW))
    found = EmailOptions(sender="Käse <shop@example.org>", ses_template=True, **options)
    server.answer = Answer()
    assert SesSender(ports, found, client(server.url)).send(content, "ada@example.org", "k1", 10.0).id == "m-1"
    request: dict[str, Any] = server.asked[-1][1]
    return request


def test_ses_is_asked_for_the_template_and_told_the_rest_beside_it(world, server):
    files = [Attachment("a.csv", b"1,2"), Attachment("logo.png", b"\x89", inline=True)]
    given = Email(variables={"name": "Ada", "rows": []}, headers={"X-A": "1"}, reply_to="x@b.org", attachments=files)
    content = world(FILES).render(given)
    request = sent(server, content, unsubscribe="https://b.org/u?{recipient}", configuration_set="events")
    assert request == {
        "FromEmailAddress": "=?utf-8?b?S8Okc2U=?= <shop@example.org>",
        "ReplyToAddresses": ["x@b.org"],
        "Destination": {"ToAddresses": ["ada@example.org"]},
        "ConfigurationSetName": "events",
        "EmailTags": [{"Name": "cc-effect", "Value": "k1"}],
        "Content": {
            "Template": {
                "TemplateName": content.template,
                "TemplateData": content.data,
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": "<https://b.org/u?ada%40example.org>"},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    {"Name": "X-A", "Value": "1"},
                    {"Name": "Auto-Submitted", "Value": "auto-generated"},
                ],
                "Attachments": [
                    {"RawContent": "MSwy", "FileName": "a.csv", "ContentType": "text/csv",
                     "ContentTransferEncoding": "BASE64", "ContentDisposition": "ATTACHMENT"},
                    {"RawContent": "iQ==", "FileName": "logo.png", "ContentType": "image/png",
                     "ContentTransferEncoding": "BASE64", "ContentDisposition": "INLINE", "ContentId": "logo.png"},
                ],
            }
        },
    }  # fmt: skip


def test_more_headers_than_ses_takes_with_ours_are_refused_before_any_call(world, server):
    content = world({}, "news").render(Email(headers={f"X-{number}": "1" for number in range(15)}))
    server.asked.clear()
    with pytest.raises(Permanent, match="16 headers"):
        sent(server, content)
    assert server.asked == []


def test_smtp_refuses_what_it_cannot_render(world):
    sender: Any = find("email").sender(SimpleNamespace(clock=VirtualClock(NOW)), EmailOptions(  # type: ignore[arg-type]
        sender="a@b.org", smtp="smtp+plain://127.0.0.1:9", ses_template="news"))  # fmt: skip
    with pytest.raises(Permanent, match="only Amazon SES can render"):
        sender.send(world({}, "news").render({}), "ada@example.org", "k1", 10.0)


def test_a_mail_that_goes_to_somebody_else_is_made_here_and_says_for_whom_it_was(world, server):
    content = find("email").redirected(world(FILES).render({"name": "Ada", "rows": ["a"]}), "ada@example.org")
    request = sent(server, content)
    raw = message_from_bytes(b64decode(request["Content"]["Raw"]["Data"]), policy=default)
    assert raw["Subject"] == "[for ada@example.org] News for Ada"
    html = raw.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>a </p>"


def test_of_a_mail_that_ses_makes_no_headers_are_shown(world):
    content = world(FILES).render({"name": "Ada", "rows": []})
    options = EmailOptions(sender="a@b.org", ses_template=True)
    assert find("email").details(content, options, ["ada@example.org"], Letter("k1", NOW)) == {}


def test_the_role_may_use_the_template():
    [statement] = find("email").permissions(EmailOptions(sender="a@b.org", ses_template="company-news"))
    assert statement["Action"] == ["ses:SendEmail", "ses:SendRawEmail"]
    assert (
        statement["Resource"][-1] == "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:template/company-news"
    )
