"""The ways out that really send: each notifier's channel, to its recipients or to who stands in for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import channels

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cloud_cron.channels.base import Channel
    from cloud_cron.messages import Message
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Receipt, Sender


class Way(NamedTuple):
    """The channel of one notifier with its options; everything goes to `redirect_to` when that is given."""

    channel: Channel
    options: Any
    redirect_to: str | None = None

    def sender(self, ports: Ports) -> Sender:
        """What sends on this way; raises what the channel raises that cannot send."""
        made = self.channel.sender(ports, self.options)
        return made if self.redirect_to is None else Redirecting(made, self)

    def leaving(self, content: Any, recipient: str) -> tuple[Any, str]:  # noqa: ANN401 - the channel's own type
        """The content as it leaves, and to whom it does."""
        if self.redirect_to is None:
            return content, recipient
        return self.channel.redirected(content, recipient), self.redirect_to


class RealSenders:
    """Lets content leave through the channels themselves."""

    def __init__(self, ways: Mapping[str, Way]) -> None:
        """The way of each notifier."""
        self._ways = ways
        self._senders: dict[str, Sender] = {}

    def connect(self, ports: Ports) -> None:
        """Make every sender, so that one that cannot send says so before anything is done."""
        self._senders = {name: way.sender(ports) for name, way in self._ways.items()}
        for way in self._ways.values():
            way.channel.load()

    def sender(self, notifier: str, message: Message) -> Sender:  # noqa: ARG002 - the port
        """The channel's own sender."""
        return self._senders[notifier]

    def close(self) -> None:
        """Let go of connections that wait for more, where a channel keeps any."""
        for sender in self._senders.values():
            _close(sender)


class Redirecting:
    """The port `Sender`: one address receives what is for anybody.

    It stands behind the ledger, which goes on to know a delivery by the recipient that it is for. So two recipients
    stay two deliveries, each bounded for itself, though both reach one inbox; and whoever was redirected is not told
    once more when a later deploy takes `redirect_to` away, because that delivery is done. The key stays the
    recipient's too: a mail for each of them has a message id of its own, and no server takes the second for a copy.
    """

    def __init__(self, sender: Sender, way: Way) -> None:
        """`sender` is the channel's own."""
        self._sender = sender
        self._way = way

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send it to the one address; raises as the channel's own sender does."""
        return self._sender.send(*self._way.leaving(content, recipient), key, timeout)

    def close(self) -> None:
        """Let go of what the channel's own sender keeps."""
        _close(self._sender)


def _close(sender: Sender) -> None:
    close = getattr(sender, "close", None)
    if close:
        close()


def ways(notifiers: Iterable[NotifierModel]) -> dict[str, Way]:
    """The way of each notifier."""
    return {notifier.name: way(notifier) for notifier in notifiers}


def way(notifier: NotifierModel) -> Way:
    """The way of one notifier; raises what finding its channel and reading its options raise."""
    channel = channels.find(notifier.channel)
    return Way(channel, channels.options_of(channel, notifier.options), notifier.redirect_to)
