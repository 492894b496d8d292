"""The moves of one delivery through the ledger, as pure functions of record, time and outcome.

`absent -> CLAIMED -> SENT | REJECTED | RETRY | DOUBT`. Every provider call needs a claim; a further claim needs a
proof that the last call was not accepted (RETRY), or spends one of `max_ambiguous`. So a provider accepts one delivery
at most `1 + max_ambiguous` times, whatever crashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from cloud_cron.ports import Record

CLAIMED: Final = "CLAIMED"
SENT: Final = "SENT"
REJECTED: Final = "REJECTED"
RETRY: Final = "RETRY"
DOUBT: Final = "DOUBT"
STALE: Final = "STALE"
SKIPPED: Final = "SKIPPED"

DOWN: Final = "channel-down"
"""The code of a delivery that waits because its channel is out of order."""

CLOCK_SKEW: Final = 5.0
LONGEST_PAUSE: Final = 600
CHANNEL_PAUSE: Final = 300.0
LONGEST_CHANNEL_PAUSE: Final = 900.0
LONGEST_WAIT: Final = 43_200.0
GIVE_UP_AFTER: Final = 86_400.0


@dataclass(frozen=True)
class Take:
    """The claim may be taken by writing `record` over what is there."""

    record: Record


@dataclass(frozen=True)
class Doubt:
    """Sending once more would break the bound: write `record`, and tell somebody."""

    record: Record


@dataclass(frozen=True)
class Wait:
    """Somebody else is at it, or its time has not come: look again in `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Over:
    """Nothing is left to send. `bad`: it belongs in the dead-letter queue."""

    record: Record
    bad: bool = False


def again(found: Record, claim: Record, now: float, max_ambiguous: int) -> Take | Doubt | Wait | Over:
    """What to do with a delivery that somebody was at before; `claim` is what the caller would like to write."""
    match found.state:
        case "CLAIMED" if found.lease >= now:
            return Wait(found.lease - now)
        case "CLAIMED" if found.ambiguous + 1 > max_ambiguous:
            reason = "a worker stopped between claim and answer, so it may have been sent"
            return Doubt(found._replace(state=DOUBT, token=claim.token, ambiguous=found.ambiguous + 1, reason=reason))
        case "CLAIMED":
            return Take(_claimed(found, claim, ambiguous=found.ambiguous + 1))
        case "RETRY" if found.not_before > now:
            return Wait(found.not_before - now)
        case "RETRY":
            return Take(_claimed(found, claim, ambiguous=found.ambiguous))
        case "REJECTED" if found.source != claim.source:
            return Take(_claimed(found, claim, ambiguous=found.ambiguous))
        case "REJECTED" | "DOUBT":
            return Over(found, bad=not found.forwarded or found.source != claim.source)
        case _:
            return Over(found)


def _claimed(found: Record, claim: Record, ambiguous: int) -> Record:
    return claim._replace(attempts=found.attempts + 1, ambiguous=ambiguous, accepts=found.accepts)


def settled(claim: Record, outcome: BaseException, now: float, max_ambiguous: int, pause: float) -> Record:
    """The record after a call that was not accepted for sure. `pause` is the back-off; anything unknown is ambiguous.

    A retry goes on until the message has been in its queue for a day (`claim.at` is when it came). No pause is so long
    that the queue would forget the message (14 days) before it dead-letters it (1,000 receives, and a day of retries).
    """
    reason = told(outcome)
    match outcome:
        case Permanent():
            return claim._replace(state=REJECTED, code="permanent", reason=reason)
        case ChannelDown(after=after):
            later = now + (CHANNEL_PAUSE if after is None else min(after, LONGEST_CHANNEL_PAUSE))
            spared = claim.attempts - 1
            return claim._replace(state=RETRY, attempts=spared, not_before=later, code=DOWN, reason=reason)
        case Retry() if now - claim.at > GIVE_UP_AFTER:
            return claim._replace(state=REJECTED, code="expired", reason=f"not accepted for a day: {reason}")
        case Retry(after=after):
            later = now + (pause if after is None else min(after, LONGEST_WAIT))
            return claim._replace(state=RETRY, not_before=later, reason=reason)
        case _:
            code = "ambiguous" if isinstance(outcome, Ambiguous) else "unknown"
            spent = claim.ambiguous + 1
            if spent > max_ambiguous:
                return claim._replace(state=DOUBT, ambiguous=spent, code=code, reason=reason)
            return claim._replace(state=RETRY, ambiguous=spent, not_before=now + pause, code=code, reason=reason)


def back_off(attempts: int, jitter: float) -> float:
    """Seconds to wait after so many attempts: doubling, spread, at most ten minutes."""
    return min(float(LONGEST_PAUSE), 2.0 ** min(attempts, 10) + jitter)
