"""The provider of a test: it accepts everything into the outbox, unless a script says what else it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cloud_cron.errors import DeclarationError

if TYPE_CHECKING:
    from cloud_cron.local.outbox import Outbox
    from cloud_cron.messages import Message
    from cloud_cron.ports import Receipt, Sender


@dataclass(frozen=True)
class Accepted:
    """The provider takes the content; with `but`, its answer is lost, and that exception is raised instead.

    `Accepted(but=Ambiguous("read timeout"))` is the call that a ledger has to survive: it went out, and nobody knows.
    """

    but: BaseException | None = None


_ACCEPTED: Final = Accepted()
Answer: TypeAlias = Accepted | Exception | type[Exception]


@dataclass(frozen=True)
class Line:
    """One line of a script: what the next `times` calls are answered. `recipient` None means anybody."""

    notifier: str
    answer: Accepted | Exception
    times: int = 1
    recipient: str | None = None


def line(notifier: str, answer: Answer, times: int, recipient: str | None) -> Line:
    """A line from what a test wrote; CC732 for what no provider answers."""
    if isinstance(answer, type) and issubclass(answer, Exception):
        answer = answer()
    if not isinstance(answer, (Accepted, Exception)):
        hint = 'such as Permanent("no such box"), Retry(), or Accepted(but=Ambiguous("read timeout"))'
        raise DeclarationError("CC732", f"a provider cannot answer {answer!r}", hint=hint)
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        raise DeclarationError("CC732", f"times={times!r} must be a whole number of at least 1")
    return Line(notifier, answer, times, recipient)


class Provider:
    """The port `Senders`, playing a script; `script` holds the lines that are still to come, in order."""

    def __init__(self, outbox: Outbox, script: tuple[Line, ...] = ()) -> None:
        """What is accepted goes to the outbox."""
        self.script = list(script)
        self._outbox = outbox
        self._raised: list[BaseException] = []

    def sender(self, notifier: str, message: Message) -> Sender:
        """A sender that asks the script first."""
        return _Asking(self, notifier, self._outbox.sender(notifier, message))

    def is_scripted(self, error: BaseException) -> bool:
        """Whether the script told to raise this very exception."""
        return any(error is raised for raised in self._raised)

    def next(self, notifier: str, recipient: str) -> Accepted:
        """What this call is answered: raises, or says that it is accepted."""
        for index, line in enumerate(self.script):
            if line.notifier == notifier and line.recipient in {None, recipient}:
                self.script[index : index + 1] = [replace(line, times=line.times - 1)] if line.times > 1 else []
                if isinstance(line.answer, Accepted):
                    return line.answer
                raise self.scripted(line.answer)
        return _ACCEPTED

    def scripted(self, error: BaseException) -> BaseException:
        """The same exception, remembered, and without the traceback of an earlier call."""
        self._raised.append(error)
        return error.with_traceback(None)


class _Asking:
    def __init__(self, provider: Provider, notifier: str, way_out: Sender) -> None:
        self._provider = provider
        self._notifier = notifier
        self._way_out = way_out

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Answer as the script says."""
        answer = self._provider.next(self._notifier, recipient)
        receipt = self._way_out.send(content, recipient, key, timeout)
        if answer.but is not None:
            raise self._provider.scripted(answer.but)
        return receipt
