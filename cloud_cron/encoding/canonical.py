"""The one text of an object that came as JSON text, so that its hash tells it from every other."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding.text import dumps
from cloud_cron.encoding.values import MAX_DEPTH, plain

if TYPE_CHECKING:
    from collections.abc import Collection

_HOLDERS: Final = frozenset({dict, list})


def canonical(value: dict[str, Any], path: str = "", text: str = "") -> bytes:
    """What `dumps` makes of an object that JSON text held, in UTF-8; raises as `plain` does.

    `text` is what it was read from, where `dumps` wrote that: it need not be written again. Of all that `plain`
    refuses, such an object can have three things: half of a surrogate pair, a number that no float holds, and too many
    levels. So it is looked through by levels, at a fraction of what a walk from member to member costs.
    """
    try:
        encoded = (dumps(value) if not text or _is_escaped(text) else text).encode()
    except (RecursionError, ValueError):
        encoded = b""
    return encoded if encoded and _is_sound(value) else dumps(plain(value, path)).encode()


def _is_escaped(text: str) -> bool:
    """Whether there are escapes that `dumps` hardly ever writes: halves of surrogate pairs may be among them."""
    return "\\u" in text or "\\/" in text


def _is_sound(value: dict[str, Any]) -> bool:
    """Whether all numbers are finite, their sum too, and lists and dicts nested no deeper than they may be."""
    inner: Collection[Any] = value.values()
    for _ in range(MAX_DEPTH):
        kinds = {*map(type, inner)}
        if float in kinds and not isfinite(sum([item for item in inner if type(item) is float])):
            return False
        if kinds.isdisjoint(_HOLDERS):
            return True
        level = [item for item in inner if type(item) is dict or type(item) is list]
        inner = [item for holder in level for item in (holder.values() if type(holder) is dict else holder)]
    return False
