"""Moments at which runs of the past begin where a clock begins them: one after the other, and out of the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, Final

from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.model import TaskModel

LATE: Final = timedelta(minutes=1)
"""How late Scheduler may begin a run (EventBridge Scheduler User Guide, "Schedule types": 60-second precision)."""

_DAY: Final = timedelta(days=1)


def pace(task: TaskModel) -> timedelta:
    """How far apart runs of a task are, in whole minutes: each is over before the next, unless they may overlap."""
    if task.overlap == "allow":
        return LATE
    return timedelta(minutes=ceil(task.timeout / 60)) + LATE


def slots(task: TaskModel, since: datetime, waiting: int = 0) -> Iterator[datetime]:
    """The moments from then on, in UTC, without end, after those of as many runs as wait already.

    Theirs were reckoned from another minute, so that one more than there are of them is left out.
    """
    return islice(_every(task, since.astimezone(UTC)), waiting + 1 if waiting else 0, None)


def _every(task: TaskModel, moment: datetime) -> Iterator[datetime]:
    """A run that may not overlap keeps clear of those at the task's own times, of which one would be skipped.

    On a day on which the task is due too often for that, every moment is as good as another.
    """
    table, step = Timetable(task), pace(task)
    before = step + timedelta(minutes=task.window or 0)
    crowded = moment  # until then there is no room
    while True:
        if task.overlap != "allow" and moment >= crowded:
            clear = _clear(table, moment, before, step)
            moment, crowded = (clear, crowded) if clear else (moment, moment + _DAY)
        yield moment
        moment += step


def _clear(table: Timetable, moment: datetime, before: timedelta, after: timedelta) -> datetime | None:
    """The first moment within a day that has none of the task's times so long before it, after it, or with it."""
    found = moment
    while found < moment + _DAY:
        own = table.next(found - before)
        if own is None or own.astimezone(UTC) >= found + after:
            return found
        found = own.astimezone(UTC) + before
    return None
