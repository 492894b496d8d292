"""Times as people say them, and as they write them on a command line."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Final

import click

_STEPS: Final = ((86_400, "days"), (3600, "h"), (60, "min"), (1, "s"))


def moment(text: str) -> datetime:
    """Read an ISO 8601 date and time, as the type of an option; a naive one is left to whoever knows the zone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no ISO 8601 date and time, such as 2030-01-31T08:00 or 2030-01-31T08:00Z"
        raise click.BadParameter(message) from None


def aware(moment: datetime, zone: tzinfo) -> datetime:
    """The moment, in the zone unless it says its own offset."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def shown(moment: datetime) -> str:
    """Weekday, date, time and offset: `Mon 2030-01-07 08:00 +01:00`."""
    seconds = ":%S" if moment.second else ""
    offset = moment.strftime("%z")
    return f"{moment:%a %Y-%m-%d %H:%M{seconds}} {offset[:3]}:{offset[3:5]}"


def day(moment: datetime, now: datetime) -> str:
    """The day, seen from now in the moment's own zone: `today`, `tomorrow`, `in 3 days`."""
    days = (moment.date() - now.astimezone(moment.tzinfo).date()).days
    match days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "yesterday"
        case _ if days < 0:
            return f"{-days:,} days ago"
        case _:
            return f"in {days:,} days"


def away(moment: datetime, now: datetime) -> str:
    """How long until then, in its two largest units: `in 9 h 12 min`; seconds only below a minute, and `now` after."""
    return f"in {long}" if (long := _span(now, moment)) else "now"


def ago(moment: datetime, now: datetime) -> str:
    """How long it has been, in the same units: `9 h 12 min ago`, or `now`."""
    return f"{long} ago" if (long := _span(moment, now)) else "now"


def _span(first: datetime, second: datetime) -> str:
    # Subtracting two times of one zone would count wall-clock hours.
    seconds = max(0, int((second.astimezone(UTC) - first.astimezone(UTC)).total_seconds()))
    parts: list[str] = []
    for size, unit in _STEPS:
        count, seconds = divmod(seconds, size)
        if count and not (unit == "s" and parts):
            parts.append(f"{count:,} {unit}" if count > 1 or unit != "days" else "1 day")
    return " ".join(parts[:2])


def brief(moment: datetime, now: datetime) -> str:
    """Weekday, day, month and time in the moment's own zone; the year when it is another: `Mon 7 Jan 08:00`."""
    year = "" if moment.year == now.astimezone(moment.tzinfo).year else f" {moment.year}"
    seconds = ":%S" if moment.second else ""
    return f"{moment:%a} {moment.day} {moment:%b}{year} {moment.strftime(f'%H:%M{seconds}')}"
