"""`cloud-cron destroy`: take a stage away from AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cloud_cron_cli.asking import agreed
from cloud_cron_cli.deploy.destroying import Doomed, Stage, check, destroy, look
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, good, strong
from cloud_cron_cli.progress import watched
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.stage import app_of, tools
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from typing import Any


@click.command("destroy", cls=Command, short_help=HELP["destroy"])
@click.option("--discard", is_flag=True, help="Delete messages that were not delivered, too.")
@click.option(
    "--timeout", metavar="MINUTES", type=click.FloatRange(min=0, min_open=True), default=60.0, help="How long.  [60]"
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.pass_obj
def command(choices: Choices, discard: bool, timeout: float, yes: bool) -> None:  # noqa: FBT001 - click's signature
    """Delete every stack of a stage, and what they leave behind: queues, ledger, buckets with all their objects.

    Run again, it finishes what was interrupted; with nothing left to delete, it does nothing. With --json: {"app",
    "stage", "stacks": [names], "leavings": [{"kind", "id"}]}, of what was deleted.
    """
    project, out = opened(choices), Output(choices)
    stage = Stage(project.model.name, project.stage, app_of(project).tags)
    try:
        with watched(out, yes=yes) as display:
            ports = tools(choices, project, display)
            doomed = look(ports, stage)
            check(doomed, discard=discard)
            if doomed.stacks or doomed.leavings:
                _ask(out, project, doomed, yes=yes)
                destroy(ports, stage, doomed, timeout * 60, discard=discard)
    except KeyboardInterrupt:
        out.note("interrupted: what was begun goes on in AWS, and `cloud-cron destroy` again does the rest")
        raise
    _tell(out, project, doomed)


def _ask(out: Output, project: Project, doomed: Doomed, *, yes: bool) -> None:
    for text in _named(doomed):
        out.note(f"  {text}")
    agreed(f"Delete all of it, and stage {project.stage} with it?", yes=yes)


def _named(doomed: Doomed) -> list[str]:
    stacks = [f"stack {doomed.found.stacks[key].name}" for key in doomed.stacks]
    return stacks + [f"{left.kind} {left.id.rpartition('/')[2]}" for left in doomed.leavings]


def _tell(out: Output, project: Project, doomed: Doomed) -> None:
    stacks = [doomed.found.stacks[key].name for key in doomed.stacks]
    if out.json:
        told: dict[str, Any] = {"stacks": stacks, "leavings": [left._asdict() for left in doomed.leavings]}
        out.data({"app": project.model.name, "stage": project.stage, **told})
    elif stacks or doomed.leavings:
        out.say(f"{good('✓')} nothing is left of {strong(project.model.name)} stage {project.stage}")
    else:
        out.say(f"nothing is there of {strong(project.model.name)} stage {project.stage}")
