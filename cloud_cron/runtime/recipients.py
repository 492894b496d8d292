"""One recipient of one message: claim, render, send, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.channels.context import Context
from cloud_cron.errors import Ambiguous, ChannelDown, CloudCronError, RecipientError, kind_of
from cloud_cron.ports import Receipt
from cloud_cron.runtime import addressing, claims, naming
from cloud_cron.runtime.attempt import Attempt, Pause
from cloud_cron.runtime.wording import line, told

if TYPE_CHECKING:
    from cloud_cron.ports import Key, Record, Sender
    from cloud_cron.rendered import Content

_LONGEST_ID: Final = 256
_UNSHOWN: Final = "***"
"""In the place of an address that is itself a secret."""


class Held(NamedTuple):
    """A delivery that this worker has the claim on."""

    key: Key
    claim: Record
    address: str


def reach(attempt: Attempt, value: object, raw: object, *, chosen: bool, done: set[str]) -> None:
    """Deliver to one address, unless it is in `done`; `chosen` by the message, so that `allow_recipients` applies."""
    try:
        address = addressing.address(attempt.desk.channel, attempt.desk.notifier, raw, by_message=chosen)
    except RecipientError as error:
        if str(raw) not in done:
            done.add(str(raw))
            _refuse(attempt, str(raw), error)
        return
    if address in done:
        return
    done.add(address)
    key = attempt.key(address)
    claim = _claimed(attempt, key, address)
    if claim is not None:
        _send(attempt, value, Held(key, claim, address))


def _refuse(attempt: Attempt, raw: str, error: RecipientError) -> None:
    """An address that nothing can be sent to is refused like any other delivery."""
    key = attempt.key(raw)
    found = attempt.desk.ports.ledger.get(key)
    if found and (found.state == claims.SENT or found.source == attempt.received.id):
        if found.state != claims.SENT and not found.forwarded:
            attempt.bad.append((key, found))
        return
    record = attempt.record(claims.REJECTED, code=error.code, reason=error.message)
    attempt.write(key, record)
    attempt.report(record, _UNSHOWN if error.code == "CC506" else raw, error=error)
    attempt.bad.append((key, record))


def _claimed(attempt: Attempt, key: Key, address: str) -> Record | None:
    """The claim when this worker may send; else None, with what stands in the way noted."""
    desk, ledger = attempt.desk, attempt.desk.ports.ledger
    lease = attempt.now + desk.call_timeout + claims.CLOCK_SKEW
    claim = attempt.record(claims.CLAIMED, lease=lease)
    found = ledger.create(key, claim)
    if found is None:
        return claim
    if found.digest != claim.digest:
        reason = "another payload came under the id of one that was seen before; the first one counts"
        stranger = attempt.record(claims.REJECTED, code="CC203", reason=reason)
        attempt.report(stranger, address)
        attempt.bad.append((key, stranger))
        return None
    # What blocks its group comes back as the same message: that it does is what a redrive is to one that was parked.
    seen = found._replace(source="") if attempt.blocks and found.state == claims.REJECTED else found
    match claims.again(seen, claim, attempt.now, desk.notifier.max_ambiguous):
        case claims.Take(record) if ledger.swap(key, found, record):
            return record
        case claims.Doubt(record) if ledger.swap(key, found, record):
            attempt.report(record, address)
            attempt.bad.append((key, record))
        case claims.Wait(seconds):
            attempt.pauses.append(Pause(seconds))
        case claims.Over(record, bad=bad):
            if bad:
                attempt.bad.append((key, record))
        case _:
            attempt.pauses.append(Pause(1.0))
    return None


def _send(attempt: Attempt, value: object, held: Held) -> None:
    """Render and send under a claim that was won."""
    desk, (key, claim, address) = attempt.desk, held
    notifier = desk.notifier
    context = Context(desk.app, desk.stage, notifier.name, attempt.message, address, desk.parts, notifier.options)
    try:
        content = desk.channel.render(value, context)
    except Exception as error:  # noqa: BLE001 - a template can raise anything, and none of it mends itself
        code = error.code if isinstance(error, CloudCronError) else "render"
        refused = claim._replace(state=claims.REJECTED, code=code, reason=told(error))
        _settle(attempt, held, refused, None, error)
        return
    if attempt.now > claim.lease - desk.call_timeout:
        late = claim._replace(state=claims.RETRY, attempts=claim.attempts - 1, reason="rendering outlived the claim")
        _settle(attempt, held, late, content, None)
        return
    try:
        receipt = _sender(attempt).send(content, address, naming.known_as(key), desk.call_timeout)
        provider_id = _known_there_as(desk.channel.name, receipt)
    except Exception as error:  # noqa: BLE001 - an unknown exception of a channel is ambiguous: it may have sent
        pause = claims.back_off(claim.attempts, desk.ports.ids.jitter())
        answered = claims.settled(claim, error, attempt.now, desk.notifier.max_ambiguous, pause)
        _settle(attempt, held, answered, content, error)
        return
    desk.ports.ledger.sent(key, provider_id)
    attempt.sent(address, content, provider_id)


def _sender(attempt: Attempt) -> Sender:
    """The way out; nothing was sent when there is none, so that it is nobody's attempt."""
    try:
        return attempt.desk.ports.senders.sender(attempt.desk.notifier.name, attempt.message)
    except Exception as error:
        raise ChannelDown(told(error)) from error


def _known_there_as(channel: str, receipt: object) -> str:
    """The provider's id; a channel that came back without a receipt may have sent, and may not."""
    if not isinstance(receipt, Receipt):
        raise Ambiguous(f"channel {channel!r} returned {kind_of(receipt)} from send() instead of a Receipt")
    return line(str(receipt.id), _LONGEST_ID)


def _settle(attempt: Attempt, held: Held, record: Record, content: Content | None, error: BaseException | None) -> None:
    """Write what became of a claim; whoever took it over in the meantime has the last word."""
    if not attempt.desk.ports.ledger.swap(held.key, held.claim, record):
        attempt.pauses.append(Pause(1.0))
        return
    attempt.report(record, held.address, content, error)
    if record.state == claims.RETRY:
        seconds = max(0.0, record.not_before - attempt.now)
        attempt.pauses.append(Pause(seconds, channel_down=isinstance(error, ChannelDown)))
    else:
        attempt.bad.append((held.key, record))
