"""The account of Twilio that texts are sent from, as its secret has it."""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

from cloud_cron.errors import ChannelDown

SHAPE: Final = '{"account_sid": ..., "auth_token": ...} or {"account_sid": ..., "api_key": ..., "api_secret": ...}'
_PRINTABLE: Final = re.compile(r"[!-9;-~]+")
"""What HTTP takes for a user: neither a colon nor anything outside of ASCII (RFC 7617, 2)."""


class Account(NamedTuple):
    """Whose texts they are, and with which user and password Twilio is called; neither is ever shown."""

    sid: str
    user: str
    password: str

    def __repr__(self) -> str:
        """No part of it."""
        return "Account(***)"


def read(secret: str) -> Account:
    """The account in the JSON of a secret; raises `ChannelDown`, which shows no part of it."""
    match _parsed(secret):
        case {"account_sid": sid, "auth_token": token, **rest} if not rest:
            return Account(sid, sid, token)
        case {"account_sid": sid, "api_key": key, "api_secret": password, **rest} if not rest:
            return Account(sid, key, password)
    raise ChannelDown(f"the credentials of Twilio must be {SHAPE}")


def _parsed(secret: str) -> dict[str, str]:
    """The words of a JSON object; empty when it is none, or one of them could not be sent."""
    try:
        found = json.loads(secret)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    sound = all(isinstance(value, str) and _PRINTABLE.fullmatch(value) for value in found.values())
    return found if sound else {}
