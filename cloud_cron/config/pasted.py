"""Secrets that somebody pasted into the file: refused, and never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.checks import SECRET_SCHEMES

if TYPE_CHECKING:
    from cloud_cron.config.places import Place

# What a provider's own keys look like, and what they are called.
_SHAPES: Final = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a Twilio API key", re.compile(r"\bSK[0-9a-fA-F]{32}\b")),
    ("a private key or certificate", re.compile(r"-----BEGIN ")),
    ("a token of GitHub", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}")),
    ("a token of Slack", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10}")),
    ("a password inside a URL", re.compile(r"://[^/\s:@]*:[^/\s@]+@")),
)
_TELLING_KEY: Final = re.compile(r"secret|token|passw|credential|auth|api_?key", re.IGNORECASE)
_TOKEN: Final = re.compile(r"[0-9a-fA-F]{32}|[A-Za-z0-9/+=]{40}")


def refuse(place: Place, value: Any) -> None:  # noqa: ANN401 - whatever TOML holds
    """Look through everything under `place`; raises CC505, which names the key only."""
    match value:
        case dict():
            for key, item in value.items():
                refuse(place / key, item)
        case list():
            for item in value:
                refuse(place, item)
        case str():
            kind = _kind(place.path[-1], value)
            if kind:
                hint = f'keep it in AWS Secrets Manager and write a reference such as "{SECRET_SCHEMES[0]}shop/name"'
                message = f"{place.setting} holds {kind}; secrets do not belong into this file (the value is not shown)"
                raise place.error("CC505", message, hint)


def _kind(key: str, value: str) -> str | None:
    """What the value gives away, or None."""
    if value.startswith(SECRET_SCHEMES):
        return None
    shape = next((name for name, pattern in _SHAPES if pattern.search(value)), None)
    if shape is None and _TELLING_KEY.search(key) and _TOKEN.fullmatch(value):
        return "what looks like a token"
    return shape
