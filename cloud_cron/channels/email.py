"""Email: subject, plain text and html, one recipient per mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from cloud_cron import checks
from cloud_cron.channels import addresses, options, smtp_address, unsubscribing
from cloud_cron.channels.base import Channel
from cloud_cron.channels.mail import EmailContent, TemplatedContent
from cloud_cron.errors import DeclarationError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.channels.base import Letter
    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender


@dataclass(frozen=True)
class EmailOptions:
    """How mail leaves. `sender` and `reply_to` may carry a display name: `Weather <weather@example.org>`.

    `unsubscribe` is where a recipient gets off the list, `https://example.org/u?to={recipient}` or a mailto: address.
    `ses_template` has Amazon SES render the mail: by a template that is there, by its name, or, with True, by one that
    the stack makes of the notifier's own template files, which are in SES's language then and not in Jinja.
    `create_identity` has a deploy make the sender's domain known to SES, or the address alone with "address".
    `configuration_set` is one of Amazon SES; `events` has it tell what becomes of mails on AWS, and the stack make one
    when none is named. `smtp` is the server to use instead of SES: `smtp://user@host:587` with
    STARTTLS, `smtps://user@host:465` with TLS from the start, `smtp+plain://localhost:25` for one on this machine.
    `secret` refers to the user's password: `secretsmanager:NAME`, `ssm:/path`, `env:NAME` or `file:PATH`.
    """

    sender: str | None = None
    reply_to: str | None = None
    configuration_set: str | None = None
    events: bool = False
    unsubscribe: str | None = None
    ses_template: str | bool = False
    create_identity: str | bool = False
    smtp: str | None = None
    secret: str | None = None

    def __post_init__(self) -> None:
        """Spell the addresses as headers need them; raises `DeclarationError` (CC132).

        Names of configuration sets: SES API v2 reference, CreateConfigurationSet.
        """
        object.__setattr__(self, "sender", options.address("sender", self.sender, addresses.mailbox))
        object.__setattr__(self, "reply_to", options.address("reply_to", self.reply_to, addresses.mailbox))
        meaning = "1 to 64 letters, digits, - and _"
        options.text("configuration_set", self.configuration_set, r"[A-Za-z0-9_-]{1,64}", meaning)
        if not isinstance(self.events, bool):
            raise DeclarationError("CC132", f"events={self.events!r} must be true or false")
        if not isinstance(self.ses_template, bool):
            options.text("ses_template", self.ses_template, r"[A-Za-z0-9_-]{1,64}", f"True, or {meaning}")
        if not isinstance(self.create_identity, bool) and self.create_identity not in ("domain", "address"):
            message = f"create_identity={self.create_identity!r} must be true, false, 'domain' or 'address'"
            raise DeclarationError("CC132", message)
        unsubscribing.check(self.unsubscribe)
        if self.smtp is not None:
            smtp_address.read(self.smtp)
        if self.secret is not None:
            checks.secrets({"secret": self.secret})


class EmailChannel(Channel):
    """Mail. Takes template variables, the text part as a string, or an `Email`."""

    name: ClassVar[str] = "email"
    options: ClassVar[type] = EmailOptions
    content: ClassVar[type] = EmailContent
    parts: ClassVar[tuple[str, ...]] = ("subject", "text", "html")

    def complete(self, options: EmailOptions) -> None:
        """Refuse a server without a sender, or with events, and a user or password without the other: CC132."""
        user = None if options.smtp is None else smtp_address.read(options.smtp).user
        if user and not options.secret:
            hint = 'add secret="env:SMTP_PASSWORD", or another reference'
            raise DeclarationError("CC132", "smtp names a user, and no secret is the password", hint=hint)
        if options.secret and not user:
            hint = 'write smtp="smtp://user@host:587", or leave secret out'
            raise DeclarationError("CC132", "secret is a password, and smtp names no user", hint=hint)
        if options.create_identity and not options.sender:
            hint = 'add sender="reports@example.org"'
            raise DeclarationError("CC132", "create_identity is given, and nobody is named as sender", hint=hint)
        if options.smtp and options.events:
            hint = "write events = false where smtp is, or leave smtp out"
            raise DeclarationError("CC132", "events are what Amazon SES tells, and smtp sends without it", hint=hint)
        if options.smtp and not options.sender:
            hint = 'add sender="reports@example.org"'
            raise DeclarationError("CC132", "smtp is given, and nobody is named as sender", hint=hint)

    def permissions(self, options: EmailOptions) -> list[dict[str, Any]]:
        """Sending from the one address, by whichever identity of SES it belongs to; a mail server needs nothing.

        SES Developer Guide, "Controlling access to Amazon SES": a message that is given as a whole needs
        `ses:SendRawEmail` too, which one that SES renders is as soon as it is redirected.
        """
        if options.smtp or not options.sender:
            return []
        address = addresses.bare(options.sender.rpartition("<")[2].rstrip(">"))
        names = [f"identity/{address}", f"identity/{address.rpartition('@')[2]}"]
        if options.configuration_set:
            names.append(f"configuration-set/{options.configuration_set}")
        if isinstance(options.ses_template, str):
            names.append(f"template/{options.ses_template}")
        place = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}"
        statement = {
            "Action": ["ses:SendEmail", "ses:SendRawEmail"],
            "Resource": [f"{place}:{name}" for name in names],
            "Condition": {"StringEquals": {"ses:FromAddress": address}},
        }
        return [statement]

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

        Raises `RenderError`, `RecipientError` for reply_to, and `ResultError`: CC230 to CC236.
        """
        from cloud_cron.channels.composing import mail  # noqa: PLC0415 - declaring an app composes nothing

        return _by_ses(value, context) if context.options.get("ses_template") else mail(value, context)

    def redirected(self, content: EmailContent, recipient: str) -> EmailContent:
        """The same mail, made here; its subject begins with whom it was for."""
        own = (content.text, content.html, content.reply_to, content.headers, content.attachments)
        return EmailContent(f"[for {recipient}] {content.subject}", *own)

    def details(
        self, content: EmailContent, options: EmailOptions, people: Sequence[str], letter: Letter
    ) -> dict[str, Any]:
        """The headers as they travel, unfolded, and the size of the whole; nothing while nobody sends or receives it.

        Either way out puts the same mail together from the same words, but for `Date`; of what SES makes of a template,
        nobody here knows.
        """
        if not options.sender or not people or isinstance(content, TemplatedContent):
            return {}
        from cloud_cron.channels import mime  # noqa: PLC0415 - only what sends, and a preview of it, pays for it

        more = {"reply_to": options.reply_to, "unsubscribe": options.unsubscribe}
        made = mime.message(content, options.sender, people[0], key=letter.key, date=letter.date, **more)
        headers = {name: value.replace("\r\n", "") for name, value in made.raw_items()}
        return {"mail": {"headers": headers, "bytes": len(made.as_bytes())}}

    def sender(self, ports: Ports, options: EmailOptions) -> Sender:
        """What sends through the server that `smtp` names, else through Amazon SES.

        CC140 when there is neither, or nobody to send from; CC132 as `complete`.
        """
        self.complete(options)
        if options.smtp is None:
            return _ses(ports, options)
        from cloud_cron.channels.smtp import SmtpSender  # noqa: PLC0415 - only what sends pays for it

        return SmtpSender(ports, options, smtp_address.read(options.smtp), options.sender or "")


def _by_ses(value: Any, context: Context) -> EmailContent:  # noqa: ANN401 - whatever the notifier returned
    """The mail that a template of SES makes; raises as `render`."""
    from cloud_cron.channels import templated  # noqa: PLC0415 - only such a notifier pays for it
    from cloud_cron.channels.values import unusable  # noqa: PLC0415 - the same
    from cloud_cron.content import Email  # noqa: PLC0415 - the same

    match value:
        case Email():
            return templated.mail(value, context)
        case Mapping():
            return templated.mail(Email(variables=value), context)
        case _:
            raise unusable(value, EmailChannel.name, "the variables of the SES template, or an Email with them")


def _ses(ports: Ports, options: EmailOptions) -> Sender:
    """What sends through Amazon SES: CC140 on a host that has no AWS, or when nobody is named as sender."""
    try:
        client = ports.services.get("sesv2") if ports.services else None
    except UnsupportedError:
        client = None
    if client is None:
        message = "email cannot be sent from here: no mail server is named, and there is no AWS"
        hint = 'write [channels.email] smtp = "smtp://user@host:587", or set AWS_DEFAULT_REGION and credentials of AWS'
        raise UnsupportedError("CC140", message, hint=hint)
    if not options.sender:
        message = "email cannot be sent: nobody is named as sender"
        raise UnsupportedError("CC140", message, hint='write [channels.email] sender = "reports@example.org"')
    from cloud_cron.aws.ses import SesSender  # noqa: PLC0415 - only what sends pays for it

    return SesSender(ports, options, client)
