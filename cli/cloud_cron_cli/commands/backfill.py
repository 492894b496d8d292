"""`cloud-cron backfill`: make runs of the past, in place of those that were not made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from cloud_cron_cli import backfilling, names, times, words
from cloud_cron_cli.backfilling import QUEUED, WAITING, Past
from cloud_cron_cli.machine import dev_option
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, good
from cloud_cron_cli.placing import placed, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron_cli.backfilling import Planned
    from cloud_cron_cli.operating.place import Coming, Turns

_SHOWN: Final = 20


@click.command(
    "backfill",
    cls=Command,
    short_help=HELP["backfill"],
    epilog="""\b
Examples:
  cloud-cron backfill morning --from 2030-01-01 --to 2030-01-08 --dry-run
  cloud-cron backfill morning --from 2030-01-07T08:00 --to 2030-01-07T08:00 --again 1
  cloud-cron backfill morning --from 2030-01-01 --to 2030-01-08 --remote --stage prod""",
)
@click.argument("task", shell_complete=names.tasks)
@click.option("--from", "first", type=times.moment, required=True, metavar="ISO8601", help="The first time.")
@click.option("--to", "last", type=times.moment, required=True, metavar="ISO8601", help="The last time, included.")
@click.option("--dry-run", is_flag=True, help="Show the runs, and make none.")
@click.option("--again", type=click.IntRange(1), metavar="N", help="Make runs once more that were made: 1, then 2, ...")
@click.option("--yes", is_flag=True, help=f"Make more than {backfilling.MANY:,} runs, too.")
@dev_option
@remote_option
@click.pass_obj
def command(  # noqa: PLR0913 - what a person may choose
    choices: Choices,
    task: str,
    first: datetime,
    last: datetime,
    *,
    dry_run: bool,
    again: int | None,
    yes: bool,
    dev: bool,
    remote: bool,
) -> None:
    """Queue a run for each time of TASK from --from to --to, both included, that has come by now.

    Times are in the task's zone if naive, and a date alone is its midnight. A run that was made, or is being made, is
    left alone; one that failed, or was missed or skipped, is made. --again N makes runs of their own, so that what they
    publish is told again.

    The host takes the runs up one after the other. With --remote, EventBridge Scheduler begins them: each when the one
    before it is over at the latest, and out of the way of the task's own times; when that is, is said. What fails half
    way may be asked for again.

    With --json: {"task", "runs": [{"id", "scheduled_at", "state"}]}, where the state is queued, waiting when the run
    was queued before, or that of the run that was made before.
    """
    project, out = opened(choices), Output(choices)
    model = project.task(task)
    first, last = (times.aware(moment, ZoneInfo(model.timezone)) for moment in (first, last))
    _check(model, first, last)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        limit = None if yes or dry_run else backfilling.MANY + 1
        due = backfilling.due(model, first, last, place.now(), limit)
        if limit and len(due) == limit:
            raise _misuse(f"these are more than {backfilling.MANY:,} runs", "add --yes if you mean it")
        turns, past = place.turns(model), Past(model, due, again or 0)
        plans = (backfilling.planned if dry_run else backfilling.queued)(place, turns, past)
        if out.json:
            out.data({"task": task, "runs": [plan.to_json() for plan in plans]})
        else:
            _print(out, plans)
        if not plans:
            out.note(f"no time of {task} has come from {times.shown(first)} to {times.shown(last)}")
        _advise(out, turns, past, plans, dry_run=dry_run)


def _check(task: TaskModel, first: datetime, last: datetime) -> None:
    if not task.schedules:
        hint = f"`cloud-cron invoke {task.name}` runs it once"
        raise _misuse(f"task {task.name!r} has no schedule, and so no times of the past", hint)
    if last.timestamp() < first.timestamp():
        raise _misuse(f"--from {times.shown(first)} is after --to {times.shown(last)}", "swap them")


def _misuse(message: str, hint: str) -> click.UsageError:
    error = click.UsageError(message)
    error.hint = hint  # type: ignore[attr-defined]  # read by failures.report
    return error


def _print(out: Output, plans: Sequence[Planned]) -> None:
    shown = plans if out.verbose else plans[:_SHOWN]
    for plan in shown:
        out.say(f"{accent(times.shown(plan.at))}  {_said(plan)}")
    if len(plans) > len(shown):
        out.say(dim(f"… {len(plans) - len(shown):,} more; -v shows them"))


def _said(plan: Planned) -> str:
    if plan.state == WAITING:
        return dim("waits for its turn already")
    if plan.state != QUEUED:
        return dim(f"made before: {plan.state}")
    return f"{good(QUEUED)}  {dim(f'it was {plan.was}')}" if plan.was else good(QUEUED)


def _advise(out: Output, turns: Turns, past: Past, plans: Sequence[Planned], *, dry_run: bool) -> None:
    """What a person should know beside the runs."""
    queued = sum(plan.state == QUEUED for plan in plans)
    left = sum(plan.state not in {QUEUED, WAITING} for plan in plans)
    if left:
        out.note(dim(f"{words.count(left, 'run')} made before; --again {past.again + 1} makes them once more"))
    if queued and not turns.remembers:
        out.note(f"{past.task.name} keeps no records on AWS: what was made before is made again")
    if dry_run:
        out.note(dim("nothing was queued: this was a dry run"))
    elif queued:
        out.note(f"{words.count(queued, 'run')} queued")
        _tell_when(out, turns.coming(), ZoneInfo(past.task.timezone))


def _tell_when(out: Output, coming: Coming, zone: ZoneInfo) -> None:
    first, last = (times.shown(at.astimezone(zone)) if at else "" for at in (coming.first, coming.last))
    if coming.idle:
        out.note(coming.idle)
    elif first:
        begun = f"it at {first}" if first == last else f"the first at {first}, the last at {last}"
        out.note(f"EventBridge Scheduler begins {begun}")
