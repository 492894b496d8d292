"""The outbox: where channels put content instead of sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron.ports import Receipt, Sender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.messages import Message


class Sent(NamedTuple):
    """What one person would have received, and the message that caused it.

    `content` is that of the channel, such as `{"text", "segments"}` of an sms, and reads as `content.text`, too.
    """

    notifier: str
    channel: str
    recipient: str
    content: Any
    message: Message


class Outbox:
    """Accepts everything for everybody, and keeps it in order."""

    def __init__(self, channels: Mapping[str, str]) -> None:
        """`channels` tells each notifier's channel."""
        self.sent: list[Sent] = []
        self._channels = channels

    def sender(self, notifier: str, message: Message) -> Sender:
        """A sender that files content under the notifier and the message."""
        return _Filing(self.sent, notifier, self._channels[notifier], message)


class _Filing:
    """The sender of one message."""

    def __init__(self, sent: list[Sent], notifier: str, channel: str, message: Message) -> None:
        self._sent = sent
        self._notifier = notifier
        self._channel = channel
        self._message = message

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port
        """Keep the content; always accepted."""
        self._sent.append(Sent(self._notifier, self._channel, recipient, content, self._message))
        return Receipt(f"outbox-{len(self._sent)}")
