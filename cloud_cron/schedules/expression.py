"""From the text of an expression to the rule it stands for: one of three forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.schedules import cron, once, rate
from cloud_cron.schedules.refusal import MAX_LENGTH, Refused

if TYPE_CHECKING:
    from datetime import datetime

Rule = cron.Cron | rate.Rate | once.Once


def parse(expression: str, start: datetime | None = None) -> Rule:
    """The rule of an expression; raises CC101, CC102 or CC103. `start` (in UTC) anchors a rate."""
    try:
        return read(expression, start)
    except Refused as refused:
        from cloud_cron.schedules.mistakes import explain  # noqa: PLC0415 - only a mistake pays for it

        raise explain(expression, refused) from None


def read(expression: str, start: datetime | None = None) -> Rule:
    """The rule of an expression; raises `Refused`."""
    if isinstance(expression, str) and expression.endswith(")") and len(expression) <= MAX_LENGTH:
        name, _, rest = expression.partition("(")
        match name:
            case "cron":
                return cron.read(rest[:-1])
            case "rate":
                return rate.read(rest[:-1], start)
            case "at":
                return once.read(rest[:-1])
    raise Refused("form")
