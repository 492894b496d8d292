"""The delivery core: one message, one notifier, every recipient.

The function is called once an attempt, before any claim; what it returns is delivered to each recipient under a claim
of its own, so that a retry after a crash half-way skips those who have been told.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cloud_cron.content import Skip
from cloud_cron.encoding import dumps
from cloud_cron.errors import EventError, Permanent, ResultError, Retry
from cloud_cron.messages import Message
from cloud_cron.runtime import claims, events
from cloud_cron.runtime.attempt import Attempt, Desk, Pause, close, told
from cloud_cron.runtime.recipients import reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.ports import Received

SPARE: Final = 2.0


def deliver(desk: Desk, received: Received, remaining: Callable[[], float]) -> Pause | None:
    """Handle one message; None when it is done with, else how long to leave it.

    `remaining` tells the seconds left to this invocation. No fault of message, function or provider is raised;
    `StoreError` and `BusError` are, and mean that nothing was decided.
    """
    try:
        message = events.message(received, desk.notifier.topics, desk.queue)
    except EventError as error:
        message = Message("", {}, received.attributes.get("cc_message_id") or received.id)
        attempt = Attempt(desk, received, message, _digest(received.body), remaining)
        attempt.note(claims.REJECTED, 1, error.code, error.message, error)
        return close(attempt)
    attempt = Attempt(desk, received, message, _digest(dumps(message.payload)), remaining)
    age = attempt.now - message.issued_at.timestamp()
    if age > desk.horizon:
        attempt.note(claims.STALE, 1, "CC611", f"issued {age / 86_400:.0f} days ago, beyond the ledger's horizon")
    else:
        _call(attempt)
    return close(attempt)


def _call(attempt: Attempt) -> None:
    """Call the function, and deliver its value to everybody who is to hear of it."""
    desk, received = attempt.desk, attempt.received
    # Only a message that was received before can have failed before: the first receive needs no read.
    earlier = desk.ports.ledger.get(attempt.whole) if received.receives > 1 else None
    if earlier and earlier.state == claims.REJECTED and earlier.source == received.id:
        if not earlier.forwarded:
            attempt.bad.append((attempt.whole, earlier))
        return
    count = earlier.attempts + 1 if earlier and earlier.source == received.id else 1
    attempt.message = replace(attempt.message, attempt=count, secrets=desk.secrets)
    try:
        value = desk.function(attempt.message)
        if value is None:
            hint = "return the template variables, or SKIP to drop the message on purpose"
            raise ResultError("CC231", f"notifier {desk.notifier.name!r} returned None", hint=hint)  # noqa: TRY301
    except Retry as error:
        _again(attempt, count, error)
    except Permanent as error:
        attempt.note(claims.REJECTED, count, "permanent", told(error), error)
    except ResultError as error:
        attempt.note(claims.REJECTED, count, error.code, told(error), error)
    except Exception as error:  # noqa: BLE001 - whatever the user's function raises
        _failed(attempt, count, error)
    else:
        if isinstance(value, Skip):
            attempt.note(claims.SKIPPED, count)
        else:
            _tell(attempt, value)


def _again(attempt: Attempt, count: int, error: Retry) -> None:
    """The function asked for another try, which the message's time in the queue bounds."""
    if attempt.now - attempt.received.sent_at > claims.GIVE_UP_AFTER:
        attempt.note(claims.REJECTED, count, "expired", f"asked for a retry for a day: {told(error)}", error)
        return
    pause = claims.back_off(count, attempt.desk.ports.ids.jitter()) if error.after is None else max(error.after, 0.0)
    attempt.note(claims.RETRY, count - 1, "retry", told(error), error)
    attempt.pauses.append(Pause(pause))


def _failed(attempt: Attempt, count: int, error: Exception) -> None:
    """The function raised; `attempts` bounds how often it is called again."""
    if count >= attempt.desk.notifier.attempts:
        attempt.note(claims.REJECTED, count, "attempts", told(error), error)
        return
    attempt.note(claims.RETRY, count, "exception", told(error), error)
    attempt.pauses.append(Pause(claims.back_off(count, attempt.desk.ports.ids.jitter())))


def _tell(attempt: Attempt, value: object) -> None:
    """Deliver to each recipient once, while there is time for one more call and the channel works."""
    desk = attempt.desk
    chosen = desk.channel.recipients_of(value)
    addresses = desk.notifier.recipients if chosen is None else chosen
    if not addresses:
        attempt.note(claims.REJECTED, 1, "CC302", f"notifier {desk.notifier.name!r} has no recipient")
    done: set[str] = set()
    for raw in addresses:
        if attempt.remaining() < desk.channel.call_timeout + SPARE:
            attempt.pauses.append(Pause(0.0))
            return
        reach(attempt, value, raw, chosen=chosen is not None, done=done)
        if any(pause.channel_down for pause in attempt.pauses):
            return


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
