"""The contract of a channel: one class says how content is addressed, rendered, and sent, and what that needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender


@dataclass(frozen=True)
class NoOptions:
    """The options of a channel that has none."""


class Letter(NamedTuple):
    """The delivery that a preview is of: the key that a sender would be given, and when."""

    key: str
    date: datetime


class Channel:
    """A way for content to leave. Subclass it, and name the class under the entry-point group `cloud_cron.channels`.

    `options` is a frozen dataclass that validates itself (ValueError or CloudCronError); a notifier's keyword
    arguments and `[channels.<name>]` of the configuration fill it. `recipients` is who is told when nobody is named.
    `requirements` are the packages that sending needs, in the image only of an app that uses the channel; of those that
    `modules` begin with, folders that loading these modules never reaches are left out there.
    `max_ambiguous` is how often an ambiguous answer is tried again unless the notifier says otherwise; `parts` are the
    templates that it has, of `subject`, `text` and `html`; `call_timeout` is in seconds. A class that breaks this is
    `DeclarationError` CC133 at the decorator; a method that raises or returns what it may not is CC134.
    """

    name: ClassVar[str]
    options: ClassVar[type] = NoOptions
    content: ClassVar[type]
    requirements: ClassVar[tuple[str, ...]] = ()
    modules: ClassVar[tuple[str, ...]] = ()
    recipients: ClassVar[tuple[str, ...]] = ()
    max_ambiguous: ClassVar[int] = 1
    parts: ClassVar[tuple[str, ...]] = ("text",)
    call_timeout: ClassVar[float] = 10.0

    def complete(self, options: Any) -> None:  # noqa: ANN401 - the channel's own type
        """Refuse options that lack one another, when every place that gives some was read.

        Raises `DeclarationError` (CC132).
        """

    def permissions(self, options: Any) -> list[dict[str, Any]]:  # noqa: ANN401, ARG002 - the channel's own type
        """The IAM statements that sending needs, as JSON values, each with Action and Resource."""
        return []

    def secrets(self, options: Any) -> Mapping[str, str]:  # noqa: ANN401 - the channel's own type
        """References to the secrets that sending needs, by name: what `secret` among the options refers to."""
        reference: str | None = getattr(options, "secret", None)
        return {"secret": reference} if reference else {}

    def references(self, recipients: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG002 - the contract
        """Those of the recipients that refer to a secret, which sending reads."""
        return ()

    def partitions(self, options: Any) -> tuple[str, ...]:  # noqa: ANN401, ARG002 - the channel's own type
        """The partitions of the ledger that sending keeps records in, beside those of deliveries."""
        return ()

    def normalise(self, address: str) -> str:
        """The one spelling of an address; raises `RecipientError`, such as CC301, for what nothing can be sent to."""
        return address

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether a message of this notifier may choose a (normalised) address; without `allow_recipients`, any."""
        return not notifier.allow_recipients or address in notifier.allow_recipients

    def vet(self, address: str, notifier: NotifierModel) -> None:
        """Refuse a (normalised) address that this notifier must never send to, whoever named it.

        Raises `RecipientError`, such as CC312.
        """

    def recipients_of(self, value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - whatever the notifier returned
        """The recipients that the notifier's value names itself, or None: its `to`."""
        to = getattr(value, "to", None)
        if to is None:
            return None
        return (to,) if isinstance(to, str) else tuple(to)

    def render(self, value: Any, context: Context) -> Any:  # noqa: ANN401 - the channel's own types
        """Content for one recipient from what the notifier returned.

        It is an instance of `content`; nothing is sent, and nobody asked. Raises `RenderError` (CC401 to CC411) when a
        template fails and `ResultError` (CC230) when `value` is of no use to this channel.
        """
        raise NotImplementedError

    def redirected(self, content: Any, recipient: str) -> Any:  # noqa: ANN401, ARG002 - the channel's own types
        """The content as somebody else is sent it in the recipient's place; let it tell for whom it was."""
        return content

    def details(self, content: Any, options: Any, people: Sequence[str], letter: Letter) -> dict[str, Any]:  # noqa: ANN401, ARG002 - the channel's own types
        """What a preview tells beside the content, as JSON values: how it travels to the first of `people`, and costs.

        Made by the very code that sends, so that it holds. `letter` is the delivery that is shown: the `key` that a
        sender would be given, and its aware `date`.
        """
        return {}

    def load(self) -> None:
        """Load what sending needs, before the first content; raises `UnsupportedError` (CC140) when it is not there."""

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401 - the channel's own type
        """What really sends; it connects to nothing yet, because a deploy asks for it too.

        Raises `UnsupportedError` (CC140) when this installation cannot send so.
        """
        raise NotImplementedError
