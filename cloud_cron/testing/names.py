"""What the ids of a world are called when a person reads of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud_cron.ports import Key, Received
from cloud_cron.runtime import naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.testing.faults import Call
    from cloud_cron.testing.worlds import World


class Names:
    """Words for messages (`reports #0`), recipients and keys."""

    def __init__(self, world: World) -> None:
        """Everything that was published or sent in the world has a name."""
        self._messages: dict[str, str] = {}
        counts: dict[str, int] = {}
        for own, (topic, _) in world.log.items():
            self._messages[own] = f"{topic} #{counts.setdefault(topic, 0)}"
            counts[topic] += 1
        setup = world.scenario.setup
        self._salt = f"{setup.model.name}|{setup.stage}"
        told = {notifier.name: set(notifier.recipients) for notifier in setup.model.notifiers}
        for sent in world.outbox.sent:
            told[sent.notifier].add(sent.recipient)
        self._recipients: dict[str, str] = {
            naming.delivery_key(notifier.name, "", self._salt, notifier.channel, address).sort: address
            for notifier in setup.model.notifiers
            for address in told[notifier.name]
        }

    def message(self, own: str) -> str:
        """A message by topic and number."""
        return self._messages.get(own, f"message {own[:8]}")

    def recipient(self, sort: str) -> str:
        """A recipient by address, or the message as a whole."""
        return "" if sort == naming.WHOLE else f" to {self._recipients.get(sort, f'recipient {sort[:8]}')}"

    def key(self, key: Key) -> str:
        """What a record is about."""
        kind, _, rest = key.partition.partition("#")
        if kind == "E":
            notifier, _, message = rest.partition("#")
            return f"{notifier}: {self.message(message)}{self.recipient(key.sort)}"
        return f"{'run of' if kind == 'R' else 'lock of'} {rest}"

    def call(self, call: Call) -> str:
        """A port call in one line."""
        return f"{call.port}.{call.method} {self._arguments(call.method, call.arguments)}".rstrip()

    def _arguments(self, method: str, arguments: Sequence[Any]) -> str:
        match method, arguments:
            case "publish", (topic, messages):
                return f"{topic}: {', '.join(self.message(message.id) for message in messages)}"
            case "send", (notifier, message, recipient):
                return f"{notifier}: {self.message(message)} to {recipient}"
            case "create", (Key() as key, record):
                return f"{self.key(key)}: {record.state}"
            case "swap", (Key() as key, old, record):
                return f"{self.key(key)}: {old.state} -> {record.state}{' forwarded' if record.forwarded else ''}"
            case _, (Key() as key, *_):
                return self.key(key)
            case _, (Received() as received, *_):
                return f"{received.queue.rpartition(':')[2]}: {self.message(message_of(received))}"
            case (("put" | "get"), (str(payload), *_)):
                return payload[:8]
            case _, (str(queue), *_):
                return queue
        return ""


def message_of(received: Received) -> str:
    """The id in an envelope, or the queue's own for a body that is none."""
    try:
        return str(json.loads(received.body)["id"])
    except (ValueError, LookupError, TypeError):
        return received.attributes.get("cc_message_id") or received.id
