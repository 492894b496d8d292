"""What the ids of a world are called when a person reads of them."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.ports import Key, Received
from cloud_cron.runtime import naming

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cloud_cron.testing.simulator.faults import Call, CallPoint, Fault
    from cloud_cron.testing.simulator.world import World

_REMEMBERED: Final = 256


class Told(NamedTuple):
    """Who was told of what."""

    notifier: str
    message: str
    recipient: str


class Names:
    """Words for messages (`reports #0`), recipients and keys."""

    def __init__(self, world: World) -> None:
        """Everything that was published or sent in the world has a name."""
        self._messages: dict[str, str] = {}
        counts: dict[str, int] = {}
        for own, (topic, _) in world.witness.published.items():
            self._messages[own] = f"{topic} #{counts.setdefault(topic, 0)}"
            counts[topic] += 1
        setup = world.setup
        self._salt = f"{setup.model.name}|{setup.stage}"
        self._notifiers = setup.model.notifiers
        self._channels = {notifier.name: notifier.channel for notifier in self._notifiers}
        told = [Told(sent.notifier, sent.message.id, sent.recipient) for sent in world.outbox.sent]
        first = {each: place for place, each in reversed(list(enumerate(told)))}
        self._told = {self.key_of(each): (place, each.recipient) for each, place in first.items()}

    @cached_property
    def _recipients(self) -> dict[str, str]:
        """Whoever is configured or was told, by the ledger's name."""
        known = [Told(part.name, "", address) for part in self._notifiers for address in part.recipients]
        configured = {self.key_of(each).sort: each.recipient for each in known}
        return configured | {key.sort: recipient for key, (_, recipient) in self._told.items()}

    def key_of(self, told: Told) -> Key:
        """Where the ledger keeps a delivery."""
        channel = self._channels[told.notifier]
        return naming.delivery_key(told.notifier, told.message, self._salt, channel, told.recipient)

    def was_told(self, key: Key) -> bool:
        """Whether the provider ever accepted this delivery."""
        return key in self._told

    def place(self, key: Key) -> int:
        """How much the provider had accepted of anything before it first accepted this delivery; -1 if it never did."""
        return self._told[key][0] if key in self._told else -1

    def message(self, own: str) -> str:
        """A message by topic and number."""
        return self._messages.get(own, f"message {own[:8]}")

    def told(self, told: Told) -> str:
        """A message to one recipient."""
        return f"{told.notifier}: {self.message(told.message)} to {told.recipient}"

    def recipient(self, sort: str) -> str:
        """A recipient by address, or the message as a whole."""
        return "" if sort == naming.WHOLE else f" to {self._recipients.get(sort, f'recipient {sort[:8]}')}"

    def key(self, key: Key) -> str:
        """What a record is about."""
        kind, _, rest = key.partition.partition("#")
        match kind:
            case "E":
                notifier, _, message = rest.partition("#")
                return f"{notifier}: {self.message(message)}{self.recipient(key.sort)}"
            case "R":
                return f"run of {rest} at {key.sort}" if not key.sort.startswith("!") else f"run of {rest}"
            case "L":
                return f"lock of {rest}"
            case _:
                return f"watch over {rest}"

    def call(self, call: Call) -> str:
        """A port call in one line."""
        return f"{call.place.port}.{call.place.method} {self._arguments(call.place, call.arguments)}".rstrip()

    def fault(self, place: CallPoint, fault: Fault) -> str:
        """What goes wrong, and where, in one line."""
        seconds = f" for {fault.seconds:g} seconds" if fault.seconds else ""
        what = self._subject(place)
        nth = f" (time {place.nth})" if place.nth > 1 else ""
        match place.port:
            case "schedule":
                return f"the schedule of {what} {fault.kind}{seconds.replace('for', 'by')}"
            case "queue":
                return f"{what} {fault.kind}{nth}"
            case _ if fault.kind == "is away":
                return f"{place.port} is away{seconds}, from {place.port}.{place.method} {what}{nth}"
            case "person":
                return f"the dead letters of {what} are redriven (look {place.nth})"
            case _ if fault.kind.partition(" ")[2] in {"before", "after"}:
                verb, _, side = fault.kind.partition(" ")
                who = "the worker" if verb in {"dies", "pauses"} else "the call"
                return f"{who} {verb}{seconds} {side} {place.port}.{place.method} {what}{nth}"
            case _:
                return f"the provider {fault.kind}: {what}{nth}"

    def _subject(self, place: CallPoint) -> str:
        match place.subject:
            case Key() as key:
                return self.key(key)
            case (str(notifier), str(message), str(recipient)):
                return f"{notifier}: {self.message(message)} to {recipient}"
            case (str(first), str(second)):
                return f"{first.rpartition(':')[2]}: {self._messages.get(second, second)}"
            case None:
                return ""
            case other:
                return str(other)

    def _arguments(self, place: CallPoint, arguments: Sequence[Any]) -> str:
        match place.method, arguments:
            case "publish", (topic, messages):
                return f"{topic}: {', '.join(self.message(message.id) for message in messages)}"
            case "create", (Key() as key, record):
                return f"{self.key(key)}: {record.state}"
            case "swap", (Key() as key, old, record):
                return f"{self.key(key)}: {old.state} -> {record.state}{' forwarded' if record.forwarded else ''}"
            case _, (Received() as received, *_):
                return f"{received.queue.rpartition(':')[2]}: {self.message(message_of(received))}"
            case _:
                return self._subject(place)


def message_of(received: Received) -> str:
    """The id in an envelope, or the queue's own for a body that is none."""
    return str(envelope(received.body).get("id") or received.attributes.get("cc_message_id") or received.id)


@lru_cache(maxsize=_REMEMBERED)  # the same body goes through many hands
def envelope(body: str) -> Mapping[str, Any]:
    """What is in an envelope, to be looked at; empty for a body that is none."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and "cloud_cron" in found else {}


def time_of(instant: datetime) -> str:
    """An instant of a timeline."""
    return f"{instant:%m-%d %H:%M:%S}"
