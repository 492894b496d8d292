"""What a phone number belongs to, which its first digits alone do not tell: +1 268 is Antigua, +44 7911 Guernsey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import RecipientError

if TYPE_CHECKING:
    from collections.abc import Collection

_SATELLITES: Final = {"+881": "a satellite phone", "+979": "an international premium-rate number"}
"""Country codes of no country that are dear whatever follows (ITU-T Recommendation E.164, list of assigned codes)."""


def region(number: str) -> str | None:
    """The region of an E.164 number as two capital letters; None for a number that no region has.

    Raises `RecipientError` (CC313) where the package that knows them is not installed.
    """
    known = _phonenumbers()
    if known is None:
        message = "the regions of phone numbers are not known here"
        hint = "install cloud-cron[sms]; or leave regions out, and list the very numbers in allow_recipients"
        raise RecipientError("CC313", message, hint=hint)
    parsed = _parsed(known, number)
    found: str | None = known.region_code_for_number(parsed) if parsed else None
    return found


def vet(number: str, shown: str, regions: Collection[str]) -> None:
    """Refuse an E.164 number that is dear to send to, or of another region than these, if any are given.

    What a number costs is known where `phonenumbers` is installed; satellites everywhere. Raises `RecipientError`:
    CC311, CC312, and CC313 as `region`. `shown` is the number redacted.
    """
    kind = _SATELLITES.get(number[:4]) or _dear(number)
    if kind:
        message = f"phone number {shown} is {kind}, which no text is sent to"
        raise RecipientError("CC311", message, hint="name a mobile number")
    if not regions:
        return
    found = region(number)
    if found not in regions:
        where = f"of region {found}" if found else "of no region"
        message = f"phone number {shown} is {where}, and texts go to {', '.join(sorted(regions))} alone"
        hint = f'add "{found}" to regions' if found else "check the number"
        raise RecipientError("CC312", message, hint=hint)


def _dear(number: str) -> str | None:
    """What makes a text to the number dear, as far as that can be known here."""
    known = _phonenumbers()
    parsed = _parsed(known, number) if known else None
    if not parsed:
        return None
    kinds = known.PhoneNumberType
    words = {
        kinds.PREMIUM_RATE: "a premium-rate number",
        kinds.SHARED_COST: "a shared-cost number",
        kinds.PAGER: "a pager",
    }
    return words.get(known.number_type(parsed))


def _phonenumbers() -> Any:  # noqa: ANN401 - the package, or None
    try:
        import phonenumbers  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        return None
    return phonenumbers


def _parsed(known: Any, number: str) -> Any:  # noqa: ANN401 - the package's own type, or None
    try:
        return known.parse(number)
    except known.NumberParseException:
        return None
