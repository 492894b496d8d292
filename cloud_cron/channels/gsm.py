"""How many segments a text takes on the mobile network.

Text in the GSM 7-bit alphabet has 160 characters in one segment and 153 in each of several, where characters of the
extension table count twice; any other text is UCS-2 with 70 and 67 units (3GPP TS 23.038 and 23.040). A character of
two units is never divided between segments.
"""

from __future__ import annotations

from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("^{}\\[~]|€\f")
_GSM: Final = _BASIC | _EXTENSION
_ONE_GSM, _MORE_GSM = 160, 153
_ONE_UCS, _MORE_UCS = 70, 67
_LAST_UNIT: Final = "\uffff"


def encoding(text: str) -> str:
    """How the text travels: `GSM-7`, or `UCS-2` as soon as one character is not of that alphabet."""
    return "GSM-7" if _GSM.issuperset(text) else "UCS-2"


def segments(text: str) -> int:
    """The number of segments that the text is sent, and paid for, as."""
    if encoding(text) == "GSM-7":
        return _count([2 if char in _EXTENSION else 1 for char in text], _ONE_GSM, _MORE_GSM)
    return _count([2 if char > _LAST_UNIT else 1 for char in text], _ONE_UCS, _MORE_UCS)


def _count(widths: list[int], one: int, more: int) -> int:
    if sum(widths) <= one:
        return 1
    count, room = 1, more
    for width in widths:
        if width > room:
            count, room = count + 1, more
        room -= width
    return count
