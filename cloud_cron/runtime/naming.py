"""Keys of the ledger, names of FIFO groups: derived, never stored twice."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cloud_cron.ports import Key
from cloud_cron.runs import instant, repeat

if TYPE_CHECKING:
    from datetime import datetime

WHOLE: Final = "*"
_OWN_ID: Final = 52
"""Characters of a message id of ours, which is base32 in capital letters (`messages.message_id`)."""
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FOREIGN: Final = "x"
"""What the spelling of somebody else's message id begins with."""
_HASH: Final = 64
"""Characters of an address that is hashed."""
_REMEMBERED: Final = 256
_LONGEST: Final = 80
"""Bytes of somebody else's message id that a key has room for."""


def delivery_key(notifier: str, message: str, salt: str, channel: str, address: str) -> Key:
    """The key of one delivery; the address is hashed, so that the ledger holds no personal data."""
    return Key(f"E#{notifier}#{message}", _hashed(salt, channel, address))


@lru_cache(maxsize=_REMEMBERED)  # most notifiers tell the same few people again and again
def _hashed(salt: str, channel: str, address: str) -> str:
    return hmac.digest(salt.encode(), f"{channel}|{address}".encode(), "sha256").hex()


def known_as(delivery: Key) -> str:
    """What a provider knows a delivery by: the same for every attempt, another for each message and address.

    `<notifier>-<message>-<hash>`, at most 235 letters, digits, `-` and `_`, which any provider takes; `key_of` reads it
    back. Somebody else's message id is spelt in base32; with one that is too long for that, the whole is a hash.
    """
    _, notifier, message = delivery.partition.split("#", 2)
    spelt = _spelt(message)
    if spelt is None:
        return sha256("|".join(delivery).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{notifier}-{spelt}-{delivery.sort}"


def key_of(known: str) -> Key | None:
    """The delivery that a provider knows by this; None for what `known_as` never said, and for a hash."""
    match known.rsplit("-", 2):
        case [notifier, spelt, sort] if len(sort) == _HASH:
            message = _read(spelt)
            key = None if message is None else Key(f"E#{notifier}#{message}", sort)
            return key if key and known_as(key) == known else None
        case _:
            return None


def _spelt(message: str) -> str | None:
    """A message id as letters and digits alone; None for one that is too long."""
    if len(message) == _OWN_ID and not message.strip(_BASE32):
        return message
    from base64 import b32encode  # noqa: PLC0415 - ids of ours are as they are

    raw = message.encode("utf-8", "surrogatepass")
    return f"{_FOREIGN}{b32encode(raw).decode().rstrip('=').lower()}" if len(raw) <= _LONGEST else None


def _read(spelt: str) -> str | None:
    """The message id that is spelt like that, if one is."""
    if not spelt.startswith(_FOREIGN):
        return spelt
    from base64 import b32decode  # noqa: PLC0415 - the same

    letters = spelt.removeprefix(_FOREIGN).upper()
    try:
        return b32decode(letters + "=" * (-len(letters) % 8)).decode("utf-8", "surrogatepass")
    except ValueError:
        return None


def message_key(notifier: str, message: str) -> Key:
    """The key of what concerns a notifier's message as a whole: skipped, refused, or tried in vain."""
    return Key(f"E#{notifier}#{message}", WHOLE)


def run_key(task: str, scheduled_at: datetime | None, unique: str, again: int = 0) -> Key:
    """The key of a run: by its instant when it has one, else by what makes a run on demand unique."""
    return Key(f"R#{task}", f"{instant(scheduled_at)}{repeat(again)}" if scheduled_at else f"!{unique}")


def lock_key(task: str) -> Key:
    """The key of a task's overlap lock."""
    return Key(f"L#{task}", "lock")


def group(value: str) -> str:
    """A FIFO group for any value: SNS allows 128 characters without spaces (API reference, MessageGroupId)."""
    return sha256(value.encode()).hexdigest()[:32]
