"""What a notifier says (Email, Sms, SKIP) and what leaves (the rendered content of each channel).

Rendered content reads both ways, `content.subject` and `content["subject"]`; `dict(content)` is its JSON shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from os import PathLike
    from typing import Any


class Skip:
    """The type of `SKIP`: a notifier's word that nobody is to hear of this message."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show as the name that users write."""
        return "SKIP"


SKIP: Final = Skip()


@dataclass(frozen=True)
class Attachment:
    """A file for an email: bytes, or a path that is read when the notifier returns.

    `content_type` is guessed from the name when None; an inline one is shown by `cid:<name>` in the html part.
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

    Parts left None are rendered from the notifier's template with `variables`; `to` replaces the recipients.
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
    """What an sms notifier returns to choose the recipients itself; `to` replaces the configured numbers."""

    text: str
    to: str | tuple[str, ...] | list[str] | None = field(default=None, kw_only=True)


class Content(Mapping[str, "Any"]):
    """Rendered content: a frozen dataclass (`eq=False`) that reads, and compares, as a mapping of its fields."""

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - the fields differ in type
        """The field of that name."""
        if key not in set(self):
            raise KeyError(key)
        return getattr(self, key)

    def __iter__(self) -> Iterator[str]:
        """The names of the fields, in order."""
        return (f.name for f in fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass

    def __len__(self) -> int:
        """The number of fields."""
        return len(fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass


def as_json(value: object) -> object:
    """Rendered content as plain JSON values; bytes are told by their length."""
    match value:
        case bytes():
            return len(value)
        case Mapping():
            return {str(key): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case _:
            return value
