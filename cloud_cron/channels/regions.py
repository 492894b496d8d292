"""The region of a phone number, which its first digits alone do not tell: +1 268 is Antigua, +44 7911 Guernsey."""

from __future__ import annotations

from cloud_cron.errors import RecipientError


def region(number: str) -> str | None:
    """The region of an E.164 number as two capital letters; None for a number that no region has.

    Raises `RecipientError` (CC312) where the package that knows them is not installed.
    """
    try:
        import phonenumbers  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        message = "the regions of phone numbers are not known here, so a message may not choose a number"
        hint = "install cloud-cron[sms], or list the very numbers in allow_recipients"
        raise RecipientError("CC312", message, hint=hint) from None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
