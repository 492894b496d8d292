"""`cloud-cron init`: a project that runs and whose tests pass."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_cron_cli import scaffold
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, good, strong
from cloud_cron_cli.table import HELP


@click.command("init", cls=Command, short_help=HELP["init"])
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.pass_obj
def command(choices: Choices, directory: Path) -> None:
    """Begin a project that runs and whose tests pass.

    It is written to DIR, which is created if need be, or to the current folder; the app is named after the folder.
    Nothing is overwritten.
    """
    name = scaffold.app_name(directory.resolve().name)
    project = scaffold.scaffold(name)
    scaffold.write(directory, project)
    out = Output(choices)
    if out.json:
        out.data({"app": name, "folder": str(directory.resolve()), "files": list(project)})
        return
    out.say(f"{good('✓')} app {strong(name)} in {directory}")
    out.say()
    for path in project:
        out.say(f"  {path}")
    out.say()
    out.say("Next:")
    steps = [] if directory.resolve() == Path.cwd() else [(f"cd {directory}", "")]
    steps += [
        ("cloud-cron check", "find mistakes"),
        ("cloud-cron list", "what runs when, and who hears of it"),
        ("cloud-cron invoke daily", "run the task now; nothing is sent"),
        ("pytest", "run the tests, on a virtual clock"),
    ]
    for line, meaning in steps:
        out.say(f"  {accent(line)}{' ' * (24 - len(line))}{dim(meaning)}" if meaning else f"  {accent(line)}")
