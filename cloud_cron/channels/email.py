"""Email: subject, plain text and html, one recipient per mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cloud_cron.channels import addresses, options
from cloud_cron.channels.base import Channel
from cloud_cron.channels.mail import EmailContent
from cloud_cron.errors import UnsupportedError

if TYPE_CHECKING:
    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender


@dataclass(frozen=True)
class EmailOptions:
    """How mail leaves. `sender` and `reply_to` may carry a display name: `Weather <weather@example.org>`.

    `configuration_set` is one of Amazon SES; `smtp` is the server to use instead of SES.
    """

    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None
    smtp: str | None = None

    def __post_init__(self) -> None:
        """Spell the addresses as headers need them; raises `DeclarationError` (CC132).

        Names of configuration sets: SES API v2 reference, CreateConfigurationSet.
        """
        object.__setattr__(self, "sender", options.address("sender", self.sender, addresses.mailbox))
        object.__setattr__(self, "reply_to", options.address("reply_to", self.reply_to, addresses.mailbox))
        meaning = "1 to 64 letters, digits, - and _"
        options.text("configuration_set", self.configuration_set, r"[A-Za-z0-9_-]{1,64}", meaning)
        options.text("smtp", self.smtp, r"\S+", "the address of a server, without spaces")


class EmailChannel(Channel):
    """Mail. Takes template variables, the text part as a string, or an `Email`."""

    name: ClassVar[str] = "email"
    options: ClassVar[type] = EmailOptions
    content: ClassVar[type] = EmailContent
    parts: ClassVar[tuple[str, ...]] = ("subject", "text", "html")

    def normalise(self, address: str) -> str:
        """The bare address, its domain in lower case and Punycode; raises `RecipientError` (CC301)."""
        return addresses.bare(address)

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether `allow_recipients` has the address or its very domain, `example.org` or `@example.org`."""
        _, _, host = address.rpartition("@")
        for entry in notifier.allow_recipients:
            local, _, domain = entry.strip().rpartition("@")
            known = addresses.domain(domain)
            if known == host and (not local or address == f"{local}@{known}"):
                return True
        return not notifier.allow_recipients

    def render(self, value: Any, context: Context) -> EmailContent:  # noqa: ANN401 - whatever the notifier returned
        """The mail for one recipient.

        Raises `RenderError`, `RecipientError` for reply_to, and `ResultError`: CC230 to CC235.
        """
        from cloud_cron.channels import composing  # noqa: PLC0415 - declaring an app composes nothing
        from cloud_cron.channels.values import unusable  # noqa: PLC0415 - the same
        from cloud_cron.content import Email  # noqa: PLC0415 - the same

        match value:
            case Email():
                return composing.mail(value, context)
            case str():
                return composing.mail(Email(text=value), context)
            case Mapping():
                return composing.mail(Email(variables=value), context)
            case _:
                raise unusable(value, self.name, "template variables, the text, or an Email")

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401, ARG002 - the contract
        """Nothing here can send mail: CC140."""
        message = "email cannot be sent from here: only the outbox is available"
        raise UnsupportedError("CC140", message, hint="run without --send")
