"""A mail that SES renders, as the members of SendEmail: there is no MIME of ours in which anything could be said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import mime_headers, unsubscribing
from cloud_cron.channels.mail import InlineContent
from cloud_cron.errors import Permanent

if TYPE_CHECKING:
    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.channels.mail import AttachmentContent, TemplatedContent

_MOST_HEADERS: Final = 15
_LONGEST_TYPE: Final = 78


def request(content: TemplatedContent, options: EmailOptions, recipient: str) -> dict[str, Any]:
    """Sender, Reply-To and content; `Permanent` for more headers than SES takes with ours among them.

    SES API v2 reference, SendEmail and Template. `Auto-Submitted` is RFC 3834's.
    """
    own = {**unsubscribing.headers(options.unsubscribe, recipient, content.headers), **content.headers}
    if "auto-submitted" not in map(str.lower, own):
        own["Auto-Submitted"] = "auto-generated"
    if len(own) > _MOST_HEADERS:
        raise Permanent(f"the mail has {len(own)} headers with those of ours, and SES takes {_MOST_HEADERS}")
    template: dict[str, Any] = {
        "TemplateName": content.template,
        "TemplateData": content.data,
        "Headers": [{"Name": name, "Value": value} for name, value in own.items()],
    }
    if content.attachments:
        template["Attachments"] = [_attachment(file) for file in content.attachments]
    answers = content.reply_to or options.reply_to
    found: dict[str, Any] = {
        "FromEmailAddress": _mailbox("From", options.sender or ""),
        "Content": {"Template": template},
    }
    return found | ({"ReplyToAddresses": [_mailbox("Reply-To", answers)]} if answers else {})


def _mailbox(name: str, given: str) -> str:
    """A mailbox on one line, its name encoded unless it is ASCII."""
    return mime_headers.mailbox(name, given).replace("\r\n", "")


def _attachment(file: AttachmentContent) -> dict[str, Any]:
    shown = isinstance(file, InlineContent)
    kind = file.content_type if len(file.content_type) <= _LONGEST_TYPE else "application/octet-stream"
    found: dict[str, Any] = {
        "RawContent": file.bytes,
        "FileName": file.name,
        "ContentType": kind,
        "ContentTransferEncoding": "BASE64",
        "ContentDisposition": "INLINE" if shown else "ATTACHMENT",
    }
    return {**found, "ContentId": file.name[:_LONGEST_TYPE]} if shown else found
