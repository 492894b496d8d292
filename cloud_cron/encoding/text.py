"""JSON text, and how large it is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding.refusal import spell
from cloud_cron.errors import EncodingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_BYTES: Final = 16 * 1024 * 1024
"""The largest message: as text and as objects it fits a small function several times over. What no topic takes in one
piece travels as a reference (see `cloud_cron.runtime.parcels`)."""


def dumps(value: object) -> str:
    """A plain value as compact JSON text that SQS takes.

    Only `#x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF` may occur (SQS API reference, SendMessage): controls
    and the noncharacters U+FFFE and U+FFFF are escaped, everything else stays itself, four-byte emoji too.
    """
    text = _encoder()(value)
    return text if text.isascii() else text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def check_size(body: str, value: Mapping[str, Any], where: str, limit: int = MAX_BYTES) -> int:
    """The size of `body` in UTF-8 bytes; raises `EncodingError` (CC220) above `limit`.

    The error names the largest parts of `value`, the payload that the body carries. A quota counts bytes, not
    characters (SNS Developer Guide, "Large message payloads").
    """
    size = utf8_size(body)
    if size <= limit:
        return size
    largest = ", ".join(f"{path} {size:,}" for path, size in _largest(value, where))
    message = f"the message has {size:,} bytes and {limit:,} are allowed; largest: {largest}"
    hint = "publish less, or put the data in a bucket and publish its place"
    raise EncodingError("CC220", message, where=where, hint=hint)


def utf8_size(text: str) -> int:
    """How many bytes the text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _largest(value: Mapping[str, Any], path: str) -> list[tuple[str, int]]:
    """The three largest members with their bytes, looked for inside a member that is nearly everything."""
    sizes = sorted(((_size(item), key) for key, item in value.items()), reverse=True)
    if len(sizes) == 1 and isinstance(value[sizes[0][1]], dict) and value[sizes[0][1]]:
        key = sizes[0][1]
        return _largest(value[key], spell(path, [key]))
    return [(spell(path, [key]), size) for size, key in sizes[:3]]


def _size(item: object) -> int:
    """Bytes of a member; long text is measured as it is, to spare a copy of it."""
    return utf8_size(item) + 2 if isinstance(item, str) else utf8_size(dumps(item))


@cache
def _encoder() -> Callable[[object], str]:
    from json import JSONEncoder  # noqa: PLC0415 - declaring an app needs none

    return JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
