"""What a notifier returned and a channel cannot use, told so that the next attempt works."""

from __future__ import annotations

from cloud_cron.content import Email, Sms
from cloud_cron.errors import ResultError, kind_of


def unusable(value: object, channel: str, takes: str) -> ResultError:
    """The error for a value of the wrong kind: CC231 for None, which is a forgotten `return`, else CC230."""
    if value is None:
        hint = "return SKIP to drop the message on purpose"
        return ResultError("CC231", "the notifier returned None", hint=hint)
    names = {Email: "an Email", Sms: "an Sms"}
    shown = names.get(type(value)) or kind_of(value)
    hint = f"return {takes}, or SKIP"
    return ResultError("CC230", f"the notifier returned {shown}, which channel {channel!r} cannot use", hint=hint)
