"""Reads what AWS hands a function: the Scheduler's Input, a direct invoke, a batch from SQS.

Routing is never guessed from an event; a handler is named, and an event that is not of its kind is refused.
Shapes: EventBridge Scheduler User Guide, "Adding context attributes"; Lambda Developer Guide, "Using Lambda with SQS".
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from cloud_cron.encoding import plain
from cloud_cron.errors import EncodingError, EventError, did_you_mean
from cloud_cron.messages import ENVELOPE_VERSION, Message, Reference, elsewhere, opened
from cloud_cron.ports import Received
from cloud_cron.runs import BACKFILL, MANUAL, SCHEDULE, Trigger
from cloud_cron.runtime import parcels

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cloud_cron.ports import Payloads

_FARTHEST: Final = timedelta(days=2)
_FIFO: Final = "the event source must be an SQS FIFO queue"
_ON_DEMAND: Final = 'send {} or {"input": {...}} to run it on demand'


@dataclass(frozen=True)
class Invocation:
    """What a task's event asks for. `scheduled_at` is None on demand; `as_of` is what such a run takes for now.

    `again` above 0 is a further run of a time that was run before, with ids of its own.
    """

    trigger: Trigger
    scheduled_at: datetime | None = None
    as_of: datetime | None = None
    input: Any = None
    again: int = 0


def invocation(event: object, task: str, now: datetime, known: Collection[str] = ()) -> Invocation:
    """The run that an event asks for: CC620 to CC624 when it asks for none that there could be.

    `known` are all tasks of the app, for the error of an event that names none of them. An input that JSON does not
    have is refused with its path, CC210 to CC217: Lambda's own reader lets NaN through.
    """
    if not isinstance(event, dict) or "Records" in event:
        message = f"task {task!r} was called with {_shape(event)}"
        raise EventError("CC624", message, hint=_ON_DEMAND)
    if "scheduled_at" not in event:
        return _on_demand(event, task)
    if event.get("task") != task:
        hint = "deploy again" if event.get("task") in known else f"deploy again; {did_you_mean('', known)}"
        raise EventError("CC620", f"an event for task {event.get('task')!r} reached task {task!r}", hint=hint)
    when = _time("scheduled_at", event["scheduled_at"])
    trigger = BACKFILL if event.get("trigger") == BACKFILL else SCHEDULE
    if trigger == SCHEDULE and when > now + _FARTHEST:
        message = f"scheduled_at {event['scheduled_at']} is more than two days ahead of {now:%Y-%m-%dT%H:%M:%SZ}"
        raise EventError("CC623", message, hint="check the clock and the sender of this event")
    again = event.get("again", 0)
    if type(again) is not int or again < 0:
        raise EventError("CC624", f"again={again!r} does not count further runs", hint="send 1, 2, ...")
    return Invocation(trigger, scheduled_at=when, input=_input(event), again=again)


def _on_demand(event: dict[str, Any], task: str) -> Invocation:
    """A run that somebody asked for; an event of another kind must not become one by its lack of everything else."""
    if "task" in event or "schedule" in event:
        raise EventError("CC621", f"the schedule's event for {task!r} has no scheduled_at", hint="deploy again")
    if not event.keys() <= {"input", "as_of"}:
        message = f"task {task!r} was called with {_shape(event)}"
        raise EventError("CC624", message, hint=_ON_DEMAND)
    as_of = _time("as_of", event["as_of"]) if event.get("as_of") is not None else None
    return Invocation(MANUAL, as_of=as_of, input=_input(event))


def _input(event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    try:
        return plain(event.get("input"), "input")
    except EncodingError as error:
        raise EventError(error.code, error.message, where=error.where, hint=error.hint) from None


def _time(name: str, text: object) -> datetime:
    """An instant in UTC: CC621, CC622 for what is none. Without an offset it would depend on the machine's zone."""
    if isinstance(text, str) and text.startswith("<aws.scheduler."):
        raise EventError(
            "CC622", f"{name} is the unreplaced keyword {text}", hint="only EventBridge Scheduler fills it in"
        )
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
        if time and time.utcoffset() is not None:
            return time.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise EventError("CC621", f"{name} {text!r} is not a time with its offset", hint="such as 2030-01-01T08:00:00Z")


def batch(event: object, notifier: str) -> list[Received]:
    """The messages of an SQS event, in order: CC601 for another event, CC602 for a record without its ids.

    Without its ids a message could be neither reported nor kept in order, so the whole invocation fails, loudly.
    """
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list) or not all(
        isinstance(record, dict) and isinstance(record.get("body"), str) for record in records
    ):
        message = f"notifier {notifier!r} was called with {_shape(event)}"
        raise EventError("CC601", message, hint="only its SQS queue calls it")
    return [_received(record, notifier) for record in records]


def _received(record: Mapping[str, Any], notifier: str) -> Received:
    """One record: CC602 for one whose ids or attributes are not what SQS gives."""
    try:
        return _read(record, notifier)
    except EventError:  # which is a ValueError
        raise
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        message = f"a record for notifier {notifier!r} is damaged: {type(error).__name__} {error}"
        raise EventError("CC602", message, hint=_FIFO) from None


def _read(record: Mapping[str, Any], notifier: str) -> Received:
    attributes = record.get("attributes") or {}
    group = attributes.get("MessageGroupId")
    missing = [name for name, value in (("messageId", record.get("messageId")), ("MessageGroupId", group)) if not value]
    if missing:
        message = f"a record for notifier {notifier!r} has no {' and no '.join(missing)}"
        raise EventError("CC602", message, hint=_FIFO)
    extra = record.get("messageAttributes") or {}
    return Received(
        id=str(record["messageId"]),
        handle=record.get("receiptHandle", ""),
        body=record["body"],
        group=str(group),
        dedup=attributes.get("MessageDeduplicationId", ""),
        receives=int(attributes.get("ApproximateReceiveCount", 1)),
        sent_at=int(attributes.get("SentTimestamp", 0)) / 1000,
        attributes={name: value.get("stringValue") or "" for name, value in extra.items()},
        queue=record.get("eventSourceARN", "") if record.get("eventSource") == "aws:sqs" else "",
    )


class Carried(NamedTuple):
    """The message in a record; its payload is empty as long as that lies `elsewhere`."""

    message: Message
    elsewhere: Reference | None = None


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
    return _sound(replace(found.message, payload=payload))


def carried(received: Received, topics: tuple[str, ...], queue: str) -> Carried:
    """The message in a record: our envelope, an SNS wrapper around it, or a plain JSON object of somebody else's.

    Raises `EventError` for what no retry can mend: CC603 to CC606, CC610.
    """
    if received.queue != queue:
        raise EventError("CC603", f"a record from {received.queue or 'no SQS queue'} reached the queue {queue}")
    body, topic = _unwrapped(_object(received.body), received.attributes.get("topic"))
    if "cloud_cron" not in body:
        return Carried(_sound(_foreign(body, topic or (topics[0] if len(topics) == 1 else ""), received)))
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
    return Carried(_sound(found), place)


def _sound(found: Message) -> Message:
    """The message, once its payload is one that a task of ours could have published: CC606."""
    try:
        plain(found.payload, "payload")
    except EncodingError as error:
        raise EventError("CC606", f"{error.where}: {error.message}") from None
    return found


def _object(text: str) -> dict[str, Any]:
    try:
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


def _unwrapped(body: dict[str, Any], topic: str | None) -> tuple[dict[str, Any], str | None]:
    """Look inside an SNS notification, for subscriptions without raw delivery: attributes are in its body."""
    match body:
        case {"Type": "Notification", "Message": str(inner), "MessageAttributes": {"topic": {"Value": str(value)}}}:
            return _object(inner), topic or value
        case {"Type": "Notification", "Message": str(inner)}:
            return _object(inner), topic
        case _:
            return body, topic


def _foreign(payload: dict[str, Any], topic: str, received: Received) -> Message:
    """A message that no task of ours published is known by its queue's id, which a forwarded copy carries on."""
    sent = datetime.fromtimestamp(received.sent_at, UTC)
    return Message(topic, payload, received.attributes.get("cc_message_id") or received.id, issued_at=sent)


def _shape(event: object) -> str:
    """A word for an event, without its contents."""
    match event:
        case {"Records": [{"eventSource": str(source)}, *_]} | {"Records": [{"EventSource": str(source)}, *_]}:
            return f"an event from {source}"
        case dict():
            return f"an event with the keys {sorted(map(str, event))}" if event else "an empty event"
        case _:
            return f"a {type(event).__name__}"
