"""A mail as bytes: RFC 5322 and MIME, by the standard library, the same bytes for every attempt of one delivery."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels.mail import InlineContent

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.channels.mail import EmailContent

_ASCII: Final = SMTP.clone(cte_type="7bit")  # not every server takes more (RFC 6152)


def message(  # noqa: PLR0913 - what a mail is made of
    content: EmailContent, sender: str, recipient: str, *, key: str, date: datetime, reply_to: str | None = None
) -> EmailMessage:
    """The mail to one recipient. `key` names the delivery; `reply_to` counts unless the content has its own.

    The message id follows from the key, so that whoever receives a second copy can tell that it is one (RFC 5322,
    3.6.4). `Auto-Submitted` keeps answering machines silent (RFC 3834, 5).
    """
    made = EmailMessage(policy=_ASCII)
    made["From"] = sender
    made["To"] = recipient
    answers = content.reply_to or reply_to
    if answers:
        made["Reply-To"] = answers
    made["Subject"] = content.subject
    made["Date"] = format_datetime(date)
    made["Message-ID"] = f"<{key}@{sender.rpartition('@')[2].rstrip('>')}>"
    made["Auto-Submitted"] = "auto-generated"
    for name, value in content.headers.items():
        if name in made:
            del made[name]
        made[name] = value
    made.set_content(content.text)
    made.add_alternative(content.html, subtype="html")
    [_, html] = made.iter_parts()
    assert isinstance(html, EmailMessage)  # noqa: S101 - of the class of the whole
    for file in content.attachments:
        if isinstance(file, InlineContent):
            main, sub = file.content_type.split("/", 1)
            named: dict[str, Any] = {"cid": f"<{file.name}>", "filename": file.name, "disposition": "inline"}
            html.add_related(file.bytes, main, sub, **named)
    for file in content.attachments:
        if not isinstance(file, InlineContent):
            main, sub = file.content_type.split("/", 1)
            made.add_attachment(file.bytes, main, sub, filename=file.name)
    _name_boundaries(made, key)
    return made


def _name_boundaries(made: EmailMessage, key: str) -> None:
    """Boundaries that follow from the key, where the library would draw them by lot."""
    multiparts = [part for part in made.walk() if part.is_multipart()]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{key[:40]}_{number}")
