"""Everything that can go wrong, as one tree.

CloudCronError
├── DeclarationError (ValueError)     a decorator, a schedule or an option is not acceptable
│   └── ScheduleError                 an expression or time zone that AWS Scheduler would refuse
├── ConfigError (ValueError)          cloud-cron.toml says something that cannot be
├── LoadError                         the app could not be found or imported
├── ResultError (ValueError)          a task or notifier returned something that cannot be used
│   ├── UnknownTopic (LookupError)    a result names a topic that the task does not declare
│   └── EncodingError                 a payload holds a value that JSON cannot carry
├── RecipientError (ValueError)       an address or number that nothing can be sent to
├── RenderError                       a template does not compile, does not render, or renders too much
├── EventError (ValueError)           the runtime was called with an event it does not know
├── NotFound (LookupError)            a task, notifier, file or record that is not there
├── StoreError                        the ledger or the local database cannot be used
├── BusError                          a topic or queue did not take a message
├── HeartbeatError                    the address that hears that all is well did not hear it
├── DeployError                       AWS refused a change, or it went wrong on the way
├── ImageError                        an image cannot be built, moved, or run by Lambda
└── UnsupportedError                  understood, and not possible on this host

Outcome                               what a notifier or a channel says about one delivery
├── Permanent                         will never succeed: dead-letter it now
├── Retry                             was certainly not accepted: try again later
├── Ambiguous                         may or may not have been accepted
└── ChannelDown                       the channel itself is out of order: nobody's attempt is spent

An exception that a user's function raises is never wrapped in one of these.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final, Self

_LONGEST: Final = 1e9


class CloudCronError(Exception):
    """A mistake that cloud-cron can name.

    `code` is stable (`CC101`), `message` says what and why, `where` is a place such as `app.py:12` or
    `reports.rows[3].price`, and `hint` is what to do about it.
    """

    def __init__(self, code: str, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        """Keep the four parts apart, so that a terminal, a log line and JSON can each show them well."""
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """One paragraph: code, what, where, remedy."""
        place = f" ({self.where})" if self.where else ""
        remedy = f"; {self.hint}" if self.hint else ""
        return f"{self.code} {self.message}{place}{remedy}"

    def at(self, where: str) -> Self:
        """Name the place, unless a place nearer to the mistake is known already."""
        self.where = self.where or where
        return self


class DeclarationError(CloudCronError, ValueError):
    """A decorator, a schedule or an option is not acceptable."""


class ScheduleError(DeclarationError):
    """An expression or time zone that AWS Scheduler would refuse."""


class ConfigError(CloudCronError, ValueError):
    """cloud-cron.toml says something that cannot be."""


class LoadError(CloudCronError):
    """The app could not be found or imported."""


class ResultError(CloudCronError, ValueError):
    """A task or notifier returned something that cannot be used."""


class UnknownTopic(ResultError, LookupError):  # noqa: N818 - says what it is
    """A result names a topic that the task does not declare."""


class EncodingError(ResultError):
    """A payload holds a value that JSON cannot carry; `where` is its path."""


class RecipientError(CloudCronError, ValueError):
    """An address or number that nothing can be sent to."""


class RenderError(CloudCronError):
    """A template does not compile, does not render, or renders too much."""


class EventError(CloudCronError, ValueError):
    """The runtime was called with an event it does not know."""


class NotFound(CloudCronError, LookupError):  # noqa: N818 - says what it is
    """A task, notifier, file or record that is not there."""


class StoreError(CloudCronError):
    """The ledger or the local database cannot be used."""


class BusError(CloudCronError):
    """A topic or queue did not take a message."""


class HeartbeatError(CloudCronError):
    """The address that hears that all is well did not hear it."""


class DeployError(CloudCronError):
    """AWS refused a change, or it went wrong on the way."""


class ImageError(CloudCronError):
    """An image cannot be built, moved, or run by Lambda."""


class UnsupportedError(CloudCronError):
    """Understood, and not possible on this host."""


def _seconds(after: object) -> float | None:
    """A pause that can be kept; one in the past is none at all."""
    if after is None:
        return None
    if isinstance(after, bool) or not isinstance(after, (int, float)):
        message = f"after must be a number of seconds, not a {type(after).__name__}"
        raise TypeError(message)
    if not -_LONGEST < after < _LONGEST:
        message = f"after={after!r} is no number of seconds that anybody would wait"
        raise ValueError(message)
    return max(0.0, float(after))


class Outcome(Exception):  # noqa: N818 - these are answers, not mistakes
    """What a notifier or a channel says about one delivery."""

    def __init__(self, reason: str = "") -> None:
        """Keep the reason as text: it is what the dead letter and the log will show."""
        super().__init__(reason)
        self.reason = str(reason)


class Permanent(Outcome):
    """Will never succeed: dead-letter it now. Raised by notifiers and by channels."""


class Retry(Outcome):
    """Was certainly not accepted: try again, after `after` seconds when given. Raised by notifiers and by channels."""

    def __init__(self, reason: str = "", *, after: float | None = None) -> None:
        """`after` is in seconds; None leaves the pause to the back-off. TypeError or ValueError for no such number."""
        super().__init__(reason)
        self.after = _seconds(after)


class Ambiguous(Outcome):
    """May or may not have been accepted: a further attempt spends one of `max_ambiguous`. Raised by channels."""


class ChannelDown(Outcome):
    """The channel itself is out of order (credentials, quota): nobody's attempt is spent. Raised by channels."""

    def __init__(self, reason: str = "", *, after: float | None = None) -> None:
        """`after` is in seconds; None means five minutes. TypeError or ValueError for no such number."""
        super().__init__(reason)
        self.after = _seconds(after)


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name most like `word`, or None when nothing is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake pays for it

    lowered = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name: the closest one, else all of them."""
    names = sorted(known)
    near = closest(word, names)
    if near:
        return f"did you mean '{near}'?"
    return f"known: {', '.join(names)}" if names else "there are none"


def kind_of(value: object) -> str:
    """The type, with its article, as a person would look it up."""
    kind = type(value)
    if value is None or kind is bytes:
        return "bytes" if value is not None else "None"
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def shown(key: object, longest: int = 60) -> str:
    """A key in a message, printable and short; an object may have a repr that raises."""
    try:
        text = ascii(key)
    except Exception:  # noqa: BLE001 - the user's own __repr__
        text = f"<{type(key).__name__}>"
    return text if len(text) <= longest else f"{text[: longest - 10]}..."
