"""A mail as bytes: RFC 5322 and MIME, by the standard library, the same bytes for every attempt of one delivery."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloud_cron.channels import mime_headers, unsubscribing
from cloud_cron.channels.mail import InlineContent, TemplatedContent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cloud_cron.channels.mail import AttachmentContent, EmailContent

_PLAIN_ID: Final = r"[\w.-]{1,60}"
_FOREIGN: Final = "only Amazon SES can render its template: give the app a copy of it, or send by SES"
_WHOLES: Final = frozenset({"message", "multipart"})


def message(  # noqa: PLR0913 - what a mail is made of
    content: EmailContent,
    sender: str,
    recipient: str,
    *,
    key: str,
    date: datetime,
    reply_to: str | None = None,
    unsubscribe: str | None = None,
) -> EmailMessage:
    """The mail to one recipient. `key` names the delivery; `reply_to` and `unsubscribe` count unless it has its own.

    The message id is a hash of the key, so that whoever receives a second copy can tell that it is one (RFC 5322,
    3.6.4), and of nothing else. `Auto-Submitted` keeps answering machines silent (RFC 3834, 5).
    """
    if isinstance(content, TemplatedContent) and not content.whole:
        raise ValueError(_FOREIGN)
    mark = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    made = EmailMessage(policy=mime_headers.POLICY)
    made["From"] = mime_headers.mailbox("From", sender)
    made["To"] = recipient
    answers = content.reply_to or reply_to
    if answers:
        made["Reply-To"] = mime_headers.mailbox("Reply-To", answers)
    made["Subject"] = mime_headers.words("Subject", content.subject)
    made["Date"] = format_datetime(date)
    made["Message-ID"] = f"<{mark}@{sender.rpartition('@')[2].rstrip('>')}>"
    if "auto-submitted" not in map(str.lower, content.headers):
        made["Auto-Submitted"] = "auto-generated"
    for name, value in {**unsubscribing.headers(unsubscribe, recipient, content.headers), **content.headers}.items():
        made[name] = value
    inline = [file for file in content.attachments if isinstance(file, InlineContent)]
    _add_bodies(made, content, inline)
    for file in content.attachments:
        if not isinstance(file, InlineContent):
            made.add_attachment(file.bytes, *_kind(file))
            _name(made, "attachment", file)
    for number, part in enumerate([part for part in made.walk() if part.is_multipart()]):
        part.set_boundary(f"=_{mark[:40]}_{number}")  # the library would draw it by lot
    return made


def _add_bodies(made: EmailMessage, content: EmailContent, inline: list[InlineContent]) -> None:
    """The text, and the html with the files that it shows."""
    html, ids = _with_ids(content.html, inline)
    made.set_content(content.text, cte="quoted-printable")
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    [_, shown] = made.iter_parts()
    assert isinstance(shown, EmailMessage)  # noqa: S101 - of the class of the whole
    for file in inline:
        shown.add_related(file.bytes, *_kind(file), cid=f"<{ids[file.name]}>")
        _name(shown, "inline", file)


def _with_ids(html: str, files: Iterable[InlineContent]) -> tuple[str, dict[str, str]]:
    """Content ids by name, and html that uses them: a name which is no id (RFC 2392) gets one that is."""
    ids = {}
    for file in sorted(files, key=lambda file: -len(file.name)):
        name = file.name
        if re.fullmatch(_PLAIN_ID, name, re.ASCII):
            ids[name] = name
            continue
        ids[name] = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        for spelt in (name, quote(name), escape(name)):
            html = html.replace(f"cid:{spelt}", f"cid:{ids[name]}")
    return html, ids


def _kind(file: AttachmentContent) -> tuple[str, str]:
    """The content type in two; mails and multiparts, which may not be in base64 (RFC 2046, 5), are any bytes."""
    main, _, sub = file.content_type.partition("/")
    return ("application", "octet-stream") if main.lower() in _WHOLES else (main, sub)


def _name(around: EmailMessage, kind: str, file: AttachmentContent) -> None:
    """Give the part that was added last the name of the file."""
    *_, part = around.iter_parts()
    del part["Content-Disposition"]
    part["Content-Disposition"] = mime_headers.disposition(kind, file.name)
