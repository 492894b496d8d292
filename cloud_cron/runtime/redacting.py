"""Values that must not be read again: what a secret resolved to in this process, taken out of whatever we write down.

An exception of a provider or of a user's function may say any of them. Whoever resolves a secret lets it be known here,
and whoever writes a log line, a reason or a dead letter asks for the text without it. What a user's own code prints or
returns is its own affair. Only the value itself is known, and each text inside one that is JSON, as Twilio's is: not
what somebody makes of it, such as its Base64.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

SHOWN: Final = "[secret]"
SHORTEST: Final = 6
"""Characters below which a value is left alone: it would be found by chance in half of all words."""

_known: set[str] = set()


def know(value: str) -> str:
    """The value itself, which is known from now on."""
    if value not in _known:
        _known.update(text for text in _texts(value) if len(text) >= SHORTEST)
    return value


def redacted(text: str) -> str:
    """The text without any known value; the longest are taken out first, because one may hold another."""
    for value in sorted(_known, key=len, reverse=True) if _known else ():
        text = text.replace(value, SHOWN)
    return text


def redact(error: BaseException) -> None:
    """Take known values out of what an exception says, as far as its arguments are what it says."""
    if _known:
        error.args = tuple(redacted(item) if isinstance(item, str) else item for item in error.args)


def _texts(value: str) -> Iterator[str]:
    """The value as it is, each of its lines, and each text in it where it is JSON."""
    yield value
    yield from filter(None, map(str.strip, value.splitlines()))
    try:
        found = [json.loads(value)] if value.lstrip()[:1] in "{[" else []
    except ValueError:
        return
    for item in found:
        match item:
            case str():
                yield item
            case dict():
                found.extend(item.values())
            case list():
                found.extend(item)
