"""Tells what went wrong: runs that failed for good or were missed, and dead letters; each once, whatever crashes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from cloud_cron.local import queues
from cloud_cron.local.fifo import SECOND
from cloud_cron.runtime import watching

if TYPE_CHECKING:
    from cloud_cron.local.host_ports import HostPorts
    from cloud_cron.model import AppModel
    from cloud_cron.ports import Key, Received, Record


class Review:
    """Looks for what nobody was told, and tells it to the topic `[watch] topic`, if there is one.

    What is told and that it was told are one transaction. Dead letters of the watch topic itself are not published:
    they would cause more.
    """

    def __init__(self, ports: HostPorts, stage: str, model: AppModel, topic: str | None) -> None:
        """`topic` None: nothing is published, and it counts as told."""
        self._ports = ports
        self._stage = stage
        self._model = model
        self._watch = watching.Watch(ports.bus, ports.clock, model.name, stage, topic)

    def look(self) -> list[dict[str, Any]]:
        """Tell everything that is new; the payloads. Raises `StoreError` and `BusError`: then the next time."""
        return [*self._runs(), *self._letters()]

    def _runs(self) -> list[dict[str, Any]]:
        """One payload for each failed run, and one for each task that missed some."""
        told = []
        untold = self._ports.ledger.untold()
        for (kind, _, _), group in groupby(untold, key=_sort_of):
            several = list(group)
            about, payload = watching.runs(kind, *several[0], count=len(several))
            with self._ports.store.transaction():
                self._watch.tell(about, payload)
                for each, found in several:
                    self._ports.ledger.swap(each, found, found._replace(forwarded=True))
            told.append(payload)
        return told

    def _letters(self) -> list[dict[str, Any]]:
        """One payload for each notifier with new dead letters."""
        told = []
        for notifier in self._model.notifiers:
            queue = queues.dead_letters(self._model.name, self._stage, notifier.name)
            letters = self._ports.bus.since(queue, self._ports.book.told(queue))
            if not letters:
                continue
            payload = watching.letters(notifier.name, letters[0], len(letters))
            topics = {_topic(letter) for letter in letters}
            newest = max(round(letter.sent_at * SECOND) for letter in letters)
            with self._ports.store.transaction():
                if topics != {self._watch.topic}:
                    self._watch.tell(f"dead|{notifier.name}|{newest}", payload)
                self._ports.book.tell(queue, newest)
            told.append(payload)
        return told


def _sort_of(untold: tuple[Key, Record]) -> tuple[str, str, str]:
    """Failed runs one by one, missed ones by task."""
    key, record = untold
    kind = record.state.lower()
    return kind, key.partition.removeprefix("R#"), key.sort if kind == "failed" else ""


def _topic(letter: Received) -> str | None:
    message = watching.message_of(letter)
    return message.topic if message else None
