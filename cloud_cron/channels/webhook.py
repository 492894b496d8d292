"""Webhook: a POST of JSON to somebody's server, signed, and with a key by which it is done once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote

from cloud_cron import checks
from cloud_cron.channels import addresses, referring, webhook_address
from cloud_cron.channels.base import Channel
from cloud_cron.channels.options import kind
from cloud_cron.errors import DeclarationError, RecipientError
from cloud_cron.rendered import Content

if TYPE_CHECKING:
    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender

_PLAIN: Final = "!#$&'()*+,/:;=?@[]"


@dataclass(frozen=True)
class WebhookOptions:
    """How webhooks are signed, and where they may go.

    `secret` refers to what signs them: `secretsmanager:NAME`, `ssm:/path`, `env:NAME` or `file:PATH`. `hosts` are the
    only servers that anything is sent to, `hooks.example.org` or `*.example.org`; without it any public one.
    """

    secret: str | None = None
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Spell the hosts in their one way; raises `DeclarationError` (CC132, CC506)."""
        if self.secret is not None:
            checks.secrets({"secret": self.secret})
        if not isinstance(self.hosts, (list, tuple)):
            message = f"hosts must be a list, not {kind(self.hosts)}"
            raise DeclarationError("CC132", message, hint='such as hosts=["hooks.example.org"]')
        object.__setattr__(self, "hosts", tuple(map(_host, self.hosts)))


def _host(given: object) -> str:
    below = "*." if isinstance(given, str) and given.startswith("*.") else ""
    known = addresses.domain(given.removeprefix("*.")) if isinstance(given, str) else None
    if known is None:
        message = f"hosts has {given!r:.80}, which is no complete domain"
        raise DeclarationError("CC132", message, hint="such as hooks.example.org, or *.example.org for all below it")
    return f"{below}{known}"


@dataclass(frozen=True, eq=False)
class WebhookContent(Content):
    """What is posted: one JSON object."""

    body: Mapping[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """What it travels with beside what all webhooks have."""
        return {}


@dataclass(frozen=True, eq=False)
class RedirectedContent(WebhookContent):
    """What is posted to somebody else in the recipient's place."""

    recipient: str

    @property
    def headers(self) -> dict[str, str]:
        """For whom it was; a header is ASCII (RFC 9110, 5.5), and a reference need not be."""
        return {"Webhook-Recipient": quote(self.recipient, safe=_PLAIN)}


class WebhookChannel(Channel):
    """Webhooks. Takes the JSON object to post, the message itself for its envelope, or a text.

    A receiver that honours the key does nothing twice, so that an ambiguous answer is tried again more often.
    """

    name: ClassVar[str] = "webhook"
    options: ClassVar[type] = WebhookOptions
    content: ClassVar[type] = WebhookContent
    max_ambiguous: ClassVar[int] = 5

    def references(self, recipients: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses that are kept as secrets, because they alone let a caller in."""
        return referring.references(recipients)

    def normalise(self, address: str) -> str:
        """The address in its one spelling, or the reference to it; raises `RecipientError` (CC321, CC506)."""
        return address if referring.is_reference(address) else str(webhook_address.read(address))

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether a configured recipient, or `allow_recipients` with the address or its host, is the one chosen.

        Unlike a mail, a webhook tells whoever runs the server: a message chooses none that nobody named.
        """
        if address in notifier.recipients or address in notifier.allow_recipients:
            return True
        if referring.is_reference(address):
            return False
        host = webhook_address.read(address).host
        return any(_same(entry, address, host) for entry in notifier.allow_recipients)

    def render(self, value: Any, context: Context) -> WebhookContent:  # noqa: ANN401 - whatever the notifier returned
        """What is posted; raises `RenderError`, and `ResultError` (CC210 to CC217, CC230, CC231).

        A text, or a mapping when the notifier has a template for one, is posted as `{"text": ...}`, which chats take.
        """
        import json  # noqa: PLC0415 - declaring an app composes nothing

        from cloud_cron.channels.values import unusable  # noqa: PLC0415 - the same
        from cloud_cron.encoding import dumps, plain  # noqa: PLC0415 - the same
        from cloud_cron.messages import Message, envelope  # noqa: PLC0415 - the same
        from cloud_cron.rendering import limits  # noqa: PLC0415 - the same

        match value:
            case str():
                body: Any = {"text": limits.body("text", value, "the text that the notifier returned").strip()}
            case Message():
                body = json.loads(envelope(context.app, context.stage, value))
            case Mapping() if context.parts.has("text"):
                body = {"text": context.parts.render("text", context.variables(value)).strip()}
            case Mapping():
                body = plain(value, "body")
            case _:
                raise unusable(value, self.name, "the JSON object to post, the message, or a text")
        if limits.MAIL.measure(dumps(body)) > limits.MAIL.most:
            raise limits.MAIL.exceeded("the body")
        return WebhookContent(body)

    def redirected(self, content: WebhookContent, recipient: str) -> RedirectedContent:
        """The same body beside a header that tells for whom it was: a reference by its name, an address by its server.

        The path of an address may be what lets a caller in, and is not told to somebody else.
        """
        is_name = referring.is_reference(recipient)
        return RedirectedContent(content.body, recipient if is_name else webhook_address.read(recipient).authority)

    def sender(self, ports: Ports, options: WebhookOptions) -> Sender:
        """What posts."""
        from cloud_cron.channels.webhook_sender import WebhookSender  # noqa: PLC0415 - only what sends pays for it

        return WebhookSender(ports, options)


def _same(entry: str, address: str, host: str) -> bool:
    """Whether an entry of `allow_recipients` is that address, or its host."""
    if "/" not in entry:
        return addresses.domain(entry) == host
    try:
        return str(webhook_address.read(entry)) == address
    except RecipientError:
        return False
