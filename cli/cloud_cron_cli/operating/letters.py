"""Dead letters as a person knows them: messages by the id of the message, runs by the id of the run.

A run goes from the scheduler to its task, and a message from there to its notifier. What is stuck at one of these hops
lies in a queue of its own, or is a record of the ledger that nobody comes back to.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from cloud_cron.errors import NotFound
from cloud_cron_cli import runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.messages import Message
    from cloud_cron.ports import Key, Received, Record

T = TypeVar("T", bound="Letter | LostRun")

SCHEDULER: Final = "scheduler"
TASK: Final = "task"
NOTIFIER: Final = "notifier"
HOPS: Final = (SCHEDULER, TASK, NOTIFIER)

NOBODY: Final = "-"
"""Whose letters are those that name no task and no notifier."""
SHORT: Final = 12
MOVED_FROM: Final = "DeadLetterQueueSourceArn"
"""What SQS says of a message that it moved by itself (SQS API reference, ReceiveMessage)."""
_GIVEN_UP: Final = {"FAILED": TASK, "MISSED": SCHEDULER}


class Letter(NamedTuple):
    """A message that a notifier could not deliver; `message` is None for a body that cannot be read.

    `undelivered`: SNS could not even hand it to the notifier's queue. A large payload is in the message of a whole
    letter only.
    """

    notifier: str
    received: Received
    id: str
    message: Message | None
    undelivered: bool = False

    @property
    def hop(self) -> str:
        """Where it is stuck."""
        return NOTIFIER

    @property
    def owner(self) -> str:
        """Whose letter it is, as the commands want it named."""
        return self.notifier

    @property
    def short(self) -> str:
        """Enough of the id to name it."""
        return self.id[:SHORT]

    @property
    def code(self) -> str:
        """Why it is dead: our code, or `receives` when it was received too often and never settled."""
        given = self.received.attributes
        return given.get("ErrorCode", "undelivered") if self.undelivered else given.get("cc_error_code", "receives")

    @property
    def reason(self) -> str:
        """The same in words."""
        given = self.received.attributes
        if self.undelivered:
            return given.get("ErrorMessage", "SNS could not hand it to the notifier's queue")
        return given.get("cc_error", f"received {self.received.receives} times, and never settled")

    @property
    def at(self) -> datetime:
        """Since when it lies there, in UTC."""
        return datetime.fromtimestamp(int(self.received.sent_at), UTC)

    @property
    def is_worn_out(self) -> bool:
        """Whether the queue gave it up, so that nobody knows who was told."""
        return MOVED_FROM in self.received.attributes

    def to_json(self) -> dict[str, Any]:
        """One of the `letters` that `dlq list --json` prints."""
        message = self.message
        return {
            "hop": self.hop,
            "notifier": self.notifier,
            "id": self.id,
            "code": self.code,
            "reason": self.reason,
            "task": message.task if message else None,
            "run_id": message.run_id if message else None,
            "topic": message.topic if message else None,
            "at": self.at.isoformat(),
        }


class LostRun(NamedTuple):
    """A run that nobody will make without a person, or a letter about one.

    It is known by its `key` in the ledger, by the message `received` that tells of it, or by both; by the latter alone
    when its task keeps no records, or when it asks for no run of this app. `event` asks for the very same run again.
    """

    hop: str
    task: str | None
    id: str
    code: str
    reason: str
    at: datetime
    event: Mapping[str, Any] | None
    key: Key | None = None
    received: Received | None = None

    @property
    def owner(self) -> str:
        """Whose letter it is, as the commands want it named."""
        return self.task or NOBODY

    @property
    def short(self) -> str:
        """An id of a run is said whole: its end tells it from the others."""
        return self.id

    def to_json(self) -> dict[str, Any]:
        """One of the `letters` that `dlq list --json` prints."""
        return {
            "hop": self.hop,
            "notifier": None,
            "id": self.id,
            "code": self.code,
            "reason": self.reason,
            "task": self.task,
            "run_id": self.id if self.task else None,
            "topic": None,
            "at": self.at.isoformat(),
        }


class Heap(NamedTuple, Generic[T]):
    """What was seen of letters, oldest first, and how many there are beyond those, at least."""

    seen: list[T]
    unseen: int = 0


def chosen(letters: Sequence[T], owner: str, begin: str) -> list[T]:
    """The letters of the one message or run whose id begins like that; of a run, what follows its task will do.

    Raises `NotFound`: CC741 when there is none, CC742 when there are several.
    """
    low = begin.lower()
    matching = [letter for letter in letters if low and any(name.startswith(low) for name in _names(letter))]
    ids = list(dict.fromkeys(letter.id for letter in matching))
    exact = [letter for letter in matching if letter.id == begin]
    if not ids:
        hint = f"`cloud-cron dlq list {owner}` shows those that there are"
        raise NotFound("CC741", f"{owner!r} has no dead letter {begin!r}", hint=hint)
    if len(ids) > 1 and not exact:
        hint = "write more of it, as `cloud-cron dlq list -v` shows it"
        raise NotFound("CC742", f"{len(ids)} dead letters begin with {begin!r}", hint=hint)
    return exact or matching


def of_record(key: Key, record: Record) -> LostRun:
    """A run that failed for good, or was missed, as the ledger tells of it."""
    event = None
    with suppress(KeyError, TypeError, ValueError):
        event = asked_again(key, json.loads(record.data)["event"])
    task = key.partition.removeprefix("R#")
    at = datetime.fromtimestamp(int(record.at), UTC)
    code = record.code or record.state.lower()
    return LostRun(_GIVEN_UP[record.state], task, runs.name(key), code, record.reason, at, event, key)


def asked_again(key: Key, event: Mapping[str, Any]) -> dict[str, Any]:
    """The event that asks for the run at `key` again: one on demand has to say which it was."""
    return {**event, "request": key.sort[1:]} if key.sort.startswith("!") else dict(event)


def _names(letter: Letter | LostRun) -> list[str]:
    """What a person may begin to write."""
    whole = letter.id.lower()
    return [whole] if isinstance(letter, Letter) or not letter.task else [whole, whole[len(letter.task) + 1 :]]
