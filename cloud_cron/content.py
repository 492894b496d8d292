"""What a notifier returns when variables or a text would not say enough: Email, Sms, SKIP."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Any


class Skip:
    """The type of `SKIP`: a notifier's word that nobody is to hear of this message.

    It is recorded, tried no further, and no dead letter.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Show as the name that users write."""
        return "SKIP"


SKIP: Final = Skip()


@dataclass(frozen=True)
class Attachment:
    """A file for an email: bytes, or a path that is read when the notifier returns.

    `content_type` is guessed from the name when None; an inline one is shown by `cid:<name>` in the html part. What
    cannot be sent is a dead letter with its code: `ResultError` CC232 for a file that cannot be read, CC233 for too
    many bytes, CC234 for a name, a content or a type that is of no use.
    """

    name: str
    content: bytes | str | PathLike[str] = field(repr=False)
    content_type: str | None = None
    inline: bool = False

    def loaded(self) -> Attachment:
        """The same attachment with its bytes and its content type; raises OSError when the path cannot be read."""
        from mimetypes import guess_type  # noqa: PLC0415 - only mails with attachments pay for it
        from pathlib import Path  # noqa: PLC0415

        data = self.content if isinstance(self.content, bytes) else Path(self.content).read_bytes()
        kind = self.content_type or guess_type(self.name)[0] or "application/octet-stream"
        return replace(self, content=data, content_type=kind)


@dataclass(frozen=True)
class Email:
    """What an email notifier returns to say more than template variables.

    Parts left None are rendered from the notifier's template with `variables`; `to` is an address or several, in the
    place of the recipients; `headers` are further headers by name. What cannot be sent is a dead letter with its code:
    `ResultError` CC230 for a part that is no text, CC235 for a header, CC236 for what a mail by an SES template cannot
    have; `RecipientError` CC301 for an address that is none, CC303 for one that `allow_recipients` does not admit.
    """

    subject: str | None = None
    text: str | None = None
    html: str | None = None
    variables: Mapping[str, Any] | None = field(default=None, kw_only=True)
    to: str | tuple[str, ...] | list[str] | None = field(default=None, kw_only=True)
    reply_to: str | None = field(default=None, kw_only=True)
    headers: Mapping[str, str] | None = field(default=None, kw_only=True)
    attachments: tuple[Attachment, ...] | list[Attachment] = field(default=(), kw_only=True)


@dataclass(frozen=True)
class Sms:
    """What an sms notifier returns to choose the recipients itself: `to` replaces the configured numbers.

    A number is in the international form, `+12025550123`. What cannot be sent is a dead letter with its code:
    `RecipientError` CC310 for another form, CC311 and CC312 for a number that may not be sent to, CC303 for one that
    `allow_recipients` does not admit; `RenderError` CC405 for a text of more than `max_segments` segments, unless
    `long` says that it is cut.
    """

    text: str
    to: str | tuple[str, ...] | list[str] | None = field(default=None, kw_only=True)
