"""Keys of the ledger, names of FIFO groups: derived, never stored twice."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cloud_cron.ports import Key
from cloud_cron.runs import instant, repeat

if TYPE_CHECKING:
    from datetime import datetime

WHOLE: Final = "*"


def delivery_key(notifier: str, message: str, salt: str, channel: str, address: str) -> Key:
    """The key of one delivery; the address is hashed, so that the ledger holds no personal data."""
    digest = hmac.digest(salt.encode(), f"{channel}|{address}".encode(), "sha256")
    return Key(f"E#{notifier}#{message}", digest.hex())


def known_as(delivery: Key) -> str:
    """What a provider knows a delivery by: the same for every attempt, another for each message and address."""
    return sha256("|".join(delivery).encode("utf-8", "surrogatepass")).hexdigest()


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
