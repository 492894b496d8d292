"""`cloud-cron backfill`: make runs of the past, in place of those that were not made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from cloud_cron_cli import backfilling, names, times, words
from cloud_cron_cli.backfilling import QUEUED
from cloud_cron_cli.machine import dev_option, entered
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, good
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron_cli.backfilling import Planned
    from cloud_cron_cli.machine import Machine

_SHOWN: Final = 20


@click.command(
    "backfill",
    cls=Command,
    short_help=HELP["backfill"],
    epilog="""\b
Examples:
  cloud-cron backfill morning --from 2030-01-01 --to 2030-01-08 --dry-run
  cloud-cron backfill morning --from 2030-01-07T08:00 --to 2030-01-07T08:00 --again 1""",
)
@click.argument("task", shell_complete=names.tasks)
@click.option("--from", "first", type=times.moment, required=True, metavar="ISO8601", help="The first time.")
@click.option("--to", "last", type=times.moment, required=True, metavar="ISO8601", help="The last time, included.")
@click.option("--dry-run", is_flag=True, help="Show the runs, and make none.")
@click.option("--again", type=click.IntRange(1), metavar="N", help="Make runs once more that were made: 1, then 2, ...")
@click.option("--yes", is_flag=True, help=f"Make more than {backfilling.MANY:,} runs, too.")
@dev_option
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
) -> None:
    """Queue a run for each time of TASK from --from to --to, both included, that has come by now.

    Times are in the task's zone if naive, and a date alone is its midnight. A run that was made, or is being made, is
    left alone; one that failed, or was missed or skipped, is made. The host takes the runs up one after the other.
    --again N makes runs of their own, so that what they publish is told again. With --json: {"task", "runs": [{"id",
    "scheduled_at", "state"}]}, where the state is queued, or that of the run that was made before.
    """
    project, out = opened(choices), Output(choices)
    model = project.task(task)
    first, last = (times.aware(moment, ZoneInfo(model.timezone)) for moment in (first, last))
    _check(model, first, last)
    with entered(choices, out, dev=dev) as machine:
        limit = None if yes or dry_run else backfilling.MANY + 1
        due = backfilling.due(model, first, last, machine.now(), limit)
        if limit and len(due) == limit:
            raise _misuse(f"these are more than {backfilling.MANY:,} runs", "add --yes if you mean it")
        plans = (backfilling.planned if dry_run else backfilling.queued)(machine, model, due, again or 0)
        if out.json:
            out.data({"task": task, "runs": [plan.to_json() for plan in plans]})
        else:
            _print(out, plans)
        if not plans:
            out.note(f"no time of {task} has come from {times.shown(first)} to {times.shown(last)}")
        _advise(out, machine, plans, dry_run=dry_run, again=again or 0)


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
    if plan.state != QUEUED:
        return dim(f"made before: {plan.state}")
    return f"{good(QUEUED)}  {dim(f'it was {plan.was}')}" if plan.was else good(QUEUED)


def _advise(out: Output, machine: Machine, plans: Sequence[Planned], *, dry_run: bool, again: int) -> None:
    """What a person should know beside the runs."""
    queued = sum(plan.state == QUEUED for plan in plans)
    left = len(plans) - queued
    if left:
        out.note(dim(f"{words.count(left, 'run')} made before; --again {again + 1} makes them once more"))
    if dry_run:
        out.note(dim("nothing was queued: this was a dry run"))
    elif queued:
        out.note(f"{words.count(queued, 'run')} queued")
        if machine.host() is None:
            name = "dev" if machine.path.name.endswith(".dev.db") else "serve"
            out.note(f"nobody serves this database: they begin when `cloud-cron {name}` does")
