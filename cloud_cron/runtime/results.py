"""What a task returned, as messages: checked whole before anything is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import encoding
from cloud_cron.errors import ResultError, UnknownTopic, did_you_mean
from cloud_cron.messages import Message, enclosed, envelope, message_id
from cloud_cron.ports import Outgoing
from cloud_cron.runtime import naming, parcels

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Payloads
    from cloud_cron.runs import Run


class Ready(NamedTuple):
    """A message of a run, as topics take it; `aside` is what must be put aside before it is published."""

    message: Message
    outgoing: Outgoing
    aside: parcels.Parcel | None = None


def checked(task: TaskModel, result: object) -> dict[str, list[dict[str, Any]]]:
    """Topic -> payloads, from None or a mapping of topic -> payload, list of payloads, None.

    Raises `ResultError` (CC201), `UnknownTopic` (CC202), or `EncodingError` with the path of the bad value.
    """
    if result is None:
        return {}
    if not isinstance(result, Mapping):
        message = f"task {task.name!r} returned a {type(result).__name__}"
        raise ResultError("CC201", message, hint="return a dict of topic -> payload, or None")
    for topic in result:
        if topic not in task.topics:
            message = f"task {task.name!r} returned a result for topic {topic!r}, which it does not declare"
            hint = did_you_mean(str(topic), task.topics) if task.topics else f"declare it: topics=[{topic!r}]"
            raise UnknownTopic("CC202", message, hint=hint)
    return {topic: _payloads(topic, value) for topic, value in result.items()}


def _payloads(topic: str, value: object) -> list[dict[str, Any]]:
    match value:
        case None:
            return []
        case list() | tuple():
            return [encoding.payload(item, f"{topic}[{index}]") for index, item in enumerate(value)]
        case _:
            return [encoding.payload(value, topic)]


def messages(
    app: str, stage: str, run: Run, payloads: Mapping[str, list[dict[str, Any]]], issued_at: datetime
) -> list[Message]:
    """The messages of a run, with ids that a repeated run would give them again."""
    due = run.scheduled_at.astimezone(UTC)
    return [
        Message(
            topic,
            payload,
            message_id(app, stage, run.id, topic, ordinal),
            run.task,
            run.id,
            due,
            issued_at,
        )
        for topic, several in payloads.items()
        for ordinal, payload in enumerate(several)
    ]


def ready(app: str, stage: str, task: TaskModel, message: Message, payloads: Payloads) -> Ready:
    """The message as topics take it; puts and publishes nothing.

    Raises `EncodingError` (CC220) when it is too large, `ResultError` (CC204) for one without its group, `StoreError`
    when it must be put aside and there is no place for that.
    """
    body, group = envelope(app, stage, message), _group(task, message)
    if encoding.check_size(body, message.payload, where=message.topic) <= parcels.INLINE:
        return Ready(message, Outgoing(message.id, group, body))
    aside = parcels.parcel(payloads, enclosed(body))
    return Ready(message, Outgoing(message.id, group, envelope(app, stage, message, aside.reference)), aside)


def _group(task: TaskModel, message: Message) -> str:
    """The FIFO group: what is in one group is delivered in order, and waits for its head."""
    kind, _, key = task.order.partition(":")
    match kind:
        case "task":
            return naming.group(task.name)
        case "message":
            return naming.group(message.id)
        case _ if key in message.payload:
            return naming.group(f"{task.name}|{encoding.dumps(message.payload[key])}")
        case _:
            text = f"a payload for {message.topic!r} has no {key!r}, which order={task.order!r} needs"
            raise ResultError("CC204", text, where=message.topic, hint="add the key, or choose another order")
