"""What SNS FIFO and SQS FIFO refuse, as pure functions: every host refuses it in the same words, before it sends.

Numbers are those of the API references (Publish, PublishBatch, SendMessage, ChangeMessageVisibility).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.errors import BusError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from cloud_cron.ports import Outgoing

TOPIC_BYTES: Final = 262_144
QUEUE_BYTES: Final = 1_048_576
BATCH_ENTRIES: Final = 10
ATTRIBUTES: Final = 10
ID_CHARACTERS: Final = 128
LONGEST_VISIBILITY: Final = 43_200
LONGEST_DELAY: Final = LONGEST_VISIBILITY - 900


def check_topic(topic: str, messages: Iterable[Outgoing]) -> None:
    """Refuse what SNS would: an empty or too long body, or an unusable id.

    SNS API reference, Publish: 256 KiB unless the topic says otherwise; recorded on AWS: "Empty message".
    """
    for message in messages:
        check_ids(topic, message)
        size = _bytes(topic, message)
        if size > TOPIC_BYTES:
            raise _too_large(f"topic '{topic}'", message, size, TOPIC_BYTES)


def check_queue(queue: str, message: Outgoing, attributes: Mapping[str, str]) -> None:
    """Refuse what SQS would: as for a topic, and attributes that are empty or too many.

    SQS API reference, SendMessage: 1 MiB with attributes (since August 2025); SQS Developer Guide, "Amazon SQS message
    metadata": ten attributes, none of them empty.
    """
    check_ids(queue, message)
    if len(attributes) > ATTRIBUTES:
        raise BusError(
            "CC221",
            f"a message has {len(attributes)} attributes, and a queue takes at most {ATTRIBUTES}",
            where=queue,
            hint="put the rest into the body",
        )
    for name, value in attributes.items():
        if not name or not value:
            raise BusError("CC221", f"message attribute '{name}' is empty", where=queue, hint="leave it out")
    size = _bytes(queue, message) + sum(len(f"{name}String{value}".encode()) for name, value in attributes.items())
    if size > QUEUE_BYTES:
        raise _too_large(f"queue '{queue}'", message, size, QUEUE_BYTES)


def check_ids(where: str, message: Outgoing) -> None:
    """Refuse a group or deduplication id that is not 1 to 128 letters, digits or punctuation characters.

    SQS API reference, SendMessage; recorded on AWS for an empty id, 129 characters, and a space.
    """
    for name, value in (("group", message.group), ("deduplication id", message.id)):
        if not (0 < len(value) <= ID_CHARACTERS and value.isascii() and value.isprintable() and " " not in value):
            raise BusError(
                "CC221",
                f"the {name} {value[:150]!r} is not 1 to 128 alphanumeric and punctuation characters",
                where=where,
                hint="use a hash of it",
            )


def batches(messages: Sequence[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """Cut messages, in order, into what one PublishBatch takes: 10 entries and 256 KiB in total.

    SNS API reference, PublishBatch; recorded on AWS: TooManyEntriesInBatchRequest, BatchRequestTooLong.
    """
    start, total = 0, 0
    for index, message in enumerate(messages):
        size = _size(message.body)
        if index - start == BATCH_ENTRIES or total + size > TOPIC_BYTES:
            yield messages[start:index]
            start, total = index, 0
        total += size
    if start < len(messages):
        yield messages[start:]


def delay_seconds(seconds: float) -> int:
    """The nearest visibility timeout that SQS grants: not negative, and at most 12 hours after the receive.

    SQS Developer Guide, "Amazon SQS visibility timeout": the 12 hours count from the receive, and no function runs
    longer than 15 minutes before it asks.
    """
    return max(0, min(int(seconds), LONGEST_DELAY))


def _bytes(where: str, message: Outgoing) -> int:
    if not message.body:
        raise BusError("CC221", "Empty message", where=where, hint="publish a JSON object")
    try:
        return _size(message.body)
    except UnicodeEncodeError as error:
        raise BusError(
            "CC221", f"the body is not text: {error.reason}", where=where, hint="escape what is not a character"
        ) from error


def _size(body: str) -> int:
    return len(body) if body.isascii() else len(body.encode())


def _too_large(where: str, message: Outgoing, size: int, limit: int) -> BusError:
    return BusError(
        "CC220",
        f"message {message.id} has {size:,} bytes, and {where} takes at most {limit:,}",
        where=where,
        hint="publish a reference to the data instead of the data",
    )
