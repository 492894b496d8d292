"""SMS: one text of at most 1,600 characters, and the segments that it costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from cloud_cron import checks
from cloud_cron.channels import options
from cloud_cron.channels.base import Channel
from cloud_cron.errors import DeclarationError, RecipientError, UnsupportedError, kind_of
from cloud_cron.rendered import Content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.channels.base import Letter
    from cloud_cron.channels.context import Context
    from cloud_cron.model import NotifierModel
    from cloud_cron.ports import Ports, Sender

_REGION: Final = "[A-Z]{2}"
_E164: Final = r"\+[1-9][0-9]{7,14}"
_PUNCTUATION: Final = str.maketrans("", "", " -()")
_ENOUGH: Final = 7
MOST_SEGMENTS: Final = 24
"""What 1,600 characters outside of the GSM alphabet take."""
MOST_A_DAY: Final = 1_000_000


@dataclass(frozen=True)
class SmsOptions:
    """Who an sms is from, either a number in E.164 or a messaging service of Twilio, and the regions it may go to.

    `secret` refers to the account's credentials: `secretsmanager:NAME`, `ssm:/path`, `env:NAME` or `file:PATH`.
    A text of more than `max_segments` is refused, or cut with `long="truncate"`. `daily_limit` is how many texts a
    stage sends in a day of UTC.
    """

    from_number: str | None = None
    messaging_service_sid: str | None = None
    regions: tuple[str, ...] = ()
    secret: str | None = None
    max_segments: int = 10
    long: str = "refuse"
    daily_limit: int | None = None

    def __post_init__(self) -> None:
        """Spell the number in its one way; raises `DeclarationError` (CC132)."""
        object.__setattr__(self, "from_number", options.address("from_number", self.from_number, e164))
        meaning = "MG and 32 hexadecimal digits"
        options.text("messaging_service_sid", self.messaging_service_sid, "MG[0-9a-fA-F]{32}", meaning)
        if self.secret is not None:
            checks.secrets({"secret": self.secret})
        if self.from_number and self.messaging_service_sid:
            message = "from_number and messaging_service_sid both say who an sms is from"
            raise DeclarationError("CC132", message, hint="give only one of them")
        if not isinstance(self.regions, (list, tuple)):
            message = f"regions must be a list, not {options.kind(self.regions)}"
            raise DeclarationError("CC132", message, hint='such as regions=["DE", "US"]')
        object.__setattr__(self, "regions", tuple(self.regions))
        for region in self.regions:
            options.text("a region", region, _REGION, "two capital letters such as DE")
        options.whole("max_segments", self.max_segments, 1, MOST_SEGMENTS)
        options.text("long", self.long, "refuse|truncate", "'refuse' or 'truncate'")
        if self.daily_limit is not None:
            options.whole("daily_limit", self.daily_limit, 1, MOST_A_DAY)


@dataclass(frozen=True, eq=False)
class SmsContent(Content):
    """An sms as it leaves."""

    text: str
    segments: int


class SmsChannel(Channel):
    """Text messages. Takes template variables, the text, or an `Sms`.

    Nothing is sent twice unless the notifier asks for it: an sms costs money, and providers do not deduplicate.
    """

    name: ClassVar[str] = "sms"
    options: ClassVar[type] = SmsOptions
    content: ClassVar[type] = SmsContent
    requirements: ClassVar[tuple[str, ...]] = ("phonenumbers>=8.13.40", "twilio>=9.3")
    modules: ClassVar[tuple[str, ...]] = (
        "phonenumbers",
        "twilio.base.exceptions",
        "twilio.http.http_client",
        "twilio.rest.api",
    )
    max_ambiguous: ClassVar[int] = 0

    def normalise(self, address: str) -> str:
        """The number in E.164; raises `RecipientError` (CC310)."""
        return e164(address)

    def admits(self, address: str, notifier: NotifierModel) -> bool:
        """Whether `allow_recipients` has the number or its region, or a configured number is of that region.

        A list of numbers alone admits those alone. Raises `RecipientError` (CC313) where regions cannot be told.
        """
        allowed = {entry.translate(_PUNCTUATION) for entry in notifier.allow_recipients}
        if address in allowed or address in notifier.recipients:
            return True
        regions = {entry for entry in allowed if re.fullmatch(_REGION, entry)}
        if allowed and not regions:
            return False
        from cloud_cron.channels.numbers import region  # noqa: PLC0415 - only a message that chooses a number needs it

        return region(address) in regions.union(map(region, notifier.recipients))

    def vet(self, address: str, notifier: NotifierModel) -> None:
        """Refuse a number that is dear (CC311), or of a region that `regions` has not (CC312, CC313)."""
        from cloud_cron.channels import numbers  # noqa: PLC0415 - declaring an app sends nothing

        numbers.vet(address, _redacted(address), notifier.options.get("regions", ()))

    def partitions(self, options: SmsOptions) -> tuple[str, ...]:
        """The count of the day's texts, where there is a limit."""
        from cloud_cron.channels.daily import PARTITION  # noqa: PLC0415 - only what is deployed needs it

        return () if options.daily_limit is None else (PARTITION,)

    def render(self, value: Any, context: Context) -> SmsContent:  # noqa: ANN401 - whatever the notifier returned
        """The sms for one recipient; raises `RenderError` and `ResultError` (CC230, CC231)."""
        from cloud_cron.channels import shortening  # noqa: PLC0415 - declaring an app composes nothing
        from cloud_cron.channels.values import unusable  # noqa: PLC0415 - the same
        from cloud_cron.content import Sms  # noqa: PLC0415 - the same
        from cloud_cron.rendering import limits  # noqa: PLC0415 - the same

        given = context.options
        cuts = given.get("long", SmsOptions.long) == "truncate"

        match value:
            case str() | Sms(text=str()):
                said = value if isinstance(value, str) else value.text
                text = limits.body("text", said, "the text that the notifier returned", limits.of_sms(given))
            case Mapping():
                text = context.parts.render("text", context.variables(value))
            case _:
                raise unusable(value, self.name, "template variables, the text, or an Sms")
        return SmsContent(
            *shortening.fitting(text.strip(), given.get("max_segments", SmsOptions.max_segments), cuts=cuts)
        )

    def redirected(self, content: SmsContent, recipient: str) -> SmsContent:
        """The same text behind whom it was for; what a provider would not take any more is cut off its end."""
        from cloud_cron.channels.gsm import segments  # noqa: PLC0415 - declaring an app composes nothing
        from cloud_cron.rendering import limits  # noqa: PLC0415 - the same

        text = f"[for {recipient}] {content.text}"[: limits.SMS.most]
        return replace(content, text=text, segments=segments(text))

    def details(
        self,
        content: SmsContent,
        options: SmsOptions,
        people: Sequence[str],
        letter: Letter,  # noqa: ARG002 - the contract
    ) -> dict[str, Any]:
        """How the text travels, and what its being sent to everybody costs."""
        from cloud_cron.channels import costing, gsm  # noqa: PLC0415 - only a preview pays for it

        cost = costing.cost(content.segments, people, options.from_number)
        return {"encoding": gsm.encoding(content.text), "cost": cost._asdict()}

    def load(self) -> None:
        """Load Twilio's client; raises `UnsupportedError` (CC140) where it is not installed."""
        try:
            from cloud_cron.channels import twilio_line  # noqa: F401, PLC0415 - heavy, and an extra
        except ImportError as error:
            if (error.name or "").partition(".")[0] != "twilio":
                raise
            message = "sms cannot be sent from here: Twilio's client is not installed"
            raise UnsupportedError("CC140", message, hint="install cloud-cron[sms]") from None

    def sender(self, ports: Ports, options: SmsOptions) -> Sender:
        """What sends through Twilio; `UnsupportedError` (CC140) when nobody is named as sender, or no account."""
        if not (options.from_number or options.messaging_service_sid):
            message = "sms cannot be sent: nobody is named as sender"
            raise UnsupportedError("CC140", message, hint='write [channels.sms] from_number = "+12025550100"')
        if not options.secret:
            message = "sms cannot be sent: no secret holds the credentials of Twilio"
            hint = 'write [channels.sms] secret = "secretsmanager:shop/twilio", or another reference'
            raise UnsupportedError("CC140", message, hint=hint)
        from cloud_cron.channels.twilio import TwilioSender  # noqa: PLC0415 - only what sends pays for it

        return TwilioSender(ports, options)


def e164(text: object) -> str:
    """A number as `+` and 8 to 15 digits; spaces, hyphens and parentheses are dropped, nothing else is forgiven.

    E.164 allows 15 digits (ITU-T Recommendation E.164, 6.2.1). Raises `RecipientError` (CC310), the number redacted.
    """
    if not isinstance(text, str):
        raise RecipientError("CC310", f"a phone number must be a string, not {kind_of(text)}", hint=_hint(""))
    bare = text.translate(_PUNCTUATION)
    if re.fullmatch(_E164, bare):
        return bare
    raise RecipientError("CC310", f"phone number {_redacted(bare)} {_why(bare)}", hint=_hint(bare))


def _why(bare: str) -> str:
    if not bare:
        return "is empty"
    if not re.fullmatch(r"\+?[0-9]+", bare):
        odd = next((char for char in bare.removeprefix("+") if char not in "0123456789"), bare[0])
        return f"has a character that is no digit (U+{ord(odd):04X})"
    if not bare.startswith("+"):
        return "does not begin with + and the country's code (E.164)"
    return "must have 8 to 15 digits after the +, the first of them not 0 (E.164)"


def _hint(bare: str) -> str:
    if bare.startswith("00"):
        return "write + instead of 00"
    return "write it with its country's code, such as +14155552671"


def _redacted(bare: str) -> str:
    """Enough of a number to recognise it by, and no more."""
    if len(bare) < _ENOUGH:
        return "***" if bare else "''"
    return f"{ascii(bare[:2])[1:-1]}***{ascii(bare[-2:])[1:-1]}"
