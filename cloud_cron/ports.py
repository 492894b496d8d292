"""What the cores need from the world, as narrow protocols over values.

A port has an adapter for each place it is needed at, and one contract suite that runs against all of them. A core that
holds only these can be crashed, paused and replayed at every call, because nothing else happens in it.
Times in records are seconds since the epoch (UTC); durations are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cloud_cron.messages import Message
    from cloud_cron.runtime.reports import Delivery, RunReport


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class Ids(Protocol):
    """Everything that must differ between two workers."""

    def ulid(self, at: datetime) -> str:
        """A 26-character id that sorts by `at`."""
        ...

    def token(self) -> str:
        """The mark of one claim."""
        ...

    def jitter(self) -> float:
        """A number in [0, 1) that spreads back-offs."""
        ...


class Secrets(Protocol):
    """Resolves references; a value never enters a model, a template or a log."""

    def get(self, name: str, reference: str) -> str:
        """The value behind `reference`, which a task or notifier calls `name`."""
        ...

    def forget(self, reference: str) -> None:
        """Keep no value of `reference`, because it was refused and may have been changed."""
        ...


class Outgoing(NamedTuple):
    """One message on its way to a topic: explicit id (also the deduplication id), FIFO group, body."""

    id: str
    group: str
    body: str


class Received(NamedTuple):
    """One message as a queue handed it out.

    `id` is the queue's own message id, new after each redrive; `queue` is its ARN (or local name), `handle` the
    receipt handle of this receive, `receives` the approximate receive count, `sent_at` seconds since the epoch.
    """

    id: str
    handle: str
    body: str
    group: str
    dedup: str
    receives: int
    sent_at: float
    attributes: Mapping[str, str]
    queue: str


class Bus(Protocol):
    """Publishes messages; settles those that a queue handed out. Raises `errors.BusError`."""

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Hand all messages to the topic, in order; raise unless every one was taken. Safe to repeat."""
        ...

    def delay(self, received: Received, seconds: int) -> None:
        """Make the message visible again `seconds` from now."""
        ...

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Copy the message to its queue's dead-letter queue, with the reason as attributes. Safe to repeat."""
        ...


class Key(NamedTuple):
    """Where a record lives: deliveries `E#<notifier>#<message>`, runs `R#<task>`, locks `L#<task>`."""

    partition: str
    sort: str


class Record(NamedTuple):
    """One row of the ledger. Which fields matter depends on what the key names.

    `token` marks the claim that wrote it and `lease` is when that claim ends. `source` is the queue's message id (or
    the Lambda request id of a run). `accepts` counts what the provider said it took.
    """

    state: str
    token: str = ""
    lease: float = 0.0
    attempts: int = 0
    ambiguous: int = 0
    not_before: float = 0.0
    source: str = ""
    digest: str = ""
    provider_id: str = ""
    accepts: int = 0
    forwarded: bool = False
    code: str = ""
    reason: str = ""
    at: float = 0.0
    data: str = ""


class Ledger(Protocol):
    """Bounds duplicates with two primitives and one fact. Raises `errors.StoreError` when it cannot be reached."""

    def create(self, key: Key, record: Record) -> Record | None:
        """Write the record when nothing, or the caller's own token, is there: None. Otherwise what is there."""
        ...

    def swap(self, key: Key, expected: Record, record: Record) -> bool:
        """Replace the record if it still has the expected state and token."""
        ...

    def sent(self, key: Key, provider_id: str) -> None:
        """State that the provider accepted: needs only that the record exists, and always wins."""
        ...

    def get(self, key: Key) -> Record | None:
        """The record, or None."""
        ...

    def records(self, partition: str) -> list[tuple[Key, Record]]:
        """Every record of one partition, in the order of the sort key."""
        ...

    def latest(self, partition: str, state: str) -> Record | None:
        """The record of that partition and state with the greatest `at`."""
        ...

    def open_runs(self, partition: str | None = None) -> list[tuple[Key, Record]]:
        """Runs in state CLAIMED, RECORDED or RETRY, of one partition or of all, oldest (`at`) first."""
        ...


class Location(NamedTuple):
    """Where a large payload lies; `bucket` is empty where there are no buckets."""

    bucket: str
    key: str


class Payloads(Protocol):
    """Holds what is too large for a message or a record, under names made from the content.

    Raises `errors.StoreError` when it cannot be reached.
    """

    def locate(self, name: str) -> Location:
        """Where the payload of that name lies, if it is there; asks nobody."""
        ...

    def put(self, name: str, body: bytes) -> None:
        """Keep the body for at least a horizon from now. Safe to repeat: one name has one content."""
        ...

    def get(self, name: str) -> bytes:
        """The body; raises `errors.NotFound` (CC613) when there is none of that name."""
        ...


class Receipt(NamedTuple):
    """A provider's word that it took a message: its id, for the log and the ledger."""

    id: str


class Sender(Protocol):
    """Lets content leave through one channel."""

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the channel's own type
        """Send to one recipient within `timeout` seconds.

        `key` is the same for every attempt of one delivery, and another for every other delivery.

        `recipient` is spelled as `Channel.normalise` does. Raises `Retry` (certainly not accepted), `Permanent`,
        `Ambiguous`, or `ChannelDown`; anything else, and an answer after `timeout`, counts as ambiguous.
        """
        ...


class Senders(Protocol):
    """Chooses the way out: the channel's real sender, or the outbox."""

    def sender(self, notifier: str, message: Message) -> Sender:
        """The sender that this notifier's content about the message leaves through."""
        ...


class Journal(Protocol):
    """Is told of every run and every delivery, once each attempt."""

    def note(self, report: RunReport | Delivery) -> None:
        """Take one report; must not raise."""
        ...


class Services(Protocol):
    """AWS's clients, where the host has them."""

    def get(self, service: str) -> Any:  # noqa: ANN401 - whatever botocore makes of it
        """The client of a service, such as `sesv2`. Raises `UnsupportedError` where there is no AWS after all."""
        ...


@dataclass(frozen=True)
class Ports:
    """The world, as one host sees it; without `services` there is no AWS in it."""

    bus: Bus
    ledger: Ledger
    clock: Clock
    ids: Ids
    secrets: Secrets
    senders: Senders = field(repr=False)
    journal: Journal = field(repr=False)
    payloads: Payloads = field(kw_only=True, repr=False)
    services: Services | None = field(default=None, repr=False)
