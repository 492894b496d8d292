"""An expression in English: when, on which days, in which months and years, in which zone.

The words follow the values, not the spelling: `0/15` and `0,15,30,45` read alike.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from cloud_cron.schedules.calendar_words import on_days, years_of
from cloud_cron.schedules.clock_words import at_times, every
from cloud_cron.schedules.cron import Cron
from cloud_cron.schedules.once import Once
from cloud_cron.schedules.rate import EPOCH, Rate
from cloud_cron.schedules.schedule import Schedule
from cloud_cron.schedules.zones import place

if TYPE_CHECKING:
    from datetime import datetime, tzinfo


def describe(expression: str, timezone: str = "UTC", start: datetime | None = None) -> str:
    """Say in words when an expression fires; `start`, aware, is where a rate counts from.

    Raises `ScheduleError` (CC101 to CC105), as `Schedule` does.
    """
    schedule = Schedule(expression, timezone, start)
    match schedule.rule:
        case Cron() as cron:
            return _cron(cron, timezone)
        case Rate() as rate:
            return _rate(rate, schedule.zone, timezone)
        case Once() as once:
            return _once(once, schedule.zone, timezone)


def _cron(cron: Cron, timezone: str) -> str:
    times, steady = at_times(cron.hours, cron.minutes)
    return f"{times}{on_days(cron.days, cron.months, steady=steady)}{years_of(cron.years)}, {timezone}"


def _rate(rate: Rate, zone: tzinfo, timezone: str) -> str:
    if rate.anchor == EPOCH:
        return f"{every(rate.minutes)}, counted from 1970-01-01 00:00 UTC"
    anchor = rate.anchor.astimezone(zone)
    name = "UTC" if zone is UTC else f"{timezone} (UTC{anchor:%z})"
    return f"{every(rate.minutes)}, counted from {anchor:%Y-%m-%d %H:%M} {name}"


def _once(once: Once, zone: tzinfo, timezone: str) -> str:
    wall = once.wall
    seconds = f":{wall.second:02}" if wall.second else ""
    missing = "" if place(wall, zone) else " (a time that the clock skips there: never)"
    return f"Once, at {wall:%H:%M}{seconds} on {wall:%Y-%m-%d}, {timezone}{missing}"
