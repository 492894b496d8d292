"""Signatures by which a receiver knows who sent a webhook, and when: Standard Webhooks 1.0, "Signature scheme"."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from typing import Final

PREFIX: Final = "whsec_"


def signature(secrets: str, key: str, timestamp: int, body: bytes) -> str:
    """The header `Webhook-Signature` for one request: HMAC-SHA256 over id, time and body, once for each secret.

    `secrets` are separated by spaces, so that a receiver can be given a new one before the old one goes; one that
    begins with `whsec_` is in base64. ValueError for no secret, and for base64 that is none.
    """
    given = secrets.split()
    if not given:
        message = "it is empty"
        raise ValueError(message)
    signed = f"{key}.{timestamp}.".encode() + body
    return " ".join(f"v1,{b64encode(hmac.digest(_raw(secret), signed, 'sha256')).decode()}" for secret in given)


def _raw(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        message = f"what follows {PREFIX} is not base64"
        raise ValueError(message) from None
