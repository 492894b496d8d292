"""A mail from whatever a notifier returned."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cloud_cron import Attachment, Email, Sms
from cloud_cron.channels import find, options_of
from cloud_cron.channels.email import EmailOptions
from cloud_cron.channels.mail import AttachmentContent, EmailContent, InlineContent
from cloud_cron.errors import (
    CloudCronError,
    DeclarationError,
    RecipientError,
    RenderError,
    ResultError,
    UnsupportedError,
)
from cloud_cron.rendered import as_json


@pytest.fixture
def mail(context_of):
    """Render by the email channel."""

    def make(value, **options):
        return find("email").render(value, context_of("email", **options))

    return make


def test_a_mapping_is_template_variables(mail):
    found = mail({"kind": "frost"}, subject="{{ kind }}!", text="{{ kind }}", html="<b>{{ kind }}</b>")
    assert found == EmailContent("frost!", "frost", "<b>frost</b>")


def test_a_string_is_the_text_with_the_layout_around_it(mail):
    found = mail("Frost tonight.\n\nTake <care>.")
    assert found.subject == "weather: alerts"
    assert found.text == "Frost tonight.\n\nTake <care>."
    assert "Frost tonight." in found.html
    assert "Take &lt;care&gt;." in found.html
    assert "<!doctype html>" in found.html


def test_an_untemplated_mapping_gets_the_default_layouts(mail):
    found = mail({"kind": "frost", "temp_c": -3})
    assert found.subject == "weather: alerts"
    assert "Temp (°C)  -3" in found.text
    assert "Temp (°C)" in found.html


def test_an_email_decides_part_by_part(mail):
    found = mail(Email("Explicit", variables={"x": 1}), subject="never", text="text {{ x }}", html="html {{ x }}")
    assert (found.subject, found.text, found.html) == ("Explicit", "text 1", "html 1")
    found = mail(Email(html="<p>{{ not a template }}</p>", variables={"x": 1}), text="text {{ x }}")
    assert (found.text, found.html) == ("text 1", "<p>{{ not a template }}</p>")


def test_a_text_of_ones_own_never_shows_data_in_the_html(mail):
    found = mail({"kind": "frost", "internal": "canary"}, text="Only {{ kind }}.")
    assert "Only frost." in found.html
    assert "canary" not in found.html
    found = mail(Email("Subject", "Only text.", variables={"internal": "canary"}))
    assert "canary" not in found.html
    assert ">Subject</h1>" in found.html


def test_html_of_ones_own_never_shows_data_in_the_text(mail):
    found = mail({"kind": "frost", "internal": "canary"}, html="<h1>Frost</h1><p>Only <b>{{ kind }}</b>.</p>")
    assert found.text == "Frost\n\nOnly frost."
    found = mail(Email(html="<p>Only html</p>"), payload={"internal": "canary"})
    assert found.text == "Only html"


def test_the_layout_is_titled_by_a_subject_of_ones_own(mail):
    assert ">Frost!</h1>" in mail({"kind": "x"}, subject="Frost!").html
    assert ">Alerts</h1>" in mail({"kind": "x"}).html


def test_an_email_without_anything_shows_the_payload(mail):
    assert "Kind  frost" in mail(Email()).text


def test_the_json_shape(mail):
    attachments = [Attachment("a.csv", b"12345"), Attachment("logo.png", b"123", inline=True)]
    found = mail(Email("S", "T", "H", reply_to="Ada <ada@B.org>", headers={"X-A": "b"}, attachments=attachments))
    assert as_json(found) == {
        "subject": "S",
        "text": "T",
        "html": "H",
        "reply_to": "Ada <ada@b.org>",
        "headers": {"X-A": "b"},
        "attachments": [
            {"name": "a.csv", "content_type": "text/csv", "bytes": 5},
            {"name": "logo.png", "content_type": "image/png", "bytes": 3},
        ],
    }
    first, second = found.attachments
    assert (type(first), type(second)) == (AttachmentContent, InlineContent)
    assert first.bytes == b"12345"
    assert "12345" not in repr(found)
    assert as_json(mail("x"))["reply_to"] is None  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "kind", "code", "said"),
    [
        (None, ResultError, "CC231", "returned None"),
        (5, ResultError, "CC230", "an int"),
        (["a"], ResultError, "CC230", "a list"),
        (b"x", ResultError, "CC230", "bytes"),
        (Sms("x"), ResultError, "CC230", "an Sms"),
        (Email(text=5), ResultError, "CC230", "Email.text is an int"),  # type: ignore[arg-type]
        (Email(subject=b"x"), ResultError, "CC230", "Email.subject is bytes"),  # type: ignore[arg-type]
        (Email(variables=[1]), ResultError, "CC230", "Email.variables is a list"),  # type: ignore[arg-type]
        ("", RenderError, "CC411", "the text that the notifier returned is empty"),
        (" \n", RenderError, "CC411", "the text"),
        (Email("", "x"), RenderError, "CC411", "the subject that the notifier returned is empty"),
        (Email("x", "x", ""), RenderError, "CC411", "the html"),
        (Email("a\nb", "x"), RenderError, "CC410", "U+000A"),
        (Email("a\n", "x"), RenderError, "CC410", "U+000A"),
        (Email("a\r\nBcc: c@d.org", "x"), RenderError, "CC410", "U+000D"),
        (Email("x" * 999, "x"), RenderError, "CC410", "999"),
        ("x" * 262_145, RenderError, "CC405", "262,144 bytes"),
        (Email("s", "t", reply_to="a@b.org\n"), RecipientError, "CC301", "U+000A"),
        (Email("s", "t", headers={"Bcc": "c@d.org"}), ResultError, "CC235", "'Bcc'"),
        (Email("s", "t", attachments=[b"x"]), ResultError, "CC234", "bytes"),  # type: ignore[list-item]
    ],
)
def test_a_value_of_no_use_is_refused(mail, value, kind, code, said):
    with pytest.raises(CloudCronError) as caught:
        mail(value)
    error = caught.value
    assert type(error) is kind
    assert error.code == code
    assert said in error.message
    assert error.hint


def test_html_without_anything_to_read_needs_a_text(mail):
    with pytest.raises(RenderError) as caught:
        mail(Email(html="<img src='cid:x'>"))
    assert caught.value.code == "CC411"
    assert "the text in the html part is empty" in caught.value.message


def test_none_says_what_to_return(mail):
    with pytest.raises(ResultError) as caught:
        mail(None)
    assert caught.value.hint == "return SKIP to drop the message on purpose"


def test_half_a_surrogate_pair_leaves_as_a_replacement_character(mail):
    found = mail(Email("s\ud800", "t\udfff", "h\ud800"))
    assert (found.subject, found.text, found.html) == ("s\ufffd", "t\ufffd", "h\ufffd")


def test_options_are_spelt_for_headers():
    made = options_of(find("email"), {"sender": "Weather <w@Example.ORG>", "configuration_set": "cs-1"})
    assert made == EmailOptions(sender="Weather <w@example.org>", configuration_set="cs-1")
    assert options_of(find("email"), {}) == EmailOptions()
    assert EmailOptions(smtp="smtp://mail.example.org:587").smtp == "smtp://mail.example.org:587"


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        ({"sender": "a@b"}, "CC132", "sender: address a***@b"),
        ({"sender": 5}, "CC132", "sender must be a string, not an int"),
        ({"reply_to": ["a@b.org", "c@b.org"]}, "CC132", "reply_to must be a string, not a list"),
        ({"reply_to": {"a": "b"}}, "CC132", "reply_to must be a string, not a dict"),
        ({"unsubscribe": ["a"]}, "CC132", "unsubscribe must be a string, not a list"),
        ({"reply_to": "a@b.org\n"}, "CC132", "reply_to: "),
        ({"configuration_set": "a b"}, "CC132", "configuration_set='a b'"),
        ({"events": "yes"}, "CC132", "events='yes' must be true or false"),
        ({"configuration_set": 5}, "CC132", "configuration_set must be a string, not an int"),
        ({"smtp": ["x"]}, "CC132", "smtp must be a string, not a list"),
        ({"sendr": "a@b.org"}, "CC131", "'sendr'"),
    ],
)
def test_options_that_cannot_be_are_refused(values, code, said):
    with pytest.raises(DeclarationError) as caught:
        options_of(find("email"), values)
    assert caught.value.code == code
    assert said in caught.value.message


def test_a_mail_needs_a_server():
    with pytest.raises(UnsupportedError) as caught:
        find("email").sender(SimpleNamespace(services=None), EmailOptions())  # type: ignore[arg-type]
    assert caught.value.code == "CC140"
    assert "no mail server is named, and there is no AWS" in caught.value.message
    assert str(caught.value.hint).startswith('write [channels.email] smtp = "smtp://user@host:587", or set AWS_')


ALL = {"sender": "shop@example.org", "smtp": "smtp://ada@example.org", "secret": "env:X"}


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ({"sender": None}, "smtp is given, and nobody is named as sender"),
        ({"secret": None}, "smtp names a user, and no secret is the password"),
        ({"smtp": "smtp://example.org"}, "secret is a password, and smtp names no user"),
        ({"smtp": None}, "secret is a password, and smtp names no user"),
        ({"events": True}, "events are what Amazon SES tells, and smtp sends without it"),
    ],
)
def test_what_lacks_the_other_is_refused_when_all_is_read(lacking, said):
    channel = find("email")
    channel.complete(options_of(channel, ALL))
    options = options_of(channel, {**ALL, **lacking})
    for check in (channel.complete, lambda given: channel.sender(None, given)):  # type: ignore[arg-type]
        with pytest.raises(DeclarationError) as caught:
            check(options)
        assert (caught.value.code, caught.value.message) == ("CC132", said)
        assert caught.value.hint


def test_a_password_in_place_of_a_reference_is_refused_and_not_shown():
    with pytest.raises(DeclarationError) as caught:
        options_of(find("email"), {**ALL, "secret": "hunter2"})
    assert caught.value.code == "CC506"
    assert "hunter2" not in str(caught.value)
