"""`cloud-cron pause`: let tasks skip their times, and notifiers keep their messages."""

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
    "pause",
    cls=Command,
    short_help=HELP["pause"],
    epilog="""\b
Examples:
  cloud-cron pause morning
  cloud-cron pause mail_report text_alert
  cloud-cron pause""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completions.parts)
@dev_option
@remote_option
@click.pass_obj
def command(choices: Choices, names: tuple[str, ...], *, dev: bool, remote: bool) -> None:
    """Pause tasks and notifiers by name; without a name, all of the app.

    A paused task is skipped at its times, which is recorded and not caught up; it still runs when somebody asks for
    it. A paused notifier keeps its messages and delivers them once it is resumed. What was begun is finished. It lasts
    across restarts. On AWS, schedules and what feeds a notifier are switched off: times that pass are not recorded, so
    that a watch tells of them as missed, and a deploy that changes these switches them on again. With --json:
    {"paused": [names], "already": [names]}.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        changed, already = pausing.pause(project, place, names)
    if out.json:
        out.data({"paused": changed, "already": already})
        return
    if changed:
        out.say(f"paused {words.listed(changed)}")
    if already:
        out.say(dim(f"{words.listed(already)}: paused already"))
    if not changed and not already:
        out.say("the app has no tasks and no notifiers")
