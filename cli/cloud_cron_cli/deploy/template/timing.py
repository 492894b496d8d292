"""How often a task is due at most: what is older than that is overtaken by the next run."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cloud_cron.schedules.cron import Cron
from cloud_cron.schedules.rate import Rate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron.model import TaskModel
    from cloud_cron.schedules import Schedule
    from cloud_cron.schedules.expression import Rule

SHORTEST: Final = 60
LONGEST: Final = 21_600
_DAY: Final = 1440
_BACKOFF: Final = 60


def event_age(task: TaskModel, schedules: Iterable[Schedule]) -> int:
    """Seconds after which Lambda gives up an event that waits: the interval, and room for every retry.

    Lambda waits one minute before the first retry and two before the second, and takes 60 to 21,600 seconds (Lambda
    Developer Guide, "Error handling for asynchronous invocation"; API reference, PutFunctionEventInvokeConfig).
    """
    interval = min((_interval(schedule.rule) for schedule in schedules), default=_DAY) * 60
    retries = sum(task.timeout + _BACKOFF * (1 + number) for number in range(task.retries)) + task.timeout
    return max(SHORTEST, min(max(interval, retries), LONGEST))


def _interval(rule: Rule) -> int:
    """The shortest pause between two fire times of one expression, in minutes; a day when it is no shorter."""
    match rule:
        case Rate():
            return rule.minutes
        case Cron() if len(rule.minutes) > 1:
            return _closest(rule.minutes, 60)
        case Cron() if len(rule.hours) > 1:
            return _closest(rule.hours, 24) * 60
        case _:
            return _DAY


def _closest(values: Sequence[int], cycle: int) -> int:
    """The smallest step between neighbours, the last and the first of the next cycle included."""
    return min(later - earlier for earlier, later in pairwise([*values, values[0] + cycle]))
