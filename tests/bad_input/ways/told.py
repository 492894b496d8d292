"""What a command printed, as a person reads it: the first mistake or remark, its place and its remedy."""

from __future__ import annotations

import re
from typing import Final

from tests.bad_input.row import Told

_SAID: Final = re.compile(
    r"^(?:error|warning)(?: (?P<code>(?:CC|W)\d{3}))? (?P<says>.*)\n(?:  at   (?P<at>.*)\n)?(?:  hint (?P<fix>.*))?",
    re.MULTILINE,
)


def told(exit_code: int, text: str, left: tuple[str, ...] = ()) -> Told:
    """What was said; the first line of the text where nothing was wrong."""
    found = _SAID.search(f"{text}\n")
    if not found:
        return Told(exit_code, None, text.partition("\n")[0].strip(), text=text, left=left)
    code, says, at, fix = found["code"], found["says"], found["at"] or "", found["fix"] or ""
    return Told(exit_code, code, says, at, fix, text, left)
