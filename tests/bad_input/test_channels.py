"""What a mail or a text cannot be: numbers, headers of every kind, parts that are not there, whom a payload names."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any

import pytest

from cloud_cron import Attachment, CloudCron, Email, Sms
from cloud_cron.errors import CloudCronError
from cloud_cron.testing import CronRunner
from tests.bad_input.conftest import HEAD
from tests.channels.mail_servers import Box, served

NUMBERS = [
    pytest.param("4155552671", "does not begin with +", "write it with its country's code", id="54-national"),
    pytest.param("00442079460123", "does not begin with +", "write + instead of 00", id="55-zeros"),
    pytest.param("+1415555267\N{FULLWIDTH DIGIT ONE}", "U+FF11", "+14155552671", id="58-digit"),
    pytest.param("+1", "8 to 15 digits", "+14155552671", id="54-short"),
    pytest.param("", "is empty", "+14155552671", id="54-empty"),
    pytest.param("+14155552671\nBcc", "U+000A", "+14155552671", id="58-line"),
]


@pytest.mark.parametrize(("number", "text", "hint"), NUMBERS[3:])
def test_54_a_number_in_the_decorator(refused, number, text, hint):
    found = refused(f"@app.notifier('sms', recipients=['+12025550123', {number!r}])\ndef go(m): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC310", "app.py", 3)
    assert found["message"].startswith("recipients[1]: ")
    assert text in found["message"]
    assert hint in found["hint"]
    assert len(number) < 3 or number not in found["message"]


@pytest.mark.parametrize(("number", "text", "hint"), NUMBERS)
@pytest.mark.parametrize("key", ["recipients", "from_number", "redirect_to"])
def test_54_a_number_in_the_configuration(refused, key, number, text, hint):
    value = json.dumps([number] if key == "recipients" else number)
    found = refused(
        "@app.notifier('sms')\ndef go(m): ...\n", **{"cloud-cron.toml": f"[channels.sms]\n{key} = {value}\n"}
    )

    assert (found["code"], found["file"]) == ("CC132" if key == "from_number" else "CC310", "cloud-cron.toml")
    assert text in found["message"]
    assert hint in found["hint"]


def told(channel: str, value: Any, **options: Any) -> tuple[list[Any], list[Any]]:
    """What the outbox and the dead letters hold after a notifier returned the value."""
    app = CloudCron("weather")
    app.schedule(topics=["a"], name="go")(lambda: {"a": {"n": 1}})
    people = {"email": "ada@example.org", "sms": "+12025550123", "print": "stdout"}[channel]
    app.notifier(channel, topics=["a"], name="tell", recipients=people, **options)(lambda message: value)
    with CronRunner(app) as cron:
        cron.run("go")
        cron.deliver(raises=False)
        return list(cron.outbox), cron.dlq("tell")


@pytest.mark.parametrize(("number", "text", "hint"), NUMBERS)
def test_54_a_number_that_a_message_chose_is_dead_lettered(number, text, hint):
    sent, [letter] = told("sms", Sms("hello", to=number))

    assert (sent, letter.code) == ([], "CC310")
    assert text in letter.reason
    assert hint


def test_57_a_number_of_another_region_is_dead_lettered():
    pytest.importorskip("phonenumbers")
    sent, [letter] = told("sms", Sms("hello", to="+442079460123"))

    assert (sent, letter.code) == ([], "CC303")
    assert "4420" not in letter.reason


BREAKS = {"LF": "\n", "CR": "\r", "CRLF": "\r\n", "NUL": "\x00", "NEL": "\x85", "LS": "\u2028", "PS": "\u2029"}


def injected(name: str, text: str) -> Email:
    """A mail with the text in one of its headers."""
    logo = Attachment("a.png", b"x", "image/png")
    kinds: dict[str, Any] = {
        "To": lambda: Email("s", "t", to=text),
        "Reply-To": lambda: Email("s", "t", reply_to=text),
        "Subject": lambda: Email(text, "t"),
        "custom": lambda: Email("s", "t", headers={"X-Kind": text}),
        "custom-name": lambda: Email("s", "t", headers={text: "x"}),
        "List-Unsubscribe": lambda: Email("s", "t", headers={"List-Unsubscribe": text}),
        "attachment-name": lambda: Email("s", "t", attachments=[Attachment(text, b"x")]),
        "inline-name": lambda: Email("s", "t", attachments=[logo, Attachment(text, b"x", "image/png", inline=True)]),
        "attachment-type": lambda: Email("s", "t", attachments=[Attachment("a", b"x", text)]),
    }
    made: Email = kinds[name]()
    return made


PLACES = {
    "To": ("CC301", "ada@example.org{}Bcc: eve@evil.org"),
    "Reply-To": ("CC301", "Ada{}Bcc: eve@evil.org <ada@example.org>"),
    "Subject": ("CC410", "hello{}Bcc: eve@evil.org"),
    "custom": ("CC235", "report{}Bcc: eve@evil.org"),
    "custom-name": ("CC235", "X-A{}Bcc"),
    "List-Unsubscribe": ("CC235", "<https://example.org/>{}Bcc: eve@evil.org"),
    "attachment-name": ("CC234", "a.csv{}Bcc: eve@evil.org"),
    "inline-name": ("CC234", "a.png{}Bcc: eve@evil.org"),
    "attachment-type": ("CC234", "text/csv{}Bcc: eve@evil.org"),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("broken", BREAKS)
def test_a_line_break_in_any_header_of_a_message_is_dead_lettered(name, broken):
    code, text = PLACES[name]
    sent, [letter] = told("email", injected(name, text.format(BREAKS[broken])))

    assert (sent, letter.code) == ([], code)
    assert letter.reason.isprintable()


@pytest.mark.parametrize("key", ["sender", "reply_to", "redirect_to", "recipients"])
@pytest.mark.parametrize("broken", BREAKS)
def test_a_line_break_in_any_header_of_the_configuration_is_refused(refused, key, broken):
    text = json.dumps(f"Shop{BREAKS[broken]}Bcc: eve@evil.org <shop@example.org>")
    found = refused(
        "@app.notifier('email')\ndef go(m): ...\n", **{"cloud-cron.toml": f"[channels.email]\n{key} = {text}\n"}
    )

    assert found["code"] == ("CC132" if key in {"sender", "reply_to"} else "CC301")
    assert (found["file"], found["message"].isprintable()) == ("cloud-cron.toml", True)
    assert "eve@" not in found["message"]


@pytest.mark.parametrize("key", ["sender", "reply_to"])
def test_a_line_break_in_a_decorators_option_is_refused(refused, key):
    found = refused(f"@app.notifier('email', {key}='shop@example.org\\r\\nBcc: eve@evil.org')\ndef go(m): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC132", "app.py", 3)


@pytest.mark.parametrize("owned", ["From", "Sender", "To", "Cc", "bcc", "SUBJECT", "Reply-To", "Date", "Message-ID"])
def test_a_header_of_ours_cannot_be_set_by_a_message(owned):
    sent, [letter] = told("email", Email("s", "t", headers={owned: "eve@evil.org"}))

    assert (sent, letter.code) == ([], "CC235")


QUOTED = "=?utf-8?q?hello=0D=0ABcc:_eve@evil.org?="


def test_what_only_looks_like_a_line_break_leaves_as_text_and_begins_no_header(project, run):
    """Encoded words, which a mail program decodes, and percent signs in names: none of it is a header on the wire."""
    box = Box()
    with served(box) as port:
        server = f"smtp = 'smtp+plain://127.0.0.1:{port}'"
        project(
            "from cloud_cron import Attachment, CloudCron, Email\napp = CloudCron('shop')\n"
            "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
            "@app.notifier('email', recipients='ada@example.org')\ndef mail(message):\n"
            f"    return Email({QUOTED!r}, 't', headers={{'X-Kind': {QUOTED!r}}},\n"
            f"        attachments=[Attachment('a%0D%0ABcc: eve.csv', b'x'), Attachment({QUOTED!r}, b'y')])\n",
            **{"cloud-cron.toml": f"[channels.email]\nsender = '\"{QUOTED}\" <shop@example.org>'\n{server}\n"},
        )
        result = run("invoke", "go", "--send")

    assert result.exit_code == 0, result.stderr
    [(_, people, data)] = box.mails
    assert people == ["ada@example.org"]
    names = {name.lower() for part in message_from_bytes(data).walk() for name in part}
    assert "bcc" not in names
    assert b"\r\nBcc" not in data.replace(b"\n Bcc", b"")


@pytest.mark.parametrize(
    ("channel", "value", "code"),
    [
        pytest.param("email", Email("s", "", ""), "CC411", id="both-empty"),
        pytest.param("email", Email("s", " \n", None), "CC411", id="blank-text"),
        pytest.param("email", Email("s", None, "<p> </p>"), "CC411", id="html-without-text"),
        pytest.param("email", "", "CC411", id="empty-string"),
        pytest.param("sms", " \n", "CC411", id="empty-sms"),
        pytest.param("sms", Sms(""), "CC411", id="empty-sms-value"),
        pytest.param("sms", "x" * 1601, "CC405", id="long-sms"),
        pytest.param("print", "", "CC411", id="empty-print"),
        pytest.param("email", Sms("x"), "CC230", id="sms-to-email"),
        pytest.param("sms", Email("s", "t"), "CC230", id="email-to-sms"),
        pytest.param("print", Email("s", "t"), "CC230", id="email-to-print"),
        pytest.param("email", 5, "CC230", id="number"),
        pytest.param("email", None, "CC231", id="none"),
    ],
)
def test_65_what_says_nothing_is_dead_lettered(channel, value, code):
    sent, [letter] = told(channel, value)

    assert (sent, letter.code) == ([], code)


def test_65_a_mail_with_neither_text_nor_html_shows_the_payload_in_the_default_layout():
    [sent], letters = told("email", Email("s"))

    assert letters == []
    assert sent.content.text.strip()
    assert "<html" in sent.content.html


@pytest.mark.parametrize(
    ("channel", "value", "hint"),
    [
        ("email", "Email('s', 't', to=m.payload['to'])", "example.org"),
        ("sms", "Sms('t', to=[m.payload['to']])", '"US"'),
    ],
)
@pytest.mark.parametrize("bounded", [True, False])
def test_whom_a_payload_names_is_a_warning_where_nothing_says_who_may_be(project, run, channel, value, hint, bounded):  # noqa: PLR0913, PLR0917 - a table
    pytest.importorskip("phonenumbers")
    to, allow = ("Ada@example.org", "example.org") if channel == "email" else ("+12025550123", "US")
    more = f", allow_recipients=['{allow}']" if bounded else ", recipients=['+12025550199']" if channel == "sms" else ""
    project(
        HEAD.replace("CloudCron\n", "CloudCron, Email, Sms\n", 1)
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + f"@app.notifier('{channel}', topics=['a']{more})\ndef tell(m): return {value}\n",
        **{"samples/a.json": json.dumps({"to": to})},
    )
    found = [one for one in json.loads(run("check", "--json").stdout)["diagnostics"] if one["code"] != "CC302"]

    assert [(one["code"], one["severity"], one["line"]) for one in found] == (
        [] if bounded else [("W304", "warning", 5)]
    )
    assert bounded or hint in found[0]["hint"]
    assert run("check", "--strict").exit_code == (0 if bounded else 2)


def test_a_recipient_that_the_code_chose_is_no_warning(project, run):
    project(
        HEAD.replace("CloudCron\n", "CloudCron, Email\n", 1)
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + "@app.notifier('email', topics=['a'], recipients=['a@b.org'])\n"
        + "def t(m): return Email('s', 't', to='c@b.org')\n",
        **{"samples/a.json": '{"to": "eve@evil.org"}'},
    )

    assert json.loads(run("check", "--json").stdout)["diagnostics"] == []


def test_an_error_of_a_channel_never_repeats_the_address():
    with pytest.raises(CloudCronError) as caught:
        CloudCron("weather").notifier("email", recipients=["someone.private@b"])(lambda message: "x")

    assert "someone.private" not in str(caught.value)
