"""The delivery core: one message, one notifier, every recipient.

The function is called once an attempt, before any claim; what it returns is delivered to each recipient under a claim
of its own, so that a retry after a crash half-way skips those who have been told.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from cloud_cron.content import Skip
from cloud_cron.errors import EventError, NotFound, Permanent, RecipientError, ResultError, Retry
from cloud_cron.messages import Message
from cloud_cron.runtime import addressing, claims, events
from cloud_cron.runtime.attempt import Attempt, Desk, Pause, close
from cloud_cron.runtime.recipients import reach
from cloud_cron.runtime.wording import told
from cloud_cron.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.ports import Received
    from cloud_cron.runtime.events import Carried


def deliver(desk: Desk, received: Received, remaining: Callable[[], float]) -> Pause | None:
    """Handle one message; None when it is done with, else how long to leave it.

    `remaining` tells the seconds left to this invocation; when they are too few for one call, nothing is begun.
    No fault of message, function or provider is raised. `StoreError` and `BusError` are: nothing was decided.
    """
    if remaining() < desk.time_for_a_call:
        return Pause(0.0)
    refusal = None
    try:
        carried = events.carried(received, desk.notifier.topics, desk.queue)
    except EventError as error:
        unread = Message("", {}, received.attributes.get("cc_message_id") or received.id)
        body = received.body.encode("utf-8", "surrogatepass")
        carried, refusal = events.Carried(unread, digest=sha256(body).hexdigest()), error
    message = carried.message
    attempt = Attempt(desk, received, message, carried.digest, remaining)
    attempt.look_back()
    age = attempt.now - message.issued_at.timestamp()
    if attempt.is_over:
        _finish(attempt)
    elif refusal:
        attempt.note(claims.REJECTED, refusal.code, told(refusal), refusal)
    elif age > desk.horizon:
        attempt.note(claims.STALE, "CC611", f"issued {age / 86_400:.0f} days ago, beyond the ledger's horizon")
    elif _complete(attempt, carried):
        _call(attempt)
    return close(attempt)


def _complete(attempt: Attempt, carried: Carried) -> bool:
    """Fetch a payload that lies elsewhere; one that is gone may come back, and is asked for again."""
    try:
        attempt.message = events.whole(carried, attempt.desk.ports.payloads)
    except EventError as error:
        attempt.note(claims.REJECTED, error.code, told(error), error)
    except NotFound as error:
        _failed(attempt, error, error.code)
    else:
        return True
    return False


def _finish(attempt: Attempt) -> None:
    """A message whose fate was decided before; a crash may have come between that and the dead-letter queue."""
    earlier = attempt.earlier
    if earlier and earlier.state != claims.SKIPPED and not earlier.forwarded:
        attempt.bad.append((attempt.whole, earlier))


def _call(attempt: Attempt) -> None:
    """Call the function, and deliver its value to everybody who is to hear of it."""
    desk, before = attempt.desk, attempt.remaining()
    attempt.message = replace(attempt.message, attempt=attempt.tries + 1, secrets=desk.secrets)
    try:
        value = desk.function(attempt.message)
        if value is None:
            hint = "return the template variables, or SKIP to drop the message on purpose"
            raise ResultError("CC231", f"notifier {desk.notifier.name!r} returned None", hint=hint)  # noqa: TRY301
        chosen = None if isinstance(value, Skip) else addressing.chosen(desk.channel, desk.notifier, value)
    except Retry as error:
        _again(attempt, error)
    except Permanent as error:
        attempt.note(claims.REJECTED, "permanent", told(error), error)
    except ResultError as error:
        attempt.note(claims.REJECTED, error.code, told(error), error)
    except Exception as error:  # noqa: BLE001 - whatever the user's function raises
        _failed(attempt, error)
    else:
        if isinstance(value, Skip):
            attempt.note(claims.SKIPPED)
        elif attempt.remaining() < desk.time_for_a_call and before > desk.notifier.timeout * 0.9:
            # It had the invocation to itself, so that the next one would end in the same way.
            seconds = before - attempt.remaining()
            _failed(attempt, TimeoutError(f"the notifier took {seconds:.0f} seconds and left no time to send"))
        else:
            _tell(attempt, value, chosen)


def _again(attempt: Attempt, error: Retry) -> None:
    """The function asked for another try, which the message's time in the queue bounds."""
    if attempt.now - attempt.received.sent_at > claims.GIVE_UP_AFTER:
        attempt.note(claims.REJECTED, "expired", f"asked for a retry for a day: {told(error)}", error)
        return
    attempt.note(claims.RETRY, "retry", told(error), error)
    asked = claims.back_off(attempt.tries + 1, attempt.desk.ports.ids.jitter()) if error.after is None else error.after
    attempt.pauses.append(Pause(min(asked, claims.LONGEST_WAIT)))


def _failed(attempt: Attempt, error: Exception, code: str = "") -> None:
    """The function raised, or could not be called; `attempts` bounds how often it is tried again."""
    count = attempt.failures + 1
    if count >= attempt.desk.notifier.attempts:
        attempt.note(claims.REJECTED, code or "attempts", told(error), error)
        return
    attempt.note(claims.RETRY, code or "exception", told(error), error)
    attempt.pauses.append(Pause(claims.back_off(count, attempt.desk.ports.ids.jitter())))


def _tell(attempt: Attempt, value: object, chosen: tuple[object, ...] | None) -> None:
    """Deliver to each recipient once, while there is time for one more call and the channel works."""
    desk = attempt.desk
    addresses = (desk.notifier.recipients or desk.channel.recipients) if chosen is None else chosen
    if not addresses:
        _nobody(attempt, chosen)
    done: set[str] = set()
    for raw in addresses:
        if attempt.remaining() < desk.time_for_a_call:
            attempt.pauses.append(Pause(0.0))
            return
        reach(attempt, value, raw, chosen=chosen is not None, done=done)
        if any(pause.channel_down for pause in attempt.pauses):
            return


def _nobody(attempt: Attempt, chosen: tuple[object, ...] | None) -> None:
    """A message that nobody is to hear of, though the notifier did not say SKIP."""
    name = attempt.desk.notifier.name
    said = f"notifier {name!r} has no recipient" if chosen is None else f"notifier {name!r} returned an empty to="
    error = RecipientError("CC302", said, hint="name somebody, or return SKIP to drop the message on purpose")
    attempt.note(claims.REJECTED, error.code, error.message, error)
