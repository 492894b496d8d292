"""Reads what a notifier is handed: a batch from SQS, and the message in each of its records.

Routing is never guessed from an event; a handler is named, and an event that is not of its kind is refused.
Shapes: Lambda Developer Guide, "Using Lambda with SQS".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from cloud_cron.encoding import canonical, plain
from cloud_cron.errors import EncodingError, EventError, kind_of
from cloud_cron.messages import ENVELOPE_VERSION, Message, Reference, elsewhere, inside, opened
from cloud_cron.ports import Received
from cloud_cron.runtime import parcels
from cloud_cron.runtime.invocations import shape
from cloud_cron.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Payloads

_ROOT: Final = "payload"
_FAR: Final = 100_000_000_000.0
"""Seconds since the epoch, in the year 5138, within what any machine takes for a time."""
_FIFO: Final = "the event source must be an SQS FIFO queue"


def batch(event: object, notifier: str) -> list[Received]:
    """The messages of an SQS event, in order: CC601 for another event, CC602 for a record without its ids.

    Without its ids a message could be neither reported nor kept in order, so the whole invocation fails, loudly.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise _no_batch(event, notifier)
    for record in records:
        if not isinstance(record, dict) or not isinstance(record.get("body"), str):
            raise _no_batch(event, notifier)
    return [_received(record, notifier) for record in records]


def _no_batch(event: object, notifier: str) -> EventError:
    """Somebody else's event: CC601."""
    message = f"notifier {notifier!r} was called with {shape(event)}"
    return EventError("CC601", message, hint="only its SQS queue calls it")


def _received(record: Mapping[str, Any], notifier: str) -> Received:
    """One record: CC602 for one whose ids or attributes are not what SQS gives."""
    try:
        return _read(record, notifier)
    except EventError:  # which is a ValueError
        raise
    except (AttributeError, TypeError, ValueError, OverflowError, OSError) as error:  # OSError: no such time
        message = f"a record for notifier {notifier!r} is damaged: {type(error).__name__} {error}"
        raise EventError("CC602", message, hint=_FIFO) from None


def _read(record: Mapping[str, Any], notifier: str) -> Received:
    attributes = record.get("attributes") or {}
    own, group = record.get("messageId"), attributes.get("MessageGroupId")
    if not own or not group:
        missing = [name for name, value in (("messageId", own), ("MessageGroupId", group)) if not value]
        message = f"a record for notifier {notifier!r} has no {' and no '.join(missing)}"
        raise EventError("CC602", message, hint=_FIFO)
    handle, dedup = record.get("receiptHandle", ""), attributes.get("MessageDeduplicationId", "")
    extra = record.get("messageAttributes") or {}
    sent_at = int(attributes.get("SentTimestamp", 0)) / 1000
    if not 0 <= sent_at < _FAR:
        datetime.fromtimestamp(sent_at, UTC)
    _check_texts(own, handle, group, dedup)
    receives = int(attributes.get("ApproximateReceiveCount", 1))
    given = {name: _text(value.get("stringValue") or "") for name, value in extra.items()}
    queue = record.get("eventSourceARN", "") if record.get("eventSource") == "aws:sqs" else ""
    return Received(own, handle, record["body"], group, dedup, receives, sent_at, given, queue)


def _check_texts(*values: Any) -> None:  # noqa: ANN401 - whatever JSON holds
    """Raise as `_text` does for the first that is none."""
    try:
        if "".join(values).isascii():
            return
    except TypeError:
        pass
    for value in values:
        _text(value)


def _text(value: object) -> str:
    """Text that SQS could have given: TypeError for no text, ValueError for half of a surrogate pair."""
    if not isinstance(value, str):
        message = f"{kind_of(value)} where text belongs"
        raise TypeError(message)
    if not value.isascii():
        value.encode()
    return value


class Carried(NamedTuple):
    """The message in a record; its payload is empty as long as that lies `elsewhere`.

    `digest` is the hash of the payload's text, wherever that lies.
    """

    message: Message
    elsewhere: Reference | None = None
    digest: str = ""


def message(received: Received, topics: tuple[str, ...], queue: str, payloads: Payloads) -> Message:
    """The message in a record with its payload, wherever that lies; raises as `carried` and `whole` do."""
    return whole(carried(received, topics, queue), payloads)


def whole(found: Carried, payloads: Payloads) -> Message:
    """The message with its payload.

    Raises `EventError` for what no retry can mend: CC606, CC612, CC614; `NotFound` (CC613) when the payload is gone,
    `StoreError` when it cannot be asked for.
    """
    if found.elsewhere is None:
        return found.message
    payload = _object(parcels.fetched(payloads, found.elsewhere))
    try:
        return replace(found.message, payload=plain(payload, _ROOT))
    except EncodingError as error:
        raise _damaged(error) from None


def carried(received: Received, topics: tuple[str, ...], queue: str) -> Carried:
    """The message in a record: our envelope, an SNS wrapper around it, or a plain JSON object of somebody else's.

    Raises `EventError` for what no retry can mend: CC603 to CC606, CC610.
    """
    if received.queue != queue:
        raise EventError("CC603", f"a record from {received.queue or 'no SQS queue'} reached the queue {queue}")
    text, body, topic = _unwrapped(received.body, received.attributes.get("topic"))
    if "cloud_cron" not in body:
        return _inside(_foreign(body, topic or (topics[0] if len(topics) == 1 else ""), received))
    version = body["cloud_cron"]
    if type(version) is not int or version != ENVELOPE_VERSION:  # True would be 1, too
        message = f"envelope version {version!r} is not {ENVELOPE_VERSION}"
        raise EventError("CC610", message, hint="deploy this notifier again, then redrive")
    try:
        found, place = opened(body), elsewhere(body)
    except (KeyError, TypeError, ValueError) as error:
        raise EventError("CC606", f"the envelope is damaged: {type(error).__name__} {error}") from None
    if topic and topic != found.topic:
        raise EventError("CC605", f"the attribute says topic {topic!r}, the envelope {found.topic!r}")
    return Carried(found, place, place.sha256) if place else _inside(found, inside(text, body))


def _inside(found: Message, text: str = "") -> Carried:
    """The message with the payload that it has already; `text` is that of the payload, if it is known."""
    try:
        digest = sha256(canonical(found.payload, _ROOT, text)).hexdigest()
    except EncodingError as error:
        raise _damaged(error) from None
    return Carried(found, None, digest)


def _damaged(error: EncodingError) -> EventError:
    """No task of ours could have published such a payload: CC606."""
    return EventError("CC606", f"{error.where}: {error.message}")


def _object(text: str) -> dict[str, Any]:
    try:
        body, end = _DECODER.raw_decode(text) if text.startswith("{") else (None, -1)
        if end != len(text):  # there are spaces around it, which hardly anybody writes, or it is no object
            body = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise EventError("CC604", "the body is not JSON", hint="publish one JSON object for each message") from None
    if not isinstance(body, dict):
        raise EventError("CC606", f"the body is a JSON {type(body).__name__}, not an object")
    return body


def _no_number(name: str) -> NoReturn:
    """NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_no_number)


def _unwrapped(text: str, topic: str | None) -> tuple[str, dict[str, Any], str | None]:
    """Look inside an SNS notification, for subscriptions without raw delivery: attributes are in its body."""
    body = _object(text)
    inner = body.get("Message") if body.get("Type") == "Notification" else None
    if not isinstance(inner, str):
        return text, body, topic
    match body.get("MessageAttributes"):
        case {"topic": {"Value": str(value)}}:
            topic = topic or value
    return inner, _object(inner), topic


def _foreign(payload: dict[str, Any], topic: str, received: Received) -> Message:
    """A message that no task of ours published is known by its queue's id, which a forwarded copy carries on."""
    sent = datetime.fromtimestamp(received.sent_at, UTC)
    return Message(topic, payload, received.attributes.get("cc_message_id") or received.id, issued_at=sent)
