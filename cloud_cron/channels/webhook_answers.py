"""What an answer of a webhook's server means for the delivery: RFC 9110, 15, and RFC 6585 for 429."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.channels.webhook_exchange import Answer
    from cloud_cron.errors import Outcome

_NOT_TAKEN: Final = {
    408: "did not get the request in time",
    421: "is not the one for this address",
    425: "does not want an early request",
    429: "has too much to do",
    503: "cannot take anything now",
}
_UNAUTHORISED: Final = frozenset({401, 403, 407})
_AT_WORK: Final = 409
"""A request with this `Idempotency-Key` is still at work (IETF draft "The Idempotency-Key HTTP Header Field", 2.7)."""
_NEVER: Final = frozenset({501, 505})
_LONGEST: Final = 86_400.0


def meaning(answer: Answer, authority: str, now: datetime) -> Outcome | None:
    """The outcome that an answer stands for, None when the server took it; `now` is what a date is measured from."""
    status, said = answer.status, f"the server {authority} answered {answer.status}"
    match status // 100:
        case 2:
            return None
        case 3:
            return Permanent(f"{said}: it redirects, which is not followed")
        case _ if status in _NOT_TAKEN:
            return Retry(f"{said}: it {_NOT_TAKEN[status]}", after=_pause(answer.retry_after, now))
        case _ if status in _UNAUTHORISED:
            return ChannelDown(f"{said}: it does not let us in")
        case _ if status == _AT_WORK:
            return Ambiguous(f"{said}: it may be at work on an earlier attempt")
        case 4:
            return Permanent(said)
        case _ if status in _NEVER:
            return Permanent(said)
        case _:
            return Ambiguous(said)


def _pause(given: str | None, now: datetime) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110, 10.2.3); None when there is neither, at least one second."""
    if given is None:
        return None
    text = given.strip()
    if text.isascii() and text.isdecimal():
        return min(max(1.0, float(text[:9])), _LONGEST)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(1.0, seconds), _LONGEST)
