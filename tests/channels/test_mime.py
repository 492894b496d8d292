"""A mail as bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from cloud_cron.channels import mime
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


def made(content: EmailContent = CONTENT, **options) -> bytes:
    given = {"key": "abc123", "date": DATE, **options}
    return mime.message(content, '"Shop, Inc." <shop@example.org>', "ada@example.org", **given).as_bytes()


def test_the_mail_is_as_the_snapshot_says():
    assert made().replace(b"\r\n", b"\n").decode() == SNAPSHOT.read_text(encoding="utf-8")


def test_every_line_ends_as_mail_wants_it_and_is_ascii():
    data = made()
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_it_is_read_back_as_it_was_given():
    mail = message_from_bytes(made(reply_to="desk@example.org"), policy=default)
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
    mail = message_from_bytes(made(content, reply_to="desk@example.org"), policy=default)
    assert mail["Reply-To"] == "own@example.org"


def test_the_same_delivery_is_the_same_bytes():
    assert made() == made()
    assert made() != made(key="other")
