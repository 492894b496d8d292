"""A mail as bytes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import charset, message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels import mime
from cloud_cron.channels.characters import breaking
from cloud_cron.channels.mail import AttachmentContent, EmailContent, InlineContent

DATE = datetime(2030, 1, 1, 8, tzinfo=UTC)
SNAPSHOT = Path(__file__).with_name("snapshots") / "mail.eml"
CONTENT = EmailContent(
    "Frost in Ängelholm",
    "It is cold: -3 °C.\n",
    '<p>It is cold.</p><img src="cid:chart.png">',
    headers={"X-Station": "KSEA", "List-Unsubscribe": "<https://example.org/stop>"},
    attachments=(
        InlineContent("chart.png", "image/png", b"\x89PNG"),
        AttachmentContent("Werte für heute.csv", "text/csv", b"station,temp\r\nKSEA,-3\r\n"),
    ),
)


INJECTION = "=?utf-8?q?a=0D=0ABcc:_eve=40example.org?="
LINE = st.text(max_size=120).filter(lambda text: text.strip() and not breaking(text))


def made(content: EmailContent = CONTENT, sender: str = '"Shop, Inc." <shop@example.org>', **options) -> bytes:
    settled = {"key": "abc123", "date": DATE, **options}
    return mime.message(content, sender, "ada@example.org", **settled).as_bytes()


def read(content: EmailContent = CONTENT, **options):
    return message_from_bytes(made(content, **options), policy=default)


def names(data: bytes) -> list[str]:
    """The headers of the whole mail, as any program would count them."""
    return re.findall(r"^([!-9;-~]+):", data.partition(b"\r\n\r\n")[0].decode(), re.MULTILINE)


def test_the_mail_is_as_the_snapshot_says():
    assert made().replace(b"\r\n", b"\n").decode() == SNAPSHOT.read_text(encoding="utf-8")


def test_what_another_library_chose_for_all_mail_changes_nothing(monkeypatch):
    before = made(sender="Käse <shop@example.org>")
    monkeypatch.setitem(charset.CHARSETS, "utf-8", (charset.QP, charset.QP, "utf-8"))
    assert made(sender="Käse <shop@example.org>") == before


def test_every_line_ends_as_mail_wants_it_and_is_ascii():
    data = made()
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_it_is_read_back_as_it_was_given():
    mail = read(reply_to="desk@example.org")
    assert mail["Subject"] == "Frost in Ängelholm"
    assert mail["Reply-To"] == "desk@example.org"
    assert mail["X-Station"] == "KSEA"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == "It is cold: -3 °C.\n"
    assert "cid:chart.png" in html.get_content()
    [attached] = mail.iter_attachments()
    assert attached.get_filename() == "Werte für heute.csv"
    [inline] = [part for part in mail.walk() if part["Content-ID"]]
    assert (inline["Content-ID"], inline.get_content_disposition()) == ("<chart.png>", "inline")


def test_the_contents_own_reply_to_counts():
    content = EmailContent("s", "t", "h", reply_to="own@example.org")
    assert read(content, reply_to="desk@example.org")["Reply-To"] == "own@example.org"


def test_the_contents_own_word_about_who_wrote_it_counts():
    content = EmailContent("s", "t", "h", headers={"auto-submitted": "no"})
    assert read(content).get_all("Auto-Submitted") == ["no"]


# Headers


def test_a_subject_that_quotes_an_encoded_word_begins_no_header():
    data = made(EmailContent(INJECTION, "t", "h", attachments=(AttachmentContent(INJECTION, "text/csv", b""),)))
    assert "Bcc" not in names(data)
    assert b"\r\nBcc:" not in data
    assert message_from_bytes(data, policy=default)["Subject"] == INJECTION


@given(LINE, st.lists(LINE.filter(lambda name: not {"/", "\\"} & set(name)), max_size=3, unique=True), st.text())
def test_whatever_it_says_it_is_one_mail_in_short_lines_of_ascii(subject, files, text):
    kinds = (InlineContent, AttachmentContent)
    attachments = tuple(kinds[n % 2](name, "image/png", name.encode()) for n, name in enumerate(files))
    data = made(EmailContent(subject, text, f"<p>{text}</p>", attachments=attachments))
    mail = message_from_bytes(data, policy=default)

    assert data.isascii()
    assert data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert names(data) == names(made(EmailContent("s", "t", "h")))
    assert mail["Subject"].strip() == subject.strip()
    assert sorted((part.get_filename() or "").strip() for part in mail.walk() if part.get_filename()) == sorted(
        name.strip() for name in files
    )


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("shop@example.org", ""),
        (f'"Shop, {"with a long name, " * 9}Inc." <shop@example.org>', f"Shop, {'with a long name, ' * 9}Inc."),
        ('"Ä & Söhne, auf keiner Zeile" <shop@example.org>', "Ä & Söhne, auf keiner Zeile"),
        (f'"{"eve@example.org, " * 60}x" <shop@example.org>', f"{'eve@example.org, ' * 60}x"),
        (r'"\"Ä\" <eve@example.org>" <shop@example.org>', '"Ä" <eve@example.org>'),
    ],
)
def test_a_name_never_becomes_an_address(sender, name):
    [address] = read(sender=sender)["From"].addresses
    assert address.addr_spec == "shop@example.org"
    assert address.display_name.replace(" ", "") == name.replace(" ", "")  # Python 3.11 reads a space between words


def test_a_long_header_is_left_alone():
    link = f"<https://example.org/stop?{'x' * 900}>"
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in made(
        EmailContent("s", "t", "h", headers={"List-Unsubscribe": link})
    )


# Files


@pytest.mark.parametrize("name", ["my chart.png", "Übersicht.png", "a&b.png", "=?utf-8?q?x?=", f"{'x' * 200}.png"])
def test_html_shows_a_file_whatever_its_name(name):
    file = InlineContent(name, "image/png", b"x")
    mail = read(EmailContent("s", "t", f'<img src="cid:{name}"><img src="cid:chart.png">', attachments=(file,)))
    [part] = [part for part in mail.walk() if part["Content-ID"]]
    html = mail.get_body(("html",))

    assert part.get_filename() == name
    assert html is not None
    assert re.fullmatch(r"<[0-9a-f]{32}>", part["Content-ID"])
    assert f'<img src="cid:{part["Content-ID"].strip("<>")}"><img src="cid:chart.png">' in html.get_content()


def test_the_longer_of_two_names_is_shown_as_itself():
    files = tuple(InlineContent(name, "image/png", name.encode()) for name in ("a b", "a b c"))
    mail = read(EmailContent("s", "t", "cid:a b c, cid:a%20b", attachments=files))
    ids = {part.get_filename(): part["Content-ID"].strip("<>") for part in mail.walk() if part["Content-ID"]}
    html = mail.get_body(("html",))

    assert html is not None
    assert f"cid:{ids['a b c']}, cid:{ids['a b']}" in html.get_content()


def test_a_mail_that_is_attached_is_a_file_like_any_other():
    data = made(EmailContent("s", "t", "h", attachments=(AttachmentContent("a.eml", "message/rfc822", b"A: b\n\nc"),)))
    [part] = message_from_bytes(data, policy=default).iter_attachments()

    assert (part.get_content(), part.get_content_type()) == (b"A: b\n\nc", "application/octet-stream")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_the_same_delivery_is_the_same_bytes():
    assert made() == made()
    assert made() != made(key="other")
