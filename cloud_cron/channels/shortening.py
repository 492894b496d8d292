"""A text that takes no more segments than it may: refused, or cut."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final, NamedTuple
from unicodedata import combining

from cloud_cron.channels.gsm import segments
from cloud_cron.errors import RenderError

LONGEST: Final = 1_600
"""Characters that Twilio takes (Twilio docs, error 21617)."""
MARK: Final = "..."
"""In the GSM alphabet, unlike the one character for it, which would halve the room."""
_JOINER: Final = "\u200d"
_JOINED: Final = frozenset({_JOINER, "\ufe0e", "\ufe0f", *map(chr, range(0x1F3FB, 0x1F400))})
"""What belongs to the character before it: a joiner, variation selectors, tones of skin (Unicode TR 51)."""


class Fitting(NamedTuple):
    """A text, and the segments that it takes."""

    text: str
    segments: int


def fitting(text: str, most: int, *, cuts: bool) -> Fitting:
    """The text when it takes at most that many segments; cut, or refused with `RenderError` (CC405)."""
    needed = segments(text)
    if needed <= most and len(text) <= LONGEST:
        return Fitting(text, needed)
    if not cuts:
        message = f"the text takes {needed} segments, and {most} are allowed"
        hint = 'shorten it; or write [channels.sms] max_segments = ..., or long = "truncate"'
        raise RenderError("CC405", message, hint=hint)
    cut = _cut(text, most)
    return Fitting(cut, segments(cut))


def _cut(text: str, most: int) -> str:
    """As many characters as fit before the mark, none of them without what belongs to it.

    A longer beginning never takes fewer segments, so that the longest one is found by halving.
    """
    ends = range(1, min(len(text), LONGEST - len(MARK)) + 1)
    end = bisect_right(ends, most, key=lambda end: segments(text[:end] + MARK))
    while 0 < end < len(text) and (_belongs(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return text[:end].rstrip() + MARK


def _belongs(char: str) -> bool:
    return char in _JOINED or combining(char) != 0
