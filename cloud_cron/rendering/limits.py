"""What a part may look like, whoever wrote it: one line for a subject, something for a body, and not too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.channels.characters import breaking
from cloud_cron.encoding import utf8_size
from cloud_cron.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_SUBJECT: Final = 998


class Limit(NamedTuple):
    """How much of a text is too much."""

    most: int
    unit: str
    measure: Callable[[str], int]

    def exceeded(self, source: str, where: str | None = None) -> RenderError:
        """The error for a text above the limit: CC405."""
        message = f"{source} has more than {self.most:,} {self.unit}"
        return RenderError("CC405", message, where=where, hint="shorten it, or link to the rest")


MAIL: Final = Limit(262_144, "bytes", utf8_size)
SMS: Final = Limit(1_600, "characters", len)


def of_sms(options: Mapping[str, Any]) -> Limit:
    """How long a text may be before it is one: what is cut may be as long as a mail."""
    return MAIL if options.get("long") == "truncate" else SMS


def subject(text: str, source: str, where: str | None = None) -> str:
    """A subject in one line; raises `RenderError`: CC410 when it is none, CC411 when there is nothing in it.

    A line of a mail has at most 998 characters (RFC 5322, 2.1.1); a line break in a subject would begin a header.
    """
    line = _sound(text).strip(" ").replace("\t", " ")
    odd = breaking(line)
    if odd is not None:
        message = f"{source} has a line break or control character (U+{ord(odd):04X})"
        raise RenderError("CC410", message, where=where, hint="a subject is one line; put the rest into the text")
    if len(line) > LONGEST_SUBJECT:
        message = f"{source} has {len(line):,} characters, and {LONGEST_SUBJECT} are allowed"
        raise RenderError("CC410", message, where=where, hint="shorten it, such as with |truncate(80)")
    if not line.strip():
        raise RenderError("CC411", f"{source} is empty", where=where, hint="leave subject out to get <app>: <topic>")
    return line


def body(part: str, text: str, source: str, limit: Limit = MAIL, where: str | None = None) -> str:
    """A body that is neither empty (CC411) nor too large (CC405); raises `RenderError`."""
    whole = _sound(text)
    if limit.measure(whole) > limit.most:
        raise limit.exceeded(source, where)
    if not whole.strip():
        hint = f"write something, or return SKIP; without a {part} the default layout is used"
        raise RenderError("CC411", f"{source} is empty", where=where, hint=hint)
    return whole


def _sound(text: str) -> str:
    """The text as UTF-8 can carry it: half of a surrogate pair, which foreign JSON may hold, becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
