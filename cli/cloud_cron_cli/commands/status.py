"""`cloud-cron status`: how each task went last and is due next, and what waits for whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from cloud_cron.local import queues
from cloud_cron.runtime.mail_events import TOLD
from cloud_cron.timetable import Timetable
from cloud_cron_cli import runs, times, words
from cloud_cron_cli.machine import dev_option, entered
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, good, strong
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from cloud_cron.model import NotifierModel, TaskModel
    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.project import Project

_STYLE: Final = {"done": good, "failed": bad, "missed": bad, "retry": doubtful}
_UNDER_WAY: Final = frozenset({"CLAIMED", "RECORDED"})


@click.command("status", cls=Command, short_help=HELP["status"])
@dev_option
@click.option("--remote", is_flag=True, help="Of the stage on AWS, instead of on this machine.")
@click.pass_obj
def command(choices: Choices, *, dev: bool, remote: bool) -> None:
    """Show how each task went last and is due next, what waits for each notifier, and who is serving.

    Runs count as missed for as long as the ledger remembers them, its horizon. `queued` and `dead` are messages, `sent`
    and `doubt` are deliveries: one for each recipient. On AWS, `bounced`, `complained` and `refused` are mails of which
    Amazon SES tells that, where `events` asks for it. With --json: {"tasks": [{"name", "last": {"run_id",
    "scheduled_at", "state", "reason"}, "next", "paused", "missed"}], "notifiers": [{"name", "queued", "in_flight",
    "dead", "sent", "doubt", "bounced", "complained", "refused"}]}; `last`, `next` and what nobody counts may be null.
    """
    project, out = opened(choices), Output(choices)
    if remote:
        _remote(choices, project, out)
        return
    with entered(choices, out, dev=dev) as machine:
        shown = as_json(project, machine)
        if out.json:
            out.data(shown)
        else:
            _print(out, project, machine, shown)


def _remote(choices: Choices, project: Project, out: Output) -> None:
    """The same of AWS, where nobody serves: every run and every batch has a function."""
    from cloud_cron.runtime.machine import SystemClock  # noqa: PLC0415 - one machine does without all of these
    from cloud_cron_cli import standing  # noqa: PLC0415
    from cloud_cron_cli.deploy.deployed import read  # noqa: PLC0415
    from cloud_cron_cli.progress import Silence  # noqa: PLC0415
    from cloud_cron_cli.stage import app_of, standing_of, tools  # noqa: PLC0415

    found = read(tools(choices, project, Silence()).stacks, project.model.name, project.stage, app_of(project).tags)
    now = SystemClock().now()
    shown = standing.as_json(project, found, standing_of(choices, project), now)
    if out.json:
        out.data(shown)
        return
    out.say(f"{strong(project.model.name)}  {dim(f'stage {project.stage}, on AWS')}")
    _tables(out, project, shown, now, frozenset())
    if any(row["dead"] for row in shown["notifiers"]):
        out.note(dim("`cloud-cron dlq list --remote` shows the dead letters"))


def as_json(project: Project, machine: Machine) -> dict[str, Any]:
    """The shape that `status --json` prints.

    `last` is null or `{"run_id", "scheduled_at", "state", "reason"}`: the run with the latest time, whatever became of
    it, with the reason if that is nothing good. Times are ISO 8601 in the task's zone; `next` is null when there is
    none. `bounced`, `complained` and `refused` are null: Amazon SES tells of its mails on AWS alone.
    """
    paused = machine.book.paused()
    missed = machine.ledger.missed(machine.now().timestamp() - project.settings.horizon)
    return {
        "tasks": [
            {
                "name": task.name,
                "last": runs.told(task, machine.ledger.newest_run(task.name)),
                "next": _next(task, machine.now()),
                "paused": task.name in paused,
                "missed": missed.get(task.name, 0),
            }
            for task in project.model.tasks
        ],
        "notifiers": [_notifier(project, machine, notifier) for notifier in project.model.notifiers],
    }


def _next(task: TaskModel, now: datetime) -> str | None:
    due = Timetable(task).next(now) if task.enabled else None
    return due.isoformat() if due else None


def _notifier(project: Project, machine: Machine, notifier: NotifierModel) -> dict[str, Any]:
    place = (project.model.name, project.stage, notifier.name)
    queued, in_flight = machine.counts(queues.queue(*place))
    deliveries = machine.ledger.deliveries(notifier.name)
    return {
        "name": notifier.name,
        "queued": queued,
        "in_flight": in_flight,
        "dead": sum(machine.counts(queues.dead_letters(*place))),
        "sent": deliveries.get("SENT", 0),
        "doubt": deliveries.get("DOUBT", 0),
        **dict.fromkeys(TOLD),
    }


def _print(out: Output, project: Project, machine: Machine, shown: dict[str, Any]) -> None:
    host = machine.host()
    out.say(f"{strong(project.model.name)}  {dim(f'stage {project.stage}, {machine.path.name}')}")
    out.say(f"served by {host}" if host else doubtful("nobody serves it at the moment"))
    _tables(out, project, shown, machine.now(), machine.book.paused())
    under_way = [(key, run) for key, run in machine.ledger.open_runs() if run.state in _UNDER_WAY]
    if under_way:
        out.say()
        out.table(
            ["UNDER WAY", "ATTEMPT", "UNTIL"],
            [
                [strong(runs.name(key)), str(run.attempts), times.shown(datetime.fromtimestamp(int(run.lease), UTC))]
                for key, run in under_way
            ],
        )
    if any(row["dead"] for row in shown["notifiers"]):
        out.note(dim("`cloud-cron dlq list` shows the dead letters"))


def _tables(out: Output, project: Project, shown: dict[str, Any], now: datetime, paused: Collection[str]) -> None:
    if shown["tasks"]:
        out.say()
        rows = [_task_row(project, task, now) for task in shown["tasks"]]
        out.table(["TASK", "LAST RUN", "STATE", "NEXT RUN", "MISSED"], rows, wrapping=("STATE",))
    if shown["notifiers"]:
        out.say()
        told = any(row[word] is not None for row in shown["notifiers"] for word in TOLD)
        later = TOLD if told else ()
        rows = [_notifier_row(row, later, is_paused=row["name"] in paused) for row in shown["notifiers"]]
        out.table(["NOTIFIER", "QUEUED", "IN FLIGHT", "DEAD", "SENT", "IN DOUBT", *map(str.upper, later)], rows)
    for line in words.redirections(project.model):
        out.note(doubtful(line))


def _task_row(project: Project, shown: dict[str, Any], now: datetime) -> list[str]:
    task, last = project.task(shown["name"]), shown["last"]
    missed = shown["missed"]
    return [
        strong(task.name),
        times.brief(datetime.fromisoformat(last["scheduled_at"]), now) if last else dim("never"),
        _state(last) if last else "",
        _due(task, shown, now),
        bad(missed) if missed else dim("0"),
    ]


def _state(last: dict[str, Any]) -> str:
    word = _STYLE.get(last["state"], str)(last["state"])
    return f"{word}: {last['reason']}" if last["reason"] else word


def _due(task: TaskModel, shown: dict[str, Any], now: datetime) -> str:
    if not shown["next"]:
        return dim(words.silence(task))
    due = datetime.fromisoformat(shown["next"])
    text = f"{times.brief(due, now)}  {dim(times.away(due, now))}"
    return f"{times.brief(due, now)}  {doubtful('paused')}" if shown["paused"] else text


def _counted(number: int | None, style: Callable[[int], str]) -> str:
    """A number that matters unless it is 0; a dash where nobody counts."""
    if number is None:
        return dim("-")
    return style(number) if number else "0"


def _notifier_row(shown: dict[str, Any], words: Collection[str], *, is_paused: bool) -> list[str]:
    name = strong(shown["name"])
    return [
        f"{name}  {doubtful('paused')}" if is_paused else name,
        str(shown["queued"]),
        str(shown["in_flight"]),
        bad(shown["dead"]) if shown["dead"] else "0",
        _counted(shown["sent"], str),
        _counted(shown["doubt"], bad),
        *(_counted(shown[word], bad) for word in words),
    ]
