"""Where an app runs, on this side of the entrypoint: its ports, its queues, its journal."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from cloud_cron.ports import Bus
from cloud_cron.runtime.dispatch import HORIZON
from cloud_cron.runtime.reports import Delivery, RunReport

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cloud_cron.local.watch import Watch
    from cloud_cron.messages import Message
    from cloud_cron.ports import Clock, Ids, Ledger, Payloads, Received, Secrets, Senders
    from cloud_cron.runs import Run
    from cloud_cron.runtime.reports import Status


class Queues(Bus, Protocol):
    """A bus, together with the side of it that Lambda's event source mapping and an operator work on."""

    def create_queue(self, name: str, *, visibility: int, max_receives: int, dead_letter: str | None) -> str:
        """Make sure of a FIFO queue, and give its ARN (on one machine its name); `visibility` in seconds."""
        ...

    def subscribe(self, topic: str, queue: str) -> None:
        """Make sure that what the topic is given reaches the queue."""
        ...

    def receive(self, queue: str, limit: int = 10) -> list[Received]:
        """Up to `limit` messages, groups in order, hidden for the queue's visibility."""
        ...

    def delete(self, queue: str, handle: str) -> None:
        """Forget a received message."""
        ...

    def next_visible(self, queue: str) -> datetime | None:
        """When a receive would next return something; None for an empty queue."""
        ...

    def peek(self, queue: str, limit: int = -1) -> list[Received]:
        """Every message, or the first few, in order, without touching any."""
        ...

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages wait, and how many are in flight."""
        ...

    def redrive(self, dead_letter: str, to: str | None = None) -> int:
        """Move every dead letter back to its queue; how many there were."""
        ...


@dataclass(frozen=True)
class Host:
    """The place an app runs at.

    Without `senders`, everything goes to the engine's outbox; `horizon` in seconds; `watch` is the topic that is told
    of failed runs and dead letters.
    """

    stage: str
    folder: Path | None
    bus: Queues
    ledger: Ledger
    clock: Clock
    ids: Ids
    secrets: Secrets
    senders: Senders | None = None
    horizon: float = HORIZON
    watch: str | None = None
    payloads: Payloads = field(kw_only=True)


class RunResult(NamedTuple):
    """One attempt of a run: what it returned, as JSON values, and what it published, in order."""

    run: Run
    result: Any
    published: list[Message]


@dataclass(frozen=True)
class Invoked:
    """The context of one local invocation; `deadline` in seconds since the epoch."""

    aws_request_id: str
    deadline: float
    clock: Clock

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the deadline."""
        return max(0, int((self.deadline - self.clock.now().timestamp()) * 1000))


class Notebook:
    """A journal that the engine reads; `sent` is the word for what a sender accepted at this place."""

    def __init__(self, sent: Status, watch: Watch | None) -> None:
        """Begin empty; what is noted is told to `watch` too."""
        self._watch = watch
        self.runs: list[RunReport] = []
        self.deliveries: list[Delivery] = []
        self._sent = sent

    def note(self, report: RunReport | Delivery) -> None:
        """Keep a report."""
        if self._watch:
            self._watch.note(report)
        match report:
            case RunReport():
                self.runs.append(report)
            case Delivery(status="sent") if self._sent != "sent":
                self.deliveries.append(replace(report, status=self._sent))
            case Delivery():
                self.deliveries.append(report)

    def turn(self) -> tuple[list[RunReport], list[Delivery]]:
        """What was noted since the last turn."""
        noted = self.runs, self.deliveries
        self.runs, self.deliveries = [], []
        return noted
