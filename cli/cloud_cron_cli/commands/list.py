"""`cloud-cron list`: tasks with their next runs, notifiers, topics."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import click

from cloud_cron.runtime.machine import SystemClock
from cloud_cron.timetable import Timetable
from cloud_cron_cli import times, words
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, doubtful, strong
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.model import NotifierModel, TaskModel

NEXT: Final = 3


@click.command("list", cls=Command, short_help=HELP["list"])
@click.pass_obj
def command(choices: Choices) -> None:
    """Show tasks with their next runs, notifiers and topics."""
    project = opened(choices)
    now = SystemClock().now()
    out = Output(choices)
    if out.json:
        out.data(as_json(project, now))
    else:
        _print(out, project, now)


def as_json(project: Project, now: datetime) -> dict[str, Any]:
    """The shape that `list --json` prints; `redirect_to` only where everything goes to one address."""
    return {
        "app": project.model.name,
        "stage": project.stage,
        "tasks": [
            {
                "name": task.name,
                "schedules": list(task.schedules),
                "timezone": task.timezone,
                "topics": list(task.topics),
                "next": [fire.isoformat() for fire in _next(task, now)],
            }
            for task in project.model.tasks
        ],
        "notifiers": [
            {
                "name": notifier.name,
                "channel": notifier.channel,
                "topics": list(notifier.topics),
                "recipients": len(set(notifier.recipients)),
                **({"redirect_to": notifier.redirect_to} if notifier.redirect_to else {}),
            }
            for notifier in project.model.notifiers
        ],
        "topics": list(project.model.topics),
    }


def _next(task: TaskModel, now: datetime) -> list[datetime]:
    """The next fire times of a task; none while it is not enabled."""
    return list(islice(Timetable(task).fires(now), NEXT)) if task.enabled else []


def _print(out: Output, project: Project, now: datetime) -> None:
    model = project.model
    out.say(f"{strong(model.name)}  {dim(f'stage {project.stage}')}")
    if model.tasks:
        out.say()
        rows = [_task_row(out, task, now) for task in model.tasks]
        out.table(["TASK", "SCHEDULE", "NEXT RUN", "TOPICS"], rows, wrapping=("SCHEDULE", "TOPICS"))
    if model.notifiers:
        out.say()
        rows = [_notifier_row(notifier, verbose=out.verbose) for notifier in model.notifiers]
        out.table(["NOTIFIER", "CHANNEL", "HEARS", "TELLS"], rows, wrapping=("HEARS", "TELLS"))
    for line in words.redirections(model):
        out.say()
        out.say(doubtful(line))
    if not model.tasks and not model.notifiers:
        out.say("no tasks and no notifiers yet")


def _task_row(out: Output, task: TaskModel, now: datetime) -> list[str]:
    gap = "\n" if out.terminal and not out.verbose else "  "
    said = words.schedules_of(task)
    fires = _next(task, now)[: NEXT if out.verbose else 1]
    return [
        strong(task.name),
        "\n".join([*task.schedules, *map(dim, said)] if out.verbose else said),
        "\n".join(f"{times.brief(fire, now)}{gap}{dim(times.away(fire, now))}" for fire in fires)
        or dim(words.silence(task)),
        accent(", ".join(task.topics)) if task.topics else dim("none"),
    ]


def _notifier_row(notifier: NotifierModel, *, verbose: bool) -> list[str]:
    told = (
        "\n".join(dict.fromkeys(notifier.recipients)) if verbose and notifier.recipients else words.audience(notifier)
    )
    if not notifier.enabled:
        told = f"{told}, not enabled"
    return [strong(notifier.name), notifier.channel, accent(", ".join(notifier.topics)), told]
