"""The expression handed to AWS, which fires at the same instants as the schedule does everywhere else.

AWS counts a rate from the moment of its creation and again from each update, so a rate whose grid a cron expression can
hold is emitted as that cron, in UTC: its phase survives a redeploy, and a deploy fires nothing. `start` and `end` are
not emitted: AWS refuses a StartDate older than five minutes, on update too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.schedules.fields import DAY_NAMES
from cloud_cron.schedules.rate import Rate

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.schedules.schedule import Schedule

_HOUR: Final = 60
_HOURS: Final = 24
_WEEK: Final = 7 * 1440
_EXACT: Final = (
    *(minutes for minutes in range(1, _HOUR + 1) if _HOUR % minutes == 0),
    *(hours * _HOUR for hours in range(2, _HOURS + 1) if _HOURS % hours == 0),
    _WEEK,
)


class Emitted(NamedTuple):
    """ScheduleExpression and ScheduleExpressionTimezone."""

    expression: str
    timezone: str


def emit(schedule: Schedule) -> Emitted:
    """The expression and time zone for AWS: its own, but of a rate whose phase a cron in UTC can hold, that cron.

    EventBridge Scheduler counts any other rate from when it was made (User Guide, "Schedule types").
    """
    rate = schedule.rule
    if not isinstance(rate, Rate):
        return Emitted(schedule.expression, schedule.timezone)
    return Emitted(cron_of(rate.minutes, rate.anchor) or schedule.expression, "UTC")


def keeps_its_phase(schedule: Schedule) -> bool:
    """Whether AWS fires at the times of the schedule; it counts any other rate from a moment of its own."""
    rate = schedule.rule
    return not isinstance(rate, Rate) or cron_of(rate.minutes, rate.anchor) is not None


def cron_of(minutes: int, anchor: datetime) -> str | None:
    """The UTC cron expression of an interval from an anchor (in UTC), or None where cron cannot hold its phase."""
    if minutes == 1:
        return "cron(* * * * ? *)"
    if minutes < _HOUR and _HOUR % minutes == 0:
        return f"cron({anchor.minute % minutes}/{minutes} * * * ? *)"
    hours, rest = divmod(minutes, _HOUR)
    if minutes == _HOUR:
        return f"cron({anchor.minute} * * * ? *)"
    if not rest and hours < _HOURS and _HOURS % hours == 0:
        return f"cron({anchor.minute} {anchor.hour % hours}/{hours} * * ? *)"
    if not rest and hours == _HOURS:
        return f"cron({anchor.minute} {anchor.hour} * * ? *)"
    if minutes == _WEEK:
        return f"cron({anchor.minute} {anchor.hour} ? * {DAY_NAMES[anchor.isoweekday() % 7]} *)"
    return None


def nearest_exact(minutes: int) -> int:
    """The interval nearest by proportion that keeps its phase, in minutes; the shorter of two."""
    return min(_EXACT, key=lambda exact: max(exact / minutes, minutes / exact))
