"""Attachments: read, named, and weighed against what a mail may have."""

from __future__ import annotations

import re
from binascii import b2a_qp
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud_cron.channels.characters import breaking
from cloud_cron.content import Attachment
from cloud_cron.errors import ResultError, kind_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST: Final = 40_000_000
_HEADERS: Final = 65_536
_EXAMPLE: Final = 'such as [Attachment("report.csv", data)]'
_LONGEST_NAME: Final = 255
_TYPE: Final = r"[a-z0-9][\w.+-]{0,126}/[a-z0-9][\w.+-]{0,126}(; *[\w-]+=[\w.+-]+)*"


def loaded(given: object, spent: int = 0) -> list[Attachment]:
    """The attachments with their bytes and types.

    A mail may have 40 MB, attachments in base64 and `spent` bytes of the rest included, and a name 255 characters
    (Amazon SES Developer Guide, "Service quotas"; SES API v2 reference, Attachment). Raises `ResultError`: CC232 for
    what cannot be read, CC233 for too much, CC234 for a name, a type or an object that is of no use.
    """
    if not isinstance(given, (list, tuple)):
        raise ResultError("CC234", f"attachments must be a list, not {kind_of(given)}", hint=_EXAMPLE)
    found: list[Attachment] = []
    for index, item in enumerate(given):
        if not isinstance(item, Attachment):
            message = f"attachments[{index}] must be an Attachment, not {kind_of(item)}"
            raise ResultError("CC234", message, hint=_EXAMPLE)
        _check_name(item)
        spent += _in_base64(_weight(item))
        if spent > MOST:
            raise _too_heavy(item, spent)
        found.append(_read(item))
    _refuse_twins(item.name for item in found if item.inline)
    return found


def around(*bodies: str) -> int:
    """Bytes at most of what a mail has beside its attachments: bodies in quoted-printable, and headers."""
    return _HEADERS + sum(len(b2a_qp(body.encode("utf-8", "replace"))) for body in bodies)


def _check_name(item: Attachment) -> None:
    name = item.name
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST_NAME or breaking(name):
        hint = f"use 1 to {_LONGEST_NAME} printable characters"
        raise ResultError("CC234", f"attachment name {shown(name)} cannot be used", hint=hint)
    if "/" in name or "\\" in name:
        hint = "leave the folder out of the name"
        raise ResultError("CC234", f"attachment name {shown(name)} has a folder in it", hint=hint)
    if item.content_type is not None and not re.fullmatch(_TYPE, str(item.content_type), re.IGNORECASE | re.ASCII):
        hint = "such as text/csv; None guesses it from the name"
        raise ResultError("CC234", f"attachment {name!r}: {shown(item.content_type)} is no content type", hint=hint)


def _weight(item: Attachment) -> int:
    """Bytes of the content, told without reading it."""
    if isinstance(item.content, bytes):
        return len(item.content)
    try:
        return Path(item.content).stat().st_size
    except (OSError, TypeError, ValueError) as error:
        raise _unreadable(item, error) from error


def _read(item: Attachment) -> Attachment:
    try:
        return item.loaded()
    except OSError as error:
        raise _unreadable(item, error) from error


def _in_base64(size: int) -> int:
    """Bytes on the wire: four for three, and a line break after each 76."""
    encoded = (size + 2) // 3 * 4
    return encoded + encoded // 76 * 2


def _too_heavy(item: Attachment, spent: int) -> ResultError:
    message = f"with attachment {item.name!r} the mail has {spent:,} bytes in base64, and {MOST:,} are allowed"
    return ResultError("CC233", message, hint="store the file somewhere and send a link to it")


def _unreadable(item: Attachment, error: Exception) -> ResultError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    place = None if isinstance(item.content, bytes) else str(item.content)
    message = f"attachment {item.name!r} cannot be read: {why}"
    return ResultError("CC232", message, where=place, hint="give its bytes, or the path of a file that is there")


def _refuse_twins(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ResultError("CC234", f"two inline attachments are called {name!r}", hint="give each its own name")
        seen.add(name)
