"""Header values as they travel: what is printable ASCII as it was given, anything else encoded, nothing ever decoded.

The library's own way, to parse a value and to fold what it understood, makes headers of `=?utf-8?q?=0D=0ABcc:...?=` in
a subject, loses the quotes of a long name, and cuts long links into words that no program puts together again.
"""

from __future__ import annotations

import re
from email.charset import SHORTEST, Charset
from email.header import Header
from email.policy import EmailPolicy
from typing import Any, Final
from urllib.parse import quote

_LONGEST: Final = 998
_FOLDED: Final = 75
_PLAIN_NAME: Final = r"[\w.+-]([\w .+-]{0,58}[\w.+-])?"
_PIECE: Final = r"(?:%[0-9A-F]{2}|[^%]){1,50}"
_UTF_8: Final = Charset("utf-8")
_UTF_8.header_encoding = SHORTEST  # another library of the process may have chosen otherwise for all


class AsGiven(EmailPolicy):
    """Values go out exactly as they are stored; in ASCII, because not every server takes more (RFC 6152)."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 - the library's contract
        """Keep the text itself."""
        return name, value


POLICY: Final = AsGiven(linesep="\r\n", cte_type="7bit", refold_source="none")


def words(name: str, text: str) -> str:
    """Text of any kind for the header `name`; also encoded when it looks as if it were already (RFC 2047)."""
    if re.fullmatch("[ -~]*", text) and "=?" not in text and len(name) + 2 + len(text) <= _LONGEST:
        return text
    return _encoded(name, text)


def mailbox(name: str, given: str) -> str:
    """A mailbox in the spelling of `addresses.mailbox`, for the header `name`."""
    shown, _, address = given.rpartition("<")
    if re.fullmatch("[ -~]*", given) and len(name) + 2 + len(given) <= _LONGEST:
        return given
    said = re.sub(r"\\(.)", r"\1", shown.strip().removeprefix('"').removesuffix('"'))
    return f"{_encoded(name, said)}\r\n <{address}"


def disposition(kind: str, filename: str) -> str:
    """`inline` or `attachment` with a file's name, whatever that is (RFC 2231)."""
    if re.fullmatch(_PLAIN_NAME, filename, re.ASCII):
        return f'{kind}; filename="{filename}"'
    first, *more = re.findall(_PIECE, quote(filename, safe=""))
    if not more:
        return f"{kind};\r\n filename*=utf-8''{first}"
    lines = [f"filename*0*=utf-8''{first}", *(f"filename*{number}*={piece}" for number, piece in enumerate(more, 1))]
    return ";\r\n ".join([kind, *lines])


def _encoded(name: str, text: str) -> str:
    return Header(text, _UTF_8, _FOLDED, name).encode(linesep="\r\n")
