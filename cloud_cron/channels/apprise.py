"""Apprise: a title and a text to any of the services that the library of that name knows, from Slack to ntfy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cloud_cron.channels import referring
from cloud_cron.channels.base import Channel, NoOptions
from cloud_cron.errors import RecipientError, UnsupportedError, kind_of
from cloud_cron.rendered import Content

if TYPE_CHECKING:
    from cloud_cron.channels.context import Context
    from cloud_cron.content import Email
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender

OPEN: Final = ("form", "forms", "json", "jsons", "ntfy", "ntfys", "xml", "xmls")
"""Services whose address holds no credential when it has neither user nor query; that of any other may be one."""

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>[!-~]+)")
_HINT: Final = 'refer to the address: recipients=["secretsmanager:shop/slack"]'


@dataclass(frozen=True, eq=False)
class AppriseContent(Content):
    """What a service is told."""

    subject: str
    text: str


class AppriseChannel(Channel):
    """Services of Apprise. Takes template variables, the text, or an `Email` of subject and text.

    A recipient is a reference to an address of Apprise such as `slack://...`, which is a secret.
    """

    name: ClassVar[str] = "apprise"
    options: ClassVar[type] = NoOptions
    content: ClassVar[type] = AppriseContent
    requirements: ClassVar[tuple[str, ...]] = ("apprise>=1.9.3",)
    parts: ClassVar[tuple[str, ...]] = ("subject", "text")
    call_timeout: ClassVar[float] = 15.0

    def references(self, recipients: tuple[str, ...]) -> tuple[str, ...]:
        """Addresses that are kept as secrets, which most are."""
        return referring.references(recipients)

    def normalise(self, address: str) -> str:
        """The reference, or an address without a credential; raises `RecipientError` (CC322, CC506)."""
        if referring.is_reference(address):
            return address
        if not isinstance(address, str):
            raise RecipientError("CC322", f"a recipient of apprise must be a string, not {kind_of(address)}")
        found = _URL.fullmatch(address)
        if found is None:
            raise RecipientError("CC322", "a recipient of apprise is no address of a service", hint=_HINT)
        scheme, rest = found["scheme"].lower(), found["rest"]
        if scheme not in OPEN or "@" in rest or "?" in rest:
            message = "a recipient of apprise may hold a credential, which does not belong there (it is not shown)"
            hint = f"{_HINT}; only {', '.join(OPEN)} may be written out, and without user or query"
            raise RecipientError("CC506", message, hint=hint)
        return f"{scheme}://{rest}"

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether somebody named it: a message makes no new service known."""
        return address in notifier.recipients or address in notifier.allow_recipients

    def render(self, value: Any, context: Context) -> AppriseContent:  # noqa: ANN401 - whatever the notifier returned
        """Title and text; raises `RenderError` and `ResultError` (CC230, CC231)."""
        from cloud_cron.channels.values import unusable  # noqa: PLC0415 - declaring an app composes nothing
        from cloud_cron.content import Email  # noqa: PLC0415 - the same

        match value:
            case str():
                return _composed(Email(text=value), context)
            case Mapping():
                return _composed(Email(variables=value), context)
            case Email(
                subject=None | str(), text=None | str(), variables=None | Mapping(),
                html=None, reply_to=None, headers=None, attachments=(),
            ):  # fmt: skip
                return _composed(value, context)
            case _:
                raise unusable(value, self.name, "template variables, the text, or an Email of subject and text alone")

    def redirected(self, content: AppriseContent, recipient: str) -> AppriseContent:
        """The same under a title that begins with whom it was for: a reference, or an address without a credential."""
        return AppriseContent(f"[for {recipient}] {content.subject}", content.text)

    def sender(self, ports: Ports, options: Any) -> Sender:  # noqa: ANN401, ARG002 - the contract
        """What tells the services: CC140 where the library is not installed."""
        if find_spec("apprise") is None:
            message = "apprise cannot send from here: the library is not installed"
            raise UnsupportedError("CC140", message, hint="pip install 'cloud-cron[apprise]'")
        from cloud_cron.channels.apprise_sender import AppriseSender  # noqa: PLC0415 - only what sends pays for it

        return AppriseSender(ports)


def _composed(given: Email, context: Context) -> AppriseContent:
    """What the notifier wrote, else its templates, else the default layouts."""
    from cloud_cron.rendering import limits  # noqa: PLC0415 - declaring an app composes nothing

    variables = context.variables(given.variables or {})
    if given.subject is None:
        subject = context.parts.render("subject", variables)
    else:
        subject = limits.subject(given.subject, "the subject that the notifier returned")
    if given.text is None:
        text = context.parts.render("text", variables)
    else:
        text = limits.body("text", given.text, "the text that the notifier returned")
    return AppriseContent(subject, text.strip())
