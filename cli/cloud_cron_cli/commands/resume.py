"""`cloud-cron resume`: let paused tasks and notifiers go on."""

from __future__ import annotations

import click

from cloud_cron_cli import names as completions
from cloud_cron_cli import pausing, words
from cloud_cron_cli.machine import dev_option
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim
from cloud_cron_cli.placing import placed, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP


@click.command(
    "resume",
    cls=Command,
    short_help=HELP["resume"],
    epilog="""\b
Examples:
  cloud-cron resume morning
  cloud-cron resume""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completions.parts)
@dev_option
@remote_option
@click.pass_obj
def command(choices: Choices, names: tuple[str, ...], *, dev: bool, remote: bool) -> None:
    """Let paused tasks and notifiers go on, by name; without a name, all of them.

    A task runs at its next time; `cloud-cron backfill` makes the runs that were skipped. A notifier delivers what
    waited. With --json: {"resumed": [names], "already": [names]}.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        changed, already = pausing.resume(project, place, names)
    if out.json:
        out.data({"resumed": changed, "already": already})
        return
    if changed:
        out.say(f"resumed {words.listed(changed)}")
    elif not names:
        out.say("nothing is paused")
    if names and already:
        out.say(dim(f"{words.listed(already)}: not paused"))
