"""One mail, put together from what the notifier said, its templates, and the default layouts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import addresses, attachments, headers
from cloud_cron.channels.mail import AttachmentContent, EmailContent, InlineContent
from cloud_cron.channels.values import unusable
from cloud_cron.content import Email
from cloud_cron.errors import ResultError, kind_of
from cloud_cron.rendering import limits

if TYPE_CHECKING:
    from cloud_cron.channels.context import Context
    from cloud_cron.content import Attachment

PARTS: Final = ("subject", "text", "html")


def mail(value: Any, context: Context) -> EmailContent:  # noqa: ANN401 - whatever the notifier returned
    """The mail for one recipient; raises as the channel's `render` does."""
    match value:
        case Email():
            return _said(value, context)
        case str():
            return EmailContent(*_parts({"text": value}, {}, context))
        case Mapping():
            return EmailContent(*_parts({}, value, context))
        case _:
            raise unusable(value, "email", "template variables, the text, or an Email")


def _said(given: Email, context: Context) -> EmailContent:
    """The mail of a notifier that says more than variables or a text."""
    texts = own_texts(given)
    if given.variables is None and len(texts) == len(PARTS):  # no template has anything to say
        subject, text, html = map(_written, PARTS, texts.values())
    else:
        subject, text, html = _parts(texts, {} if given.variables is None else given.variables, context)
    return EmailContent(subject, text, html, *beside(given, text, html))


def beside(given: Email, *bodies: str) -> tuple[str | None, Mapping[str, str], tuple[AttachmentContent, ...]]:
    """What a mail has beside subject and bodies: whom to answer, headers, and files, which share its room with them."""
    files = attachments.loaded(given.attachments, attachments.around(*bodies) if given.attachments else 0)
    answers = None if given.reply_to is None else addresses.mailbox(given.reply_to)
    return answers, headers.checked(given.headers), tuple(map(file, files))


def _parts(texts: Mapping[str, str], own: Mapping[str, Any], context: Context) -> tuple[str, str, str]:
    """Subject, text and html: what the notifier said, else its own template, else what follows from the others.

    A text that somebody wrote is what the html layout is put around, and html that somebody wrote is read into text: so
    neither part ever shows what the other was meant to leave out.
    """
    variables, parts = context.variables(own), context.parts
    written = {
        part: _written(part, texts[part]) if part in texts else parts.render(part, variables)
        for part in PARTS
        if part in texts or parts.has(part)
    }
    if "html" in written and "text" not in written:
        from cloud_cron.rendering.reading import text_of  # noqa: PLC0415 - most mails have both parts or neither

        written["text"] = limits.body("text", text_of(written["html"]), "the text in the html part")
    lacking = [part for part in PARTS if part not in written]
    if lacking:
        around = context.variables(own, dict(written))
        written |= {part: parts.render(part, around) for part in lacking}
    return written["subject"], written["text"], written["html"]


def _written(part: str, said: str) -> str:
    """A part that the notifier itself wrote."""
    source = f"the {part} that the notifier returned"
    return limits.subject(said, source) if part == "subject" else limits.body(part, said, source)


def file(item: Attachment) -> AttachmentContent:
    """A loaded attachment as it leaves."""
    kind = InlineContent if item.inline else AttachmentContent
    assert isinstance(item.content, bytes)  # noqa: S101 - loaded
    return kind(item.name, item.content_type or "", item.content)


def own_texts(given: Email) -> dict[str, str]:
    """The parts that an `Email` says itself: CC230 for fields that are not what templates and limits take."""
    texts: dict[str, str] = {}
    for part in PARTS:
        text = getattr(given, part)
        if isinstance(text, str):
            texts[part] = text
        elif text is not None:
            hint = f"use str(), or leave {part} out to render it from the template"
            raise ResultError("CC230", f"Email.{part} is {kind_of(text)}, not a string", hint=hint)
    if given.variables is not None and not isinstance(given.variables, Mapping):
        message = f"Email.variables is {kind_of(given.variables)}, not a mapping"
        raise ResultError("CC230", message, hint='such as variables={"name": "Ada"}')
    return texts
