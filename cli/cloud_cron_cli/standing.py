"""How a stage stands on AWS, in the shape in which `status` tells how it stands on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cloud_cron.runtime.mail_events import TOLD
from cloud_cron.timetable import Timetable
from cloud_cron_cli import runs
from cloud_cron_cli.deploy.deployed import main_of
from cloud_cron_cli.deploy.template.tasks import keeps_records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Record
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.project import Project


class Standing(Protocol):
    """What is asked of AWS."""

    def depth(self, url: str) -> tuple[int, int]:
        """Messages that wait in a queue, and those in flight."""

    def newest_run(self, table: str, task: str) -> tuple[Key, Record] | None:
        """The run with the latest time."""

    def missed(self, table: str, task: str) -> int:
        """How many runs were missed."""

    def counted(self, table: str, notifier: str) -> Mapping[str, int]:
        """How many mails of a notifier are counted under `bounced`, `complained` and `refused`."""

    def is_off(self, group: str, schedule: str) -> bool:
        """Whether a schedule is switched off."""


def as_json(project: Project, found: Deployed, standing: Standing, now: datetime) -> dict[str, Any]:
    """Tasks and notifiers that are deployed, as `status --json` tells them; `NotFound` CC826 when nothing is.

    `sent` and `doubt` are null: nobody counts deliveries on AWS. `bounced`, `complained` and `refused` are null for a
    notifier that does not ask for events of its mails. A task that keeps no records has no last run.
    """
    main = main_of(found, project.model.name, project.stage)
    table, group = main.outputs["Ledger"], main.outputs["ScheduleGroup"]
    tasks = [task for task in project.model.tasks if f"task:{task.name}" in found.pieces]
    names = [f"notifier:{notifier.name}" for notifier in project.model.notifiers]
    return {
        "tasks": [_task(project, task, found, standing, now, table, group) for task in tasks],
        "notifiers": [_notifier(found.pieces[name], standing, table) for name in names if name in found.pieces],
    }


def _task(  # noqa: PLR0913, PLR0917 - a task, and where to ask about it
    project: Project, task: TaskModel, found: Deployed, standing: Standing, now: datetime, table: str, group: str
) -> dict[str, Any]:
    schedules = found.pieces[f"task:{task.name}"]["schedules"]
    records = keeps_records(task, project.settings)
    due = Timetable(task).next(now) if task.enabled else None
    return {
        "name": task.name,
        "last": runs.told(task, standing.newest_run(table, task.name)) if records else None,
        "next": due.isoformat() if due else None,
        "paused": bool(schedules) and task.enabled and all(standing.is_off(group, each["name"]) for each in schedules),
        "missed": standing.missed(table, task.name) if records else 0,
    }


def _notifier(said: Any, standing: Standing, table: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    counted = standing.counted(table, said["name"]) if said.get("events") else {}
    queued, in_flight = standing.depth(said["queue_url"])
    dead = sum(sum(standing.depth(said[name])) for name in ("dead_letter_url", "subscription_dead_letter_url"))
    return {
        "name": said["name"],
        "queued": queued,
        "in_flight": in_flight,
        "dead": dead,
        "sent": None,
        "doubt": None,
        **{word: counted.get(word) for word in TOLD},
    }
