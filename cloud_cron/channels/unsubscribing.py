"""How a recipient gets off a list: the two headers that mail programs make a button of.

RFC 2369 (List-Unsubscribe) and RFC 8058 (List-Unsubscribe-Post, a click that needs no page): the latter takes an
address of https, and says nothing without the former.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from cloud_cron.channels.options import kind
from cloud_cron.errors import DeclarationError, ResultError

if TYPE_CHECKING:
    from collections.abc import Mapping

RECIPIENT: Final = "{recipient}"
_WHERE: Final = "list-unsubscribe"
_HOW: Final = "list-unsubscribe-post"
_ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_LINK: Final = r"(https://[a-z0-9.-]+(:[0-9]+)?(/[!-;=?-~]*)?|mailto:[!-;=?-~]+@[!-;=?-~]+)"
_LONGEST: Final = 500
"""Characters, so that the header stays within 996 with the longest recipient in it, each character as three."""


def check(link: object) -> None:
    """Refuse what no header of the kind can hold: `DeclarationError` (CC132)."""
    if link is None:
        return
    if not isinstance(link, str):
        raise DeclarationError("CC132", f"unsubscribe must be a string, not {kind(link)}")
    if len(link) > _LONGEST or not re.fullmatch(_LINK, link, re.IGNORECASE) or link.count(RECIPIENT) > 1:
        message = f"unsubscribe must be an https:// or mailto: address of at most {_LONGEST} characters"
        hint = f'such as "https://example.org/unsubscribe?to={RECIPIENT}"'
        raise DeclarationError("CC132", message, hint=hint)


def headers(link: str | None, recipient: str, given: Mapping[str, str]) -> dict[str, str]:
    """The headers for one recipient; none when the mail has its own."""
    if link is None or _WHERE in map(str.lower, given):
        return {}
    found = {"List-Unsubscribe": f"<{link.replace(RECIPIENT, quote(recipient, safe=''))}>"}
    return found | ({"List-Unsubscribe-Post": _ONE_CLICK} if link.lower().startswith("https:") else {})


def agree(given: Mapping[str, str]) -> None:
    """Refuse one of the two headers where it needs the other: `ResultError` (CC235)."""
    found = {name.lower(): value for name, value in given.items()}
    if _HOW not in found:
        return
    if found[_HOW] != _ONE_CLICK:
        message = "header 'List-Unsubscribe-Post' takes one value alone"
        raise ResultError("CC235", message, hint=f"write {_ONE_CLICK}")
    if "<https://" not in found.get(_WHERE, "").lower():
        message = "header 'List-Unsubscribe-Post' needs 'List-Unsubscribe' with an https:// address"
        raise ResultError("CC235", message, hint='add "List-Unsubscribe": "<https://example.org/...>"')
