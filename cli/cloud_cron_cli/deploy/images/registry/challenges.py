"""What a registry asks of whom it does not know: the header WWW-Authenticate (RFC 9110, 11.6.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PIECE: Final = r'(?P<name>[\w-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"]+))|(?P<scheme>[\w-]+)'


@dataclass(frozen=True)
class BasicChallenge:
    """A name and a password with every request."""


@dataclass(frozen=True)
class BearerChallenge:
    """A token, which `realm` gives for a `service` (CNCF Distribution, "Token Authentication Specification")."""

    realm: str
    service: str


Challenge = BasicChallenge | BearerChallenge


def parse(header: str) -> Challenge | None:
    """The best of what a header offers, None for nothing that is known here."""
    offers: dict[str, dict[str, str]] = {}
    values: dict[str, str] = {}
    for piece in re.finditer(_PIECE, header):
        if piece["scheme"]:
            values = offers.setdefault(piece["scheme"].lower(), {})
        else:
            quoted = piece["quoted"]
            values[piece["name"].lower()] = piece["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    bearer = offers.get("bearer", {})
    if "realm" in bearer:
        return BearerChallenge(bearer["realm"], bearer.get("service", ""))
    return BasicChallenge() if "basic" in offers else None
