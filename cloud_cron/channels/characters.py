"""Characters that no line of a mail may hold."""

from __future__ import annotations

import re
from typing import Final

_BREAKING: Final = "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


def breaking(text: str) -> str | None:
    """The first control character, line break (NEL, U+2028 and U+2029 too) or half of a surrogate pair, or None."""
    found = None if text.isprintable() else re.search(_BREAKING, text)  # all of these are unprintable
    return found.group() if found else None
