"""A bus that remembers what went through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.testing.simulator.names import message_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.local.host import Queues
    from cloud_cron.ports import Outgoing, Received


class Witness:
    """Knows what was `published`, each message once, in order, and what was `parked`: queue and message."""

    def __init__(self, bus: Queues) -> None:
        """Everything goes on to `bus`."""
        self.published: dict[str, tuple[str, Outgoing]] = {}
        self.parked: set[tuple[str, str]] = set()
        self._bus = bus

    def publish(self, topic: str, messages: Sequence[Outgoing]) -> None:
        """Publish, and remember what was taken."""
        self._bus.publish(topic, messages)
        for message in messages:
            self.published.setdefault(message.id, (topic, message))

    def forward(self, received: Received, dedup: str, attributes: Mapping[str, str]) -> None:
        """Forward, and remember what its group no longer waits for."""
        self._bus.forward(received, dedup, attributes)
        self.parked.add((received.queue, message_of(received)))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the bus has under that name
        """Everything else is the bus's own."""
        return getattr(self._bus, name)
