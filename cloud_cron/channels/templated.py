"""A mail that Amazon SES renders: the name of its template, the variables, and what can be shown of it here."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import composing, ses_language
from cloud_cron.channels.mail import TemplatedContent
from cloud_cron.encoding import dumps, plain, utf8_size
from cloud_cron.errors import RenderError, ResultError
from cloud_cron.rendering import limits
from cloud_cron.rendering.reading import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.channels.context import Context, Parts
    from cloud_cron.content import Email

MOST_DATA: Final = 262_144
"""Bytes of variables (SES API v2 reference, Template, TemplateData)."""
LARGEST: Final = 500_000
"""Bytes of a template with all its parts (SES Developer Guide, "Service quotas")."""
RESOLVED: Final = "{{resolve:"
"""What CloudFormation would put a secret for (User Guide, "Dynamic references")."""


def name_of(given: object, app: str, stage: str, notifier: str) -> str:
    """The name of the template in SES: the one that was given, or that of the notifier's own, at most 64 characters.

    CloudFormation User Guide, AWS::SES::Template, TemplateName.
    """
    if isinstance(given, str):
        return given
    from cloud_cron.aws.names import resource_name  # noqa: PLC0415 - only a template of one's own has such a name

    return resource_name(app, stage, "notifier", notifier)


def mail(given: Email, context: Context) -> TemplatedContent:
    """The mail for one recipient.

    Raises `ResultError`: CC236 for parts of its own and for too many variables, and what a mail raises; `RenderError`
    for a template that is here and cannot be rendered.
    """
    for part in composing.own_texts(given):
        hint = "return variables alone, or leave ses_template out"
        raise ResultError("CC236", f"a mail by an SES template has no {part} of its own", hint=hint)
    data = _data(given, context)
    name = name_of(context.options["ses_template"], context.app, context.stage, context.notifier)
    subject, text, html, whole = _shown(name, context.parts, data)
    return TemplatedContent(subject, text, html, *composing.beside(given), name, dumps(data), whole)


def sources(parts: Parts) -> dict[str, str]:
    """The notifier's own template in SES's language, part by part; nothing when the app does not have it.

    Raises `RenderError`: CC407 for one without subject or body, or one that is too large; CC402 for a broken one.
    """
    found = {part: text for part in ("subject", "text", "html") if (text := parts.raw(part)) is not None}
    if found and ("subject" not in found or len(found) == 1):
        message = f"a template of SES has a subject and a text or html part, and this one has {' and '.join(found)}"
        raise RenderError("CC407", message, hint="add <name>.subject.txt, <name>.txt or <name>.html to the templates")
    size = sum(map(utf8_size, found.values()))
    if size > LARGEST:
        message = f"the template has {size:,} bytes, and SES takes {LARGEST:,}"
        raise RenderError("CC407", message, hint="shorten it, or link to the rest")
    for part, text in found.items():
        if RESOLVED in text:
            message = f"the {part} has {RESOLVED}...}}}}, which CloudFormation reads as a secret"
            raise RenderError("CC407", message, hint="give the text as a variable")
        try:
            ses_language.parse(text, part)
        except ses_language.UnshownError:
            continue
    return found


def _data(given: Email, context: Context) -> dict[str, Any]:
    """The variables; `recipient`, `app` and `stage` are there unless the notifier's own have these names."""
    own: Any = plain(dict(given.variables or {}), "variables")
    data = {"recipient": context.recipient, "app": context.app, "stage": context.stage, **own}
    size = utf8_size(dumps(data))
    if size > MOST_DATA:
        message = f"the variables have {size:,} bytes as JSON, and a template of SES takes {MOST_DATA:,}"
        raise ResultError("CC236", message, hint="return less, or attach the rest")
    return data


def _shown(name: str, parts: Parts, data: Mapping[str, Any]) -> tuple[str, str, str, bool]:
    """Subject, text and html, and whether they are what SES will make of the template."""
    found = sources(parts)
    try:
        made = {part: ses_language.render(text, data, part) for part, text in found.items()}
    except ses_language.UnshownError:
        made = {}
    if not made:
        told = json.dumps(data, indent=2, ensure_ascii=False)
        text = f"Amazon SES renders template {name} with:\n\n{told}\n"
        return f"SES template {name}", text, f"<pre>{escape(text)}</pre>", False
    subject = limits.subject(made["subject"].strip(), f"the subject of SES template {name}")
    text = made.get("text") or text_of(made["html"])
    return subject, text, made.get("html") or f"<pre>{escape(text)}</pre>", True
