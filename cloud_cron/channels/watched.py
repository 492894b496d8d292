"""A plug-in at work: whatever it raises or returns against the contract becomes an error, or an outcome, that names it.

A plug-in is somebody else's code between a message and its delivery. A mistake in it must neither end a batch nor pass
for one of the notifier's.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import contextmanager
from types import new_class
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cloud_cron import checks
from cloud_cron.channels.base import Channel
from cloud_cron.channels.characters import breaking
from cloud_cron.channels.contract import nonsense
from cloud_cron.channels.patience import Late, within
from cloud_cron.errors import (
    Ambiguous,
    CloudCronError,
    DeclarationError,
    EncodingError,
    Outcome,
    RecipientError,
    ResultError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cloud_cron.channels.base import Letter
    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Receipt, Sender

GRACE: Final = 0.5
"""Seconds beyond its timeout in which `send` may still say itself what became of the call."""

_HINT: Final = "repair or update that package"
_LONGEST_ADDRESS: Final = 2_000


def watched(kind: type[Channel], source: str) -> Channel:
    """An instance of the class with every method watched: `DeclarationError` (CC133) when none can be made."""
    try:
        made: Channel = new_class(kind.__name__, (Watched, kind), {}, lambda own: own.update(_own(kind, source)))()
    except (Exception, SystemExit) as error:
        raise DeclarationError("CC133", f"{source} cannot be made: {said(error)}", hint=_HINT) from error
    return made


def _own(kind: type[Channel], source: str) -> dict[str, object]:
    return {"__module__": kind.__module__, "__doc__": kind.__doc__, "source": source}


def said(error: BaseException) -> str:
    """An exception of a plug-in, with the line of it that raised."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - the plug-in's own __str__
        text = "(its text cannot be made)"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.replace(chr(92), '/').rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {text}{place}"


class Watched(Channel):
    """The contract, kept: comes before a plug-in's class, and calls it.

    What a method says with an error of ours, or an outcome, is passed on; anything else is CC134.
    """

    source: ClassVar[str]

    def complete(self, options: Any) -> None:  # noqa: ANN401 - the channel's own type
        """Refuse options that do not fit, and a plug-in that could not be deployed with them: `DeclarationError`."""
        with self._watching("complete", DeclarationError):
            super().complete(options)
        self.permissions(options)
        self.secrets(options)
        self.partitions(options)

    def permissions(self, options: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the channel's own type
        """IAM statements that a template can carry, each with Action and Resource."""
        from cloud_cron.encoding import plain  # noqa: PLC0415 - declaring an app encodes nothing

        with self._watching("permissions", DeclarationError):
            given = super().permissions(options)
        try:
            checks.permissions(given)
            statements: list[dict[str, Any]] = [plain(statement, "permissions") for statement in given]
        except (DeclarationError, EncodingError) as error:
            message = f"{self.source}: permissions() returned what is no list of IAM statements: {error.message}"
            raise DeclarationError("CC134", message, hint=error.hint) from error
        return statements

    def secrets(self, options: Any) -> Mapping[str, str]:  # noqa: ANN401 - the channel's own type
        """References by name; a value that stands in the place of one is refused, and not shown (CC506)."""
        with self._watching("secrets", DeclarationError):
            given = super().secrets(options)
        if not isinstance(given, Mapping):
            raise self._broken("secrets", DeclarationError, nonsense(given, "references by name"))
        checks.secrets(given)
        return given

    def references(self, recipients: tuple[str, ...]) -> tuple[str, ...]:
        """Recipients that are references to secrets."""
        with self._watching("references", DeclarationError):
            given = super().references(recipients)
        if not isinstance(given, (tuple, list)):
            raise self._broken("references", DeclarationError, nonsense(given, "a tuple of references"))
        checks.secrets({f"recipients[{index}]": reference for index, reference in enumerate(given)})
        return tuple(given)

    def partitions(self, options: Any) -> tuple[str, ...]:  # noqa: ANN401 - the channel's own type
        """Names of partitions of the ledger."""
        with self._watching("partitions", DeclarationError):
            given = super().partitions(options)
        if not (isinstance(given, (tuple, list)) and all(isinstance(name, str) and name for name in given)):
            raise self._broken("partitions", DeclarationError, nonsense(given, "a tuple of names"))
        return tuple(given)

    def normalise(self, address: str) -> str:
        """An address that ledger, log and template can carry; raises `RecipientError`."""
        with self._watching("normalise", RecipientError):
            spelled: object = super().normalise(address)
        if not isinstance(spelled, str):
            raise self._broken("normalise", RecipientError, nonsense(spelled, "a string"))
        if not spelled or len(spelled) > _LONGEST_ADDRESS or breaking(spelled) is not None:
            what = f"returned an address of {len(spelled):,} characters, or with a control character in it"
            raise self._broken("normalise", RecipientError, what)
        return spelled

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether a message may choose the address; what is neither yes nor no is an error, not a yes."""
        with self._watching("admits", RecipientError):
            answer: object = super().admits(address, notifier)
        if not isinstance(answer, bool):
            raise self._broken("admits", RecipientError, nonsense(answer, "True or False"))
        return answer

    def vet(self, address: str, notifier: NotifierModel) -> None:
        """Refuse an address: `RecipientError`."""
        with self._watching("vet", RecipientError):
            super().vet(address, notifier)

    def recipients_of(self, value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - whatever the notifier returned
        """Whom the value names, or None; what it names in a way that cannot be read is the value's mistake."""
        given: object = super().recipients_of(value)
        if given is None:
            return None
        if not isinstance(given, (tuple, list)):
            raise self._broken("recipients_of", ResultError, nonsense(given, "a tuple of addresses or None"))
        return tuple(given)

    def render(self, value: Any, context: Context) -> Any:  # noqa: ANN401 - the channel's own types
        """Content of the very type that the channel names."""
        with self._watching("render", ResultError):
            content = super().render(value, context)
        if not isinstance(content, self.content):
            raise self._broken("render", ResultError, nonsense(content, self.content.__name__))
        return content

    def redirected(self, content: Any, recipient: str) -> Any:  # noqa: ANN401 - the channel's own types
        """Content of the very type that the channel names; what cannot be made was not sent."""
        with self._watching("redirected", ResultError):
            made = super().redirected(content, recipient)
        if not isinstance(made, self.content):
            raise self._broken("redirected", ResultError, nonsense(made, self.content.__name__))
        return made

    def details(self, content: Any, options: Any, people: Sequence[str], letter: Letter) -> dict[str, Any]:  # noqa: ANN401 - the channel's own types
        """What a preview tells, as JSON has it."""
        from cloud_cron.encoding import plain  # noqa: PLC0415 - only a preview tells it

        with self._watching("details", ResultError):
            told = super().details(content, options, people, letter)
        if not isinstance(told, dict):
            raise self._broken("details", ResultError, nonsense(told, "a mapping of JSON values"))
        made: dict[str, Any] = plain(told, "details")
        return made

    def load(self) -> None:
        """Load what sending needs; `UnsupportedError` when it is not there."""
        with self._watching("load", UnsupportedError):
            super().load()

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401 - the channel's own type
        """What really sends, on the clock."""
        with self._watching("sender", DeclarationError):
            way: Any = super().sender(ports, options)
        if not callable(getattr(way, "send", None)):
            raise self._broken("sender", DeclarationError, nonsense(way, "an object with a method send"))
        return _OnTheClock(way, self.source)

    @contextmanager
    def _watching(self, method: str, kind: type[CloudCronError]) -> Iterator[None]:
        """Give what the plug-in's method raises a code and the plug-in's name."""
        try:
            yield
        except (CloudCronError, Outcome):
            raise
        except (Exception, SystemExit) as error:
            raise self._broken(method, kind, f"raised {said(error)}") from error

    def _broken(self, method: str, kind: type[CloudCronError], what: str) -> CloudCronError:
        return kind("CC134", f"{self.source}: {method}() {what}", hint=_HINT)


class _OnTheClock:
    """The port `Sender` over a plug-in's own, which may hang, or try to end the process: either may have sent."""

    def __init__(self, way: Sender, source: str) -> None:
        self._way = way
        self._source = source

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send within `timeout`; raises what the plug-in raises, and `Ambiguous` when it does not come back."""
        try:
            return within(timeout + min(GRACE, timeout / 4), lambda: self._way.send(content, recipient, key, timeout))
        except Late:
            raise Ambiguous(f"{self._source}: send() did not come back within {timeout:g} seconds") from None
        except SystemExit as error:
            raise Ambiguous(f"{self._source}: send() called sys.exit()") from error
