"""Tells what went wrong: runs that failed for good or were missed, and dead letters; each once, whatever crashes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from cloud_cron.local import queues
from cloud_cron.local.fifo import SECOND
from cloud_cron.messages import Message, envelope, message_id, opened
from cloud_cron.ports import Outgoing
from cloud_cron.runs import instant
from cloud_cron.runtime import naming

if TYPE_CHECKING:
    from cloud_cron.local.place import Place
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Key, Received, Record


class Review:
    """Looks for what nobody was told, and publishes it to the topic `[watch] topic`, if there is one.

    The payload is `{kind, task | notifier, run_id, scheduled_at, error: {type, message}, count}`. What is told and that
    it was told are one transaction. Dead letters of the watch topic itself are not published: they would cause more.
    """

    def __init__(self, place: Place, stage: str, model: AppModel, topic: str | None) -> None:
        """`topic` None: nothing is published, and it counts as told."""
        self._place = place
        self._stage = stage
        self._model = model
        self._topic = topic

    def look(self) -> list[dict[str, Any]]:
        """Tell everything that is new; the payloads. Raises `StoreError` and `BusError`: then the next time."""
        return [*self._runs(), *self._letters()]

    def _runs(self) -> list[dict[str, Any]]:
        """One payload for each failed run, and one for each task that missed some."""
        told = []
        untold = self._place.ledger.untold()
        for (kind, task, _), group in groupby(untold, key=_sort_of):
            several = list(group)
            key, record = several[0]
            error = {"type": record.code or kind, "message": record.reason}
            place = {"task": task, "run_id": _run_id(task, key), "scheduled_at": _instant(record.at)}
            payload = {"kind": kind, **place, "error": error, "count": len(several)}
            with self._place.store.transaction():
                self._publish(f"{kind}|{key.partition}|{key.sort}|{record.attempts}", payload)
                for each, found in several:
                    self._place.ledger.swap(each, found, replace(found, forwarded=True))
            told.append(payload)
        return told

    def _letters(self) -> list[dict[str, Any]]:
        """One payload for each notifier with new dead letters."""
        told = []
        for notifier in self._model.notifiers:
            queue = queues.dead_letters(self._model.name, self._stage, notifier.name)
            letters = self._place.bus.since(queue, self._place.book.told(queue))
            if not letters:
                continue
            payload = {"kind": "dead", "notifier": notifier.name, **_first(letters), "count": len(letters)}
            topics = {_topic(letter) for letter in letters}
            newest = max(round(letter.sent_at * SECOND) for letter in letters)
            with self._place.store.transaction():
                if topics != {self._topic}:
                    self._publish(f"dead|{notifier.name}|{newest}", payload)
                self._place.book.tell(queue, newest)
            told.append(payload)
        return told

    def _publish(self, about: str, payload: dict[str, Any]) -> None:
        if self._topic is None:
            return
        app = self._model.name
        unique = message_id(app, self._stage, f"watch|{about}", self._topic, 0)
        message = Message(self._topic, payload, unique, issued_at=self._place.clock.now())
        group = naming.group(str(payload.get("task") or payload.get("notifier")))
        self._place.bus.publish(self._topic, [Outgoing(message.id, group, envelope(app, self._stage, message))])


def _sort_of(untold: tuple[Key, Record]) -> tuple[str, str, str]:
    """Failed runs one by one, missed ones by task."""
    key, record = untold
    kind = record.state.lower()
    return kind, key.partition.removeprefix("R#"), key.sort if kind == "failed" else ""


def _run_id(task: str, key: Key) -> str:
    return f"{task}{key.sort}" if key.sort.startswith("!") else f"{task}@{key.sort}"


def _instant(at: float) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - beside its one use

    return instant(datetime.fromtimestamp(at, UTC))


def _first(letters: list[Received]) -> dict[str, Any]:
    """What the first of several dead letters tells."""
    message, attributes = _message(letters[0]), letters[0].attributes
    reason = attributes.get("cc_error", f"received {letters[0].receives} times, and never settled")
    return {
        "run_id": message.run_id if message else None,
        "scheduled_at": instant(message.scheduled_at) if message and message.scheduled_at else None,
        "error": {"type": attributes.get("cc_error_code", "receives"), "message": reason},
    }


def _topic(letter: Received) -> str | None:
    message = _message(letter)
    return message.topic if message else None


def _message(letter: Received) -> Message | None:
    with suppress(KeyError, TypeError, ValueError):
        return opened(json.loads(letter.body))
    return None
