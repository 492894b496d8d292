"""Mail addresses, read strictly: what is accepted here is what every mail server accepts.

The reader of the standard library drops a second address silently and takes `a@b` and a trailing line break, so it is
not used. A local part is ASCII and a domain may be written in any script; it is sent as Punycode (Amazon SES Developer
Guide, "Email address format").
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cloud_cron.channels.characters import breaking
from cloud_cron.errors import RecipientError, kind_of

_HINT: Final = "write one address such as ada@example.org"
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN: Final = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])"
_NAMED: Final = r' *("(?P<quoted>(?:[^"\\]|\\["\\])*)"|(?P<plain>[^<>"]*?)) *<(?P<address>[^<>]*)>'
_ATOMS: Final = r"[\w!#$%&'*+/=?^`{|}~ -]*"
_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254
_LONGEST_GIVEN: Final = 998
_SHOWN: Final = 60
_REMEMBERED: Final = 256


def bare(text: object) -> str:
    """The address alone: its domain in lower case and Punycode, a display name dropped.

    Raises `RecipientError` (CC301), with all but the first character of the local part left out of the message.
    """
    return _parsed(_checked(text))[1]


def mailbox(text: object) -> str:
    """The address with its display name, ready for a header: `Ada <ada@example.org>`; raises as `bare` does."""
    name, address = _parsed(_checked(text))
    if not name:
        return address
    safe = name.replace("\\", "\\\\").replace('"', '\\"')
    return f"{name} <{address}>" if re.fullmatch(_ATOMS, name) else f'"{safe}" <{address}>'


def domain(text: str) -> str | None:
    """The domain in lower case and Punycode, or None for what is none."""
    lowered = text.lower()
    if not lowered.isascii():
        try:
            encoded = lowered.encode("idna").decode("ascii")
            same = encoded.encode("ascii").decode("idna") == lowered
        except UnicodeError:
            return None
        # Python's codec maps characters that are names of their own today (as in straße): those must not be guessed.
        lowered = encoded if same else ""
    return lowered if len(lowered) <= _LONGEST and re.fullmatch(_DOMAIN, lowered) else None


def redacted(text: str) -> str:
    """Enough of an address to recognise it by, and no more."""
    local, at, rest = text.strip(" ").rpartition("<")[2].partition("@")
    first = ascii(local[:1])[1:-1]
    if not at:
        return f"{first}***" if local else "''"
    host = re.split(r"[^\w.-]", rest, maxsplit=1)[0][:_SHOWN]
    return f"{first}***@{host}{'…' if rest.removesuffix('>') != host else ''}"


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise RecipientError("CC301", f"an address must be a string, not {kind_of(text)}", hint=_HINT)
    return text


@lru_cache(maxsize=_REMEMBERED)  # most notifiers tell the same few people again and again
def _parsed(text: str) -> tuple[str, str]:
    """The display name (may be empty) and the normalised address."""
    if len(text) > _LONGEST_GIVEN:
        raise _refused(text, f"has {len(text):,} characters")
    if not text.strip():
        raise _refused(text, "is empty")
    odd = breaking(text)
    if odd is not None:
        raise _refused(text, f"has a control character or line break (U+{ord(odd):04X})")
    named = re.fullmatch(_NAMED, text.strip(" "))
    if named is None:
        return "", _address(text.strip(" "), text)
    quoted = named["quoted"]
    name = named["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    if quoted is None and re.search(r"[,;:@()\[\]\\]", name):
        raise _refused(text, "has a display name that needs quotes, or is more than one address")
    return name.strip(), _address(named["address"].strip(" "), text)


def _address(address: str, given: str) -> str:
    local, at, host = address.rpartition("@")
    if not at:
        raise _refused(given, "has no @")
    if "@" in local:
        why = "is more than one address; give each its own entry" if re.search(r"[,; ]", address) else "has two @"
        raise _refused(given, why)
    if not local.isascii():
        raise _refused(given, "has a character before the @ that is not ASCII, which mail services refuse")
    if len(local) > _LONGEST_LOCAL or not re.fullmatch(_LOCAL, local):
        raise _refused(given, "has a local part (before the @) that is no sequence of letters, digits and single dots")
    known = domain(host)
    if known is None and not host.isascii():
        raise _refused(given, "has a domain that not everybody spells alike; write it as Punycode (xn--...)")
    if known is None or len(local) + 1 + len(known) > _LONGEST:
        raise _refused(given, "has no complete domain after the @")
    return f"{local}@{known}"


def _refused(text: str, why: str) -> RecipientError:
    return RecipientError("CC301", f"address {redacted(text)} {why}", hint=_HINT)
