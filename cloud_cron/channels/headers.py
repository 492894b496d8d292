"""Additional mail headers, within what Amazon SES takes and without those that it writes itself.

At most 15, names of printable ASCII without colon, values of at most 995 printable ASCII characters, 996 with the name
(SES API v2 reference, Message and MessageHeader).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cloud_cron.channels import unsubscribing
from cloud_cron.errors import ResultError, kind_of, shown

_MOST: Final = 15
_LONGEST: Final = 996
_NAME: Final = r"[!-9;-~]{1,126}"
_VALUE: Final = r"[ -~]{1,995}"
_OURS: Final = {
    "from": "the option sender=",
    "sender": "the option sender=",
    "to": "to=",
    "cc": "to=",
    "bcc": "to=",
    "subject": "subject=",
    "reply-to": "reply_to=",
}
_THEIRS: Final = frozenset({"date", "message-id", "mime-version", "return-path", "received", "dkim-signature"})


def checked(headers: object) -> dict[str, str]:
    """The headers that a notifier gave, or none; raises `ResultError` (CC235)."""
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise ResultError("CC235", f"headers must map names to text, not be {kind_of(headers)}")
    if len(headers) > _MOST:
        raise ResultError("CC235", f"there are {len(headers)} headers, and a mail takes {_MOST}")
    seen: set[str] = set()
    for name, value in headers.items():
        _check(name, value)
        if name.lower() in seen:
            raise ResultError("CC235", f"header {name!r} is there twice", hint="header names ignore case")
        seen.add(name.lower())
    unsubscribing.agree(headers)
    return dict(headers)


def _check(name: object, value: object) -> None:
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise ResultError("CC235", f"header name {shown(name)} must be printable ASCII without spaces and colons")
    lowered = name.lower()
    if lowered in _OURS:
        raise ResultError("CC235", f"header {name!r} cannot be set", hint=f"use {_OURS[lowered]}")
    if lowered in _THEIRS or lowered.startswith("content-"):
        raise ResultError("CC235", f"header {name!r} is written by the mail service", hint="leave it out")
    if not isinstance(value, str) or not re.fullmatch(_VALUE, value):
        hint = "encode other characters as RFC 2047 says, and keep it on one line"
        raise ResultError("CC235", f"header {name!r} must be 1 to 995 printable ASCII characters", hint=hint)
    if len(name) + len(value) > _LONGEST:
        raise ResultError("CC235", f"header {name!r} has more than {_LONGEST} characters with its value")
