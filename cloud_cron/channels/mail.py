"""A mail as it leaves: its parts, its headers, its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloud_cron.rendered import Content

if TYPE_CHECKING:
    from collections.abc import Mapping

Data = bytes


@dataclass(frozen=True, eq=False)
class AttachmentContent(Content):
    """A file as it leaves."""

    name: str
    content_type: str
    bytes: Data = field(repr=False)


class InlineContent(AttachmentContent):
    """A file that the html part shows by `cid:<name>`."""


@dataclass(frozen=True, eq=False)
class EmailContent(Content):
    """A mail as it leaves; `reply_to` None leaves it to the channel's option."""

    subject: str
    text: str
    html: str
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[AttachmentContent, ...] = ()


@dataclass(frozen=True, eq=False)
class TemplatedContent(EmailContent):
    """A mail that Amazon SES makes of a template and its `data`, which is JSON.

    When `whole`, the parts are those that SES will make, and one that the template lacks follows from the other;
    otherwise they say as much as is known here.
    """

    template: str = ""
    data: str = "{}"
    whole: bool = False
