"""A run as its function sees it."""

from __future__ import annotations

from datetime import datetime

from cloud_cron.freezing import thawed
from cloud_cron.runs import MANUAL, Run, in_zone, manual_run_id, repeat, run_id

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.runs import LastRun
    from cloud_cron.runtime.invocations import Invocation
    from cloud_cron.task_model import TaskModel
    from cloud_cron.timetable import Timetable


def view(  # noqa: PLR0913 - a run is this many things
    task: TaskModel,
    asked: Invocation,
    moment: datetime,
    unique: str,
    *,
    attempt: int,
    timetable: Callable[[], Timetable],
    secrets: Mapping[str, str],
    remaining: Callable[[], float],
    last: Callable[[], LastRun | None],
) -> Run:
    """The run of a moment (in UTC); one on demand is known by `unique`, and has neither predecessor nor successor."""
    on_demand = asked.trigger == MANUAL
    return Run(
        task=task.name,
        id=manual_run_id(task.name, unique) if on_demand else f"{run_id(task.name, moment)}{repeat(asked.again)}",
        scheduled_at=in_zone(moment, task.timezone),
        timezone=task.timezone,
        attempt=attempt,
        trigger=asked.trigger,
        input=thawed(task.input) if asked.input is None else asked.input,
        secrets=secrets,
        _timetable=None if on_demand else timetable,
        _remaining=remaining,
        _last=last,
    )


def outside(task: TaskModel, asked: Invocation) -> str:
    """Why a scheduled run is not to be: AWS is not told `start` and `end`, so they are kept here."""
    if asked.scheduled_at is None:
        return ""
    if task.start and asked.scheduled_at < datetime.fromisoformat(task.start):
        return f"before start {task.start}"
    if task.end and asked.scheduled_at > datetime.fromisoformat(task.end):
        return f"after end {task.end}"
    return ""
