"""A line break wherever a mail has a header: refused by name, or in the mail as text; never a header of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from cloud_cron import Attachment, CloudCron, Email
from cloud_cron.aws import ses_template
from cloud_cron.channels import mime
from cloud_cron.channels.email import EmailOptions
from cloud_cron.errors import CloudCronError
from cloud_cron.testing import CronRunner

EVE = "eve@example.org"
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\x00"]
SENT = {"sender": "shop@example.org", "recipients": "ada@example.org"}
PARTS = {"subject": "About {{n}}", "text": "text", "html": "<p>html</p>"}
RETURNED: dict[str, Any] = {
    "subject": lambda bad: Email(bad, "text", "<p>html</p>"),
    "reply_to": lambda bad: Email("s", "t", "h", reply_to=f"a@b.org{bad}"),
    "reply_to's name": lambda bad: Email("s", "t", "h", reply_to=f'"{bad}" <a@b.org>'),
    "a recipient": lambda bad: Email("s", "t", "h", to=f"a@b.org{bad}"),
    "a header's name": lambda bad: Email("s", "t", "h", headers={f"X{bad}": "v"}),
    "a header's value": lambda bad: Email("s", "t", "h", headers={"X-A": f"v{bad}"}),
    "a list's address": lambda bad: Email("s", "t", "h", headers={"List-Unsubscribe": f"<https://b.org/{bad}>"}),
    "a file's name": lambda bad: Email("s", "t", "h", attachments=[Attachment(f"a{bad}", b"")]),
    "a file's type": lambda bad: Email("s", "t", "h", attachments=[Attachment("a", b"", f"text/x{bad}")]),
    "a file's cid": lambda bad: Email("s", "t", "h", attachments=[Attachment(f"a{bad}", b"", "a/b", inline=True)]),
}


def delivered(returned: Any, **options) -> tuple[list[Any], list[str]]:
    """What reached the outbox, and the codes of what was refused."""
    app = CloudCron("shop")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    app.notifier("email", topics=["a"], name="mail", **{**SENT, **options})(lambda message: returned)
    with CronRunner(app) as cron:
        cron.run("go")
        cron.deliver(raises=False)
        return list(cron.outbox), [letter.code for letter in cron.dlq("mail")]


@pytest.mark.parametrize("odd", BREAKS, ids=ascii)
@pytest.mark.parametrize("place", RETURNED)
def test_65_what_a_notifier_returns_begins_no_header(place, odd):
    sent, [code] = delivered(RETURNED[place](f"{odd}Bcc: {EVE}"))
    assert sent == []
    assert code in {"CC234", "CC235", "CC301", "CC410"}


@pytest.mark.parametrize("odd", BREAKS, ids=ascii)
@pytest.mark.parametrize("option", ["sender", "reply_to", "unsubscribe", "configuration_set", "ses_template"])
def test_65_what_is_configured_begins_no_header(option, odd):
    good = {"sender": "a@b.org", "reply_to": "a@b.org", "unsubscribe": "https://b.org/u"}.get(option, "events")
    given: Any = {option: f"{good}{odd}Bcc: {EVE}"}
    with pytest.raises(CloudCronError) as caught:
        EmailOptions(**given)
    assert caught.value.code == "CC132"


def test_65_a_variable_of_an_ses_template_begins_no_header():
    sent, codes = delivered({"n": f"1\r\nBcc: {EVE}"}, ses_template=True, **PARTS)
    assert (sent, codes) == ([], ["CC410"])


def test_an_ses_template_goes_its_whole_way_through_the_runtime():
    [found], codes = delivered({"n": 5}, ses_template=True, **PARTS)
    assert codes == []
    assert (found.content.subject, found.content.text) == ("About 5", "text")
    request = ses_template.request(found.content, EmailOptions(sender=SENT["sender"]), found.recipient)
    assert request["Content"]["Template"]["TemplateName"].startswith("shop-test-mail-")


def test_text_that_looks_like_a_header_is_text():
    [found], _ = delivered(Email("s", f"t\r\n\r\nBcc: {EVE}", "<p>h</p>"))
    made = mime.message(found.content, "a@b.org", "ada@example.org", key="k", date=datetime(2030, 1, 1, tzinfo=UTC))
    mail = message_from_bytes(made.as_bytes(), policy=policy.default)
    assert mail["Bcc"] is None
    assert EVE in str(mail.get_body(("plain",)))
