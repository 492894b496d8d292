"""The message: what a task publishes, the envelope it travels in, and the id that names it everywhere.

The id lives in our envelope, because queues replace theirs: SQS gives a redriven message another id and another
deduplication id (SQS Developer Guide, "Configure a dead-letter queue redrive").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from cloud_cron.runs import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
ENVELOPE_VERSION: Final = 1
_REMEMBERED: Final = 256
_BEGINNING: Final = f'{{"cloud_cron":{ENVELOPE_VERSION},"app":'
_TEXTS: Final = itemgetter("topic", "id", "task", "run_id", "issued_at")


@dataclass(frozen=True)
class Message:
    """What a notifier is given.

    `id` is the same for every attempt and every recipient; `payload` is the JSON object that the task published;
    `task`, `run_id` and `scheduled_at` are those of the run, None for a message that somebody else published; times are
    aware, in UTC; `attempt` counts from 1. `secrets` resolves a name when it is asked for, and raises `NotFound`
    (CC507) when its reference leads nowhere.
    """

    topic: str
    payload: dict[str, Any]
    id: str
    task: str | None = None
    run_id: str | None = None
    scheduled_at: datetime | None = None
    issued_at: datetime = datetime.fromtimestamp(0, UTC)
    attempt: int = 1
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


class Reference(NamedTuple):
    """Where a payload lies that is too large for its envelope: `size` in bytes, `bucket` empty on one machine."""

    bucket: str
    key: str
    sha256: str
    size: int

    def to_json(self) -> dict[str, Any]:
        """`{"bucket"?, "key", "sha256", "size"}`."""
        return {name: value for name, value in self._asdict().items() if value != ""}

    @classmethod
    def from_json(cls, value: object) -> Reference:
        """Read back; raises KeyError, TypeError or ValueError for what is none."""
        if not isinstance(value, dict):
            message = f"the place of the payload is a {type(value).__name__}"
            raise TypeError(message)
        bucket = _of(str, value, "bucket") if "bucket" in value else ""
        size = _of(int, value, "size")
        return cls(bucket, _of(str, value, "key"), _of(str, value, "sha256"), size)


@lru_cache(maxsize=_REMEMBERED)  # a repeated run gives its messages the same ones again
def message_id(app: str, stage: str, run_id: str, topic: str, ordinal: int) -> str:
    """The id of the n-th payload that a run publishes to a topic: 52 characters that any queue takes.

    SNS and SQS allow 128 alphanumeric and punctuation characters (API reference, MessageDeduplicationId).
    """
    from base64 import b32encode  # noqa: PLC0415 - declaring an app publishes nothing
    from hashlib import sha256  # noqa: PLC0415

    name = f"v{ENVELOPE_VERSION}|{app}|{stage}|{run_id}|{topic}|{ordinal}"
    return b32encode(sha256(name.encode()).digest()).decode().rstrip("=")


def envelope(app: str, stage: str, message: Message, elsewhere: Reference | None = None) -> str:
    """The body that carries a message through topics and queues; `opened` reads it back.

    A payload that lies `elsewhere` is not in it: `payload_at` says where it is.
    """
    from cloud_cron.encoding.text import dumps  # noqa: PLC0415 - declaring an app encodes nothing

    return dumps(
        {
            "cloud_cron": ENVELOPE_VERSION,
            "app": app,
            "stage": stage,
            "id": message.id,
            "topic": message.topic,
            "task": message.task,
            "run_id": message.run_id,
            "scheduled_at": instant(message.scheduled_at) if message.scheduled_at else None,
            "issued_at": instant(message.issued_at),
            **({"payload_at": elsewhere.to_json()} if elsewhere else {"payload": message.payload}),
        }
    )


def opened(body: Mapping[str, Any]) -> Message:
    """The message inside a decoded envelope; raises KeyError, TypeError or ValueError when it is not one.

    Its payload is empty when that lies elsewhere: see `elsewhere`.
    """
    if not _is_plain(body):
        _examine(body)
    payload, due = {} if "payload_at" in body else body["payload"], body["scheduled_at"]
    scheduled_at = None if due is None else _aware("scheduled_at", due)
    issued_at = _aware("issued_at", body["issued_at"])
    return Message(body["topic"], payload, body["id"], body["task"], body["run_id"], scheduled_at, issued_at)


def _is_plain(body: Mapping[str, Any]) -> bool:
    """Whether a decoded envelope is sound at first sight, as nearly all are; so may others be."""
    try:
        texts, due = _TEXTS(body), body["scheduled_at"]
        said = "".join(texts if due is None else (*texts, due))
        is_inside = type(body["payload"]) is dict and "payload_at" not in body
        return is_inside and all(texts) and due != "" and said.isascii()
    except (KeyError, TypeError):
        return False


def _examine(body: Mapping[str, Any]) -> None:
    """Find out what is wrong with a decoded envelope, if anything is; raises as `opened` does."""
    _of(str, body, "topic")
    if elsewhere(body) is None:
        _of(dict, body, "payload")
    _of(str, body, "id")
    for key in ("task", "run_id", "scheduled_at"):
        if body[key] is not None:
            _of(str, body, key)
    if body["scheduled_at"] is not None:
        _aware("scheduled_at", body["scheduled_at"])
    _of(str, body, "issued_at")


def inside(text: str, body: Mapping[str, Any]) -> str:
    """The text of the payload in the text of an envelope; empty for a decoded `body` that `envelope` did not write.

    That writes no spaces, and the payload last.
    """
    is_ours = text.startswith(_BEGINNING) and list(body)[-1] == "payload"
    return enclosed(text) if is_ours else ""


def enclosed(text: str) -> str:
    """The text of the payload in what `envelope` wrote."""
    return text.partition('"payload":')[2].removesuffix("}")


def elsewhere(body: Mapping[str, Any]) -> Reference | None:
    """Where the payload of a decoded envelope is, when it is not inside; raises as `opened` does."""
    return Reference.from_json(body["payload_at"]) if "payload_at" in body else None


def _of(kind: type[T], body: Mapping[str, Any], key: str) -> T:
    value = body[key]
    if isinstance(value, str) and not value.isascii():
        value.encode()  # half of a surrogate pair is a ValueError: no ledger could keep it
    if isinstance(value, kind) and (value or kind is dict):
        return value
    message = f"{key} is a {type(value).__name__}" if value else f"{key} is empty"
    raise TypeError(message)


@lru_cache(maxsize=_REMEMBERED)  # the messages of a run have the same ones
def _aware(key: str, text: str) -> datetime:
    """An instant in UTC; ValueError for one without its offset, or so far out that it has no UTC."""
    time = datetime.fromisoformat(text)
    if time.utcoffset() is None:
        message = f"{key} has no UTC offset"
        raise ValueError(message)
    try:
        return time.astimezone(UTC)
    except OverflowError:
        message = f"{key} is beyond the calendar"
        raise ValueError(message) from None
