"""The ways out that really send: each notifier's channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron import channels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cloud_cron.channels.base import Channel
    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender


class RealSenders:
    """Lets content leave through the channels themselves."""

    def __init__(self, channels: Mapping[str, tuple[Channel, Any]]) -> None:
        """The channel of each notifier with its options."""
        self._channels = channels
        self._senders: dict[str, Sender] = {}

    def connect(self, ports: Ports) -> None:
        """Make every sender, so that one that cannot send says so before anything is done."""
        self._senders = {name: channel.sender(ports, options) for name, (channel, options) in self._channels.items()}
        for channel, _ in self._channels.values():
            channel.load()

    def sender(self, notifier: str, message: Message) -> Sender:  # noqa: ARG002 - the port
        """The channel's own sender."""
        return self._senders[notifier]


def ways(notifiers: Iterable[NotifierModel]) -> dict[str, tuple[Channel, Any]]:
    """The channel of each notifier with its options."""
    found = {}
    for notifier in notifiers:
        channel = channels.find(notifier.channel)
        found[notifier.name] = channel, channels.options_of(channel, notifier.options)
    return found
