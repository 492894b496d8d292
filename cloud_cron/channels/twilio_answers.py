"""What every answer of Twilio, and every lack of one, means for a delivery: docs/sms.md shows this table.

Twilio takes no key that would make a second call harmless, so that whatever may have been accepted is `Ambiguous`.
Numbers and meanings: Twilio docs, "Error and Warning Dictionary"; Messages resource.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import Ambiguous, ChannelDown, Outcome, Permanent, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping


class Unauthorised(ChannelDown):
    """The credentials were refused, which newer ones may not be."""


class Meaning(NamedTuple):
    """What a code says, and which outcome it is."""

    outcome: type[Outcome]
    words: str


CODES: Final[Mapping[int, Meaning]] = {
    20003: Meaning(Unauthorised, "credentials refused"),
    20005: Meaning(ChannelDown, "account not active"),
    20006: Meaning(ChannelDown, "access denied"),
    20008: Meaning(ChannelDown, "test credentials"),
    20404: Meaning(ChannelDown, "no such account"),
    20429: Meaning(Retry, "too many requests, not processed"),
    21211: Meaning(Permanent, "not a valid number"),
    21212: Meaning(ChannelDown, "from_number is not valid"),
    21214: Meaning(Permanent, "number cannot be reached"),
    21217: Meaning(Permanent, "number is not valid"),
    21268: Meaning(Permanent, "premium-rate number"),
    21408: Meaning(Permanent, "region not enabled in the account's geo permissions"),
    21601: Meaning(ChannelDown, "from_number cannot send texts"),
    21602: Meaning(Permanent, "no text"),
    21603: Meaning(ChannelDown, "no from_number"),
    21606: Meaning(ChannelDown, "from_number cannot send texts"),
    21608: Meaning(Permanent, "trial account, and the number is not verified"),
    21610: Meaning(Permanent, "recipient has unsubscribed (STOP)"),
    21611: Meaning(Retry, "queue of the sender is full"),
    21612: Meaning(Permanent, "no route to the number"),
    21614: Meaning(Permanent, "not a mobile number"),
    21617: Meaning(Permanent, "text longer than 1,600 characters"),
    21659: Meaning(ChannelDown, "from_number is not one of Twilio's"),
    21660: Meaning(ChannelDown, "from_number belongs to another account"),
    21661: Meaning(ChannelDown, "from_number cannot send texts"),
    21701: Meaning(ChannelDown, "no such messaging service"),
    21703: Meaning(ChannelDown, "messaging service without a number"),
    30001: Meaning(Retry, "queue overflow"),
    30002: Meaning(ChannelDown, "account suspended"),
    30003: Meaning(Ambiguous, "handset unreachable"),
    30004: Meaning(Permanent, "blocked by the recipient or the carrier"),
    30005: Meaning(Permanent, "unknown handset"),
    30006: Meaning(Permanent, "landline, or carrier unreachable"),
    30007: Meaning(Permanent, "filtered by the carrier"),
    30008: Meaning(Ambiguous, "unknown error of the carrier"),
    30034: Meaning(Permanent, "sender not registered for A2P 10DLC"),
}
STATUSES: Final[Mapping[int, type[Outcome]]] = {401: Unauthorised, 403: ChannelDown, 404: ChannelDown, 429: Retry}
"""Of an answer whose code is not in the table. Other answers from 400 to 499 are permanent, all others ambiguous."""
FAILED: Final = frozenset({"canceled", "failed", "undelivered"})

_REFUSED: Final = range(400, 500)
_NUMBER: Final = re.compile(r"\+?\d[\d ().-]{5,}\d")
_LONGEST_WAIT: Final = 3600


def refused(status: int, code: int, said: str, retry_after: str = "") -> Outcome:
    """What a refusal means; `said` is Twilio's own sentence, in which no number is shown."""
    known = CODES.get(code)
    kind = known.outcome if known else STATUSES.get(status, Permanent if status in _REFUSED else Ambiguous)
    words = _NUMBER.sub("***", said.removeprefix("Unable to create record").lstrip(": "))
    reason = f"Twilio {code or status or 'without a code'}: {words or (known.words if known else 'no reason given')}"
    if kind is Retry:
        return Retry(reason, after=_seconds(retry_after))
    return kind(reason)


def unanswered(error: Exception) -> Outcome:
    """What it means that there is no answer: a call that never left was certainly not accepted."""
    from requests import exceptions as known  # noqa: PLC0415 - loaded with Twilio's client

    match error:
        case known.ConnectTimeout() | known.ProxyError():
            return Retry(f"Twilio cannot be reached: {type(error).__name__}")
        case known.SSLError() if _untrusted(error):
            return ChannelDown("Twilio cannot be reached: the certificate is not trusted here")
        case known.ConnectionError() if _never_left(error):
            return Retry("Twilio cannot be reached: no connection")
        case _:
            return Ambiguous(f"the answer of Twilio was lost: {type(error).__name__}")


def _never_left(error: Exception) -> bool:
    """Whether no connection was made; requests wraps what urllib3 says of it, once."""
    from urllib3.exceptions import NewConnectionError  # noqa: PLC0415 - loaded with requests

    return isinstance(_reason(error), NewConnectionError)


def _untrusted(error: Exception) -> bool:
    """Whether TLS ended before anything was sent, because of the certificate."""
    from ssl import SSLCertVerificationError  # noqa: PLC0415 - loaded with requests

    return any(isinstance(cause, SSLCertVerificationError) for cause in getattr(_reason(error), "args", ()))


def _reason(error: Exception) -> Any:  # noqa: ANN401 - whatever urllib3 gave up for
    return getattr(error.args[0] if error.args else None, "reason", None)


def _seconds(text: str) -> float | None:
    """The seconds of a Retry-After; None for a date or nonsense, and never very long."""
    return min(float(text), _LONGEST_WAIT) if text.isascii() and text.isdigit() else None
