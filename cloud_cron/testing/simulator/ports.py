"""The ports of a world's workers, each of whose calls goes through the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from cloud_cron.errors import Ambiguous, ChannelDown, Permanent, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from cloud_cron.messages import Message
    from cloud_cron.ports import Receipt, Sender, Senders
    from cloud_cron.testing.simulator.faults import Fault
    from cloud_cron.testing.simulator.line import Line


class Wired:
    """A port whose every method is called through a line."""

    def __init__(self, line: Line, port: str, target: object) -> None:
        """`port` is the word for it in a timeline."""
        self._line = line
        self._port = port
        self._target = target

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 - whatever the port has under that name
        """The target's method, by way of the line; it is looked up once."""
        call, line, port, about = getattr(self._target, method), self._line, self._port, _SUBJECTS.get(method)
        if method == "locate":  # it asks nobody
            return call

        def through(*arguments: Any) -> Any:  # noqa: ANN401 - whatever the port takes and gives
            subject = about(*arguments) if about else arguments[0] if arguments else None
            fault = line.strike(port, method, subject, arguments)
            return line.broken(port, fault, call, arguments) if fault or line.away else call(*arguments)

        setattr(self, method, through)
        return through


_SUBJECTS: Final[Mapping[str, Callable[..., Hashable]]] = {
    "publish": lambda topic, messages: (topic, *(message.id for message in messages[:1])),
    "delay": lambda received, _: (received.queue, received.dedup),
    "forward": lambda received, *_: (received.queue, received.dedup),
    "settle": lambda failure: failure.task,
}
"""What calls are about whose first argument does not say it: a key, a partition, a name."""


class Later(Protocol):
    """Does something in so many seconds."""

    def __call__(self, seconds: float, action: Callable[[], object], /) -> None:
        """Enter it into the agenda."""
        ...


class Way(NamedTuple):
    """The provider, and the line to it."""

    line: Line
    provider: Senders
    later: Later

    def sender(self, notifier: str, message: Message) -> Sender:
        """A sender whose call can go wrong in every way; choosing one does nothing."""
        return _Sender(self, self.provider.sender(notifier, message), (notifier, message.id))


class _Sender(NamedTuple):
    way: Way
    to: Sender
    about: tuple[str, str]

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send, or answer as the fault says."""
        subject = (*self.about, recipient)
        fault = self.way.line.strike("provider", "send", subject, subject)

        def accept() -> Receipt:
            return self.to.send(content, recipient, key, timeout)

        if fault is None:
            return accept()
        self.way.line.suffer(fault, "before", "provider")
        try:
            return self._answer(fault, accept)
        finally:
            self.way.line.suffer(fault, "after", "provider")

    def _answer(self, fault: Fault, accept: Callable[[], Receipt]) -> Receipt:
        match fault.kind:
            case "is busy":
                raise Retry("too many requests")
            case "refuses":
                self.way.line.refused.add(self.about)
                raise Permanent("no such box")
            case "is down":
                raise ChannelDown("the account is suspended")
            case "breaks":
                message = "the client broke"
                raise RuntimeError(message)
            case "accepts later":
                self.way.later(fault.seconds, accept)
            case "loses its answer":
                accept()
            case "times out":
                pass
            case _:
                return accept()
        raise Ambiguous("no answer")
