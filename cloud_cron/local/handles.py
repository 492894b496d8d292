"""Receipt handles: what a message is deleted or hidden by, good for one receive."""

from __future__ import annotations

from typing import Final

from cloud_cron.errors import BusError

EXPIRED: Final = "The receipt handle has expired."
GONE: Final = "Message does not exist or is not available for visibility timeout change."


def sealed(seq: int, receives: int, own: str) -> str:
    """The handle of one receive: place in the queue, number of the receive, message id (places are used again)."""
    return f"{seq}-{receives}-{own}"


def opened(queue: str, handle: str) -> tuple[int, int, str]:
    """What a handle was made of; anything else is refused in the words recorded on AWS."""
    try:
        seq, receives, own = handle.split("-", 2)
        return int(seq), int(receives), own
    except ValueError:
        raise BusError(
            "CC222",
            f'The input receipt handle "{handle}" is not a valid receipt handle.',
            where=queue,
            hint="use the handle of the latest receive",
        ) from None


def unusable(queue: str, handle: str, reason: str) -> BusError:
    """A handle that was good once, in the words recorded on AWS."""
    return BusError(
        "CC222",
        f"Value {handle} for parameter ReceiptHandle is invalid. Reason: {reason}",
        where=queue,
        hint="receive the message again",
    )
