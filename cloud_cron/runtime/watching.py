"""What is told of runs and messages that went wrong, in one shape on every host."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cloud_cron.messages import Message, envelope, message_id, opened
from cloud_cron.ports import Outgoing
from cloud_cron.runs import instant
from cloud_cron.runtime import naming

if TYPE_CHECKING:
    from cloud_cron.ports import Bus, Clock, Key, Received, Record


class Watch:
    """Publishes to the topic `[watch] topic`, which the app's own notifiers hear; without a topic, to nobody.

    The payload is `{kind, task | notifier, run_id, scheduled_at, error: {type, message}, count}`. What is told twice
    has one message id, so that nobody hears of it twice.
    """

    def __init__(self, bus: Bus, clock: Clock, app: str, stage: str, topic: str | None) -> None:
        """`topic` None: nothing is published."""
        self._bus = bus
        self._clock = clock
        self._app = app
        self._stage = stage
        self.topic = topic

    def tell(self, about: str, payload: dict[str, Any]) -> None:
        """Publish one payload; `about` is the same whenever the same is told again."""
        if self.topic is None:
            return
        message = Message(self.topic, payload, self.known_as(about), issued_at=self._clock.now())
        group = naming.group(str(payload.get("task") or payload.get("notifier")))
        self._bus.publish(self.topic, [Outgoing(message.id, group, envelope(self._app, self._stage, message))])

    def known_as(self, about: str) -> str:
        """The id of the message that tells it."""
        return message_id(self._app, self._stage, f"watch|{about}", self.topic or "", 0)


def runs(kind: str, key: Key, record: Record, count: int = 1) -> tuple[str, dict[str, Any]]:
    """What is told of a failed run, or of the first of several missed ones, and what it is about."""
    task = task_of(key)
    run = f"{task}{key.sort}" if key.sort.startswith("!") else f"{task}@{key.sort}"
    error = {"type": record.code or kind, "message": record.reason}
    due = instant(datetime.fromtimestamp(record.at, UTC))
    payload = {"kind": kind, "task": task, "run_id": run, "scheduled_at": due, "error": error, "count": count}
    return f"{kind}|{key.partition}|{key.sort}|{record.attempts}", payload


def task_of(key: Key) -> str:
    """The task of a run."""
    return key.partition.removeprefix("R#")


def letters(notifier: str, first: Received, count: int) -> dict[str, Any]:
    """What is told of new dead letters of a notifier, of which `first` is one."""
    found, attributes = message_of(first), first.attributes
    reason = attributes.get("cc_error", f"received {first.receives} times, and never settled")
    return {
        "kind": "dead",
        "notifier": notifier,
        "run_id": found.run_id if found else None,
        "scheduled_at": instant(found.scheduled_at) if found and found.scheduled_at else None,
        "error": {"type": attributes.get("cc_error_code", "receives"), "message": reason},
        "count": count,
    }


def mail(word: str, notifier: str, recipient: str, detail: str) -> dict[str, Any]:
    """What is told of a mail that the provider took, and that did not reach its recipient well."""
    what = {"bounced": "bounced", "complained": "was reported as unwanted", "refused": "was not passed on"}[word]
    return {
        "kind": word,
        "notifier": notifier,
        "run_id": None,
        "scheduled_at": None,
        "error": {"type": detail or word, "message": f"the mail to {recipient or 'somebody'} {what}"},
        "count": 1,
    }


def message_of(letter: Received) -> Message | None:
    """The message in a dead letter, if it is one of ours."""
    with suppress(KeyError, TypeError, ValueError):
        return opened(json.loads(letter.body))
    return None
