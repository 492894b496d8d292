"""A process that dies at a chosen port call: the tape that counts calls, and the probes that it is wound through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cloud_cron.messages import Message
    from cloud_cron.ports import Clock, Receipt, Sender, Senders

Side: TypeAlias = Literal["before", "after"]
SIDES: Final[tuple[Side, ...]] = ("before", "after")


class Crash(BaseException):
    """The process is gone; no `except Exception` of anybody may notice."""


class Point(NamedTuple):
    """Where a process dies: before or after its n-th port call, counted from 0."""

    call: int
    side: Side


class Call(NamedTuple):
    """One port call, as it was made."""

    at: datetime
    port: str
    method: str
    arguments: tuple[Any, ...]


class Tape:
    """Every port call of one process, in order; it ends at `point`."""

    def __init__(self, clock: Clock, point: Point | None = None) -> None:
        """Calls before `start` are not recorded: nothing is at stake while a process wires its queues."""
        self.calls: list[Call] = []
        self.point = point
        self.ended = False
        self._clock = clock
        self._running = False

    def start(self) -> None:
        """Record from here on."""
        self._running = True

    def through(self, port: str, method: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the port takes and gives
        """Make the call, unless the process dies before it; it may die after it, too."""
        if not self._running:
            return call(*args, **kwargs)
        index = len(self.calls)
        self.calls.append(Call(self._clock.now(), port, method, (*args, *kwargs.values())))
        self._die(index, "before")
        try:
            return call(*args, **kwargs)
        finally:
            self._die(index, "after")

    def _die(self, index: int, side: Side) -> None:
        self.ended = self.ended or self.point == (index, side)
        if self.ended:
            raise Crash


class Probe:
    """A port whose every method goes through a tape."""

    def __init__(self, tape: Tape, port: str, target: object) -> None:
        """`port` is the word for it in a timeline."""
        self._tape = tape
        self._port = port
        self._target = target

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401 - whatever the port has under that name
        """The target's method, by way of the tape."""
        call = getattr(self._target, method)

        def through(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the same
            return self._tape.through(self._port, method, call, *args, **kwargs)

        return through


class ProbedSenders:
    """The port `Senders`, whose senders go through a tape."""

    def __init__(self, tape: Tape, senders: Senders) -> None:
        """Only sending is a call: choosing a sender does nothing."""
        self._tape = tape
        self._senders = senders

    def sender(self, notifier: str, message: Message) -> Sender:
        """A sender whose call is recorded with the notifier and the message."""
        return _ProbedSender(self._tape, notifier, message.id, self._senders.sender(notifier, message))


class _ProbedSender:
    def __init__(self, tape: Tape, notifier: str, message: str, sender: Sender) -> None:
        self._tape = tape
        self._place = (notifier, message)
        self._sender = sender

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send, unless the process dies before it."""

        def call(*_: str) -> Receipt:
            return self._sender.send(content, recipient, key, timeout)

        receipt: Receipt = self._tape.through("provider", "send", call, *self._place, recipient)
        return receipt
