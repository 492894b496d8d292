"""The contract of a channel: one class says how content is addressed, rendered, and sent, and what that needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.messages import Message
    from cloud_cron.ports import Ports, Sender


class Parts(Protocol):
    """Renders the parts (`subject`, `text`, `html`) of one notifier's content."""

    def render(self, part: str, variables: Mapping[str, Any]) -> str:
        """The part from the notifier's own template, else from the default layout. Raises `RenderError`."""
        ...

    def has(self, part: str) -> bool:
        """Whether the notifier has a template of its own for that part."""
        ...


@dataclass(frozen=True)
class Context:
    """What rendering one delivery may look at."""

    app: str
    stage: str
    notifier: str
    message: Message
    recipient: str
    parts: Parts

    def variables(self, own: Mapping[str, Any], settled: Mapping[str, str] | None = None) -> Variables:
        """The template variables: the mapping's keys, and `message`, `recipient`, `app`, `stage` where it has none.

        `settled` are the parts whose text is known already, so that a default layout can be put around it.
        """
        return Variables(self, own, settled or {})


class Variables(dict[str, Any]):
    """Template variables that remember where they come from, which is what the default layouts show."""

    def __init__(self, context: Context, own: Mapping[str, Any], settled: Mapping[str, str]) -> None:
        """`own` is what the notifier returned: its keys win."""
        super().__init__(message=context.message, recipient=context.recipient, app=context.app, stage=context.stage)
        self.update(own)
        self.context = context
        self.own = own
        self.settled = settled


@dataclass(frozen=True)
class NoOptions:
    """The options of a channel that has none."""


class Channel:
    """A way for content to leave. Subclass it, and name the class under the entry-point group `cloud_cron.channels`.

    `options` is a frozen dataclass that validates itself (ValueError or CloudCronError); a notifier's keyword
    arguments and `[channels.<name>]` of the configuration fill it. `recipients` is who is told when nobody is named.
    `max_ambiguous` is how often an ambiguous answer is tried again unless the notifier says otherwise.
    """

    name: ClassVar[str]
    options: ClassVar[type] = NoOptions
    content: ClassVar[type]
    requirements: ClassVar[tuple[str, ...]] = ()
    recipients: ClassVar[tuple[str, ...]] = ()
    max_ambiguous: ClassVar[int] = 1
    parts: ClassVar[tuple[str, ...]] = ("text",)
    call_timeout: ClassVar[float] = 10.0

    def permissions(self, options: Any) -> list[dict[str, Any]]:  # noqa: ANN401, ARG002 - the channel's own type
        """The IAM statements that sending needs, each with its Resource."""
        return []

    def normalise(self, address: str) -> str:
        """The one spelling of an address; raises `RecipientError` for what nothing can be sent to."""
        return address

    def admits(self, address: str, allowed: tuple[str, ...]) -> bool:
        """Whether a normalised address that a message chose is covered by the notifier's `allow_recipients`."""
        return address in allowed

    def recipients_of(self, value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - whatever the notifier returned
        """The recipients that the notifier's value names itself, or None."""
        to = getattr(value, "to", None)
        if to is None:
            return None
        return (to,) if isinstance(to, str) else tuple(to)

    def render(self, value: Any, context: Context) -> Any:  # noqa: ANN401 - the channel's own types
        """Content for one recipient from what the notifier returned.

        Raises `RenderError` when a template fails and `ResultError` when `value` is of no use to this channel.
        """
        raise NotImplementedError

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401 - the channel's own type
        """What really sends."""
        raise NotImplementedError
