"""The outbox of `dev`: what would have been sent, kept in the database until it is pushed out by newer mail."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.ports import Receipt
from cloud_cron.rendered import as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.local.store import Store
    from cloud_cron.messages import Message
    from cloud_cron.ports import Clock, Sender

KEPT: Final = 1000


class Letter(NamedTuple):
    """What one person would have received; `at` in epoch seconds, `content` as `render --json` prints it."""

    number: int
    at: float
    notifier: str
    channel: str
    recipient: str
    message: str
    content: dict[str, Any]


class StoredOutbox:
    """Accepts everything for everybody."""

    def __init__(self, store: Store, clock: Clock, channels: Mapping[str, str]) -> None:
        """`channels` tells each notifier's channel."""
        self._store = store
        self._clock = clock
        self._channels = channels

    def sender(self, notifier: str, message: Message) -> Sender:
        """A sender that files content under the notifier and the message."""
        return _Filing(self._store, self._clock, (notifier, self._channels[notifier]), message)


class _Filing:
    def __init__(self, store: Store, clock: Clock, place: tuple[str, str], message: Message) -> None:
        self._store = store
        self._clock = clock
        self._place = place
        self._message = message

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port
        """Keep the content; always accepted."""
        text = json.dumps(as_json(content), ensure_ascii=False)
        values = (self._clock.now().timestamp(), *self._place, recipient, self._message.id, text)
        columns = "at, notifier, channel, recipient, message, content"
        self._store.change(f"INSERT INTO outbox ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values)  # noqa: S608 - constants
        return Receipt(f"outbox-{sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}")


def letters(store: Store, limit: int = 20) -> list[Letter]:
    """The newest letters, newest first."""
    columns = "seq, at, notifier, channel, recipient, message, content"
    rows = store.rows(f"SELECT {columns} FROM outbox ORDER BY seq DESC LIMIT ?", (limit,))  # noqa: S608 - constants
    return [Letter._make((*row[:-1], json.loads(row[-1]))) for row in rows]


def count(store: Store) -> int:
    """How many letters there are."""
    return int(store.rows("SELECT count(*) FROM outbox")[0][0])


def prune(store: Store) -> None:
    """Forget the oldest letters, so that the newest `KEPT` stay."""
    store.change("DELETE FROM outbox WHERE seq <= (SELECT max(seq) FROM outbox) - ?", (KEPT,))
