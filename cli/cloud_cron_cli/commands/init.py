"""`cloud-cron init`: a project that runs and whose tests pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from cloud_cron_cli import names, scaffold
from cloud_cron_cli.blueprints import STARTER, blueprint, blueprints
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim, good, strong
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Iterable


class Begun(NamedTuple):
    """A project that was written."""

    app: str
    template: str
    directory: Path
    files: dict[str, str]


@click.command("init", cls=Command, short_help=HELP["init"])
@click.argument("directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--template",
    metavar="NAME",
    default=STARTER,
    show_default=True,
    shell_complete=names.templates,
    help="What to begin with.",
)
@click.option("--list", "listed", is_flag=True, help="Show the templates, and write nothing.")
@click.pass_obj
def command(choices: Choices, directory: Path, template: str, *, listed: bool) -> None:
    """Begin a project that runs and whose tests pass.

    It is written to DIR, which is created if need be, or to the current folder; the app is named after the folder.
    Nothing is overwritten. With --json: {"app", "template", "folder", "files": [paths]}, and of --list a list of
    {"template", "about"}.
    """
    out = Output(choices)
    if listed:
        _list(out)
        return
    name = scaffold.app_name(directory.resolve().name)
    project = blueprint(template, name)
    scaffold.write(directory, project)
    _tell(out, Begun(name, template, directory, project))


def _list(out: Output) -> None:
    """Every template with its one line."""
    found = blueprints()
    if out.json:
        out.data([{"template": name, "about": about} for name, about in found.items()])
        return
    for line in _columns(found.items()):
        out.say(line)


def _tell(out: Output, begun: Begun) -> None:
    """What was written, and the commands of its README."""
    if out.json:
        folder = str(begun.directory.resolve())
        out.data({"app": begun.app, "template": begun.template, "folder": folder, "files": list(begun.files)})
        return
    out.say(f"{good('✓')} app {strong(begun.app)} in {begun.directory}")
    out.say()
    for path in begun.files:
        out.say(f"  {path}")
    out.say()
    out.say("Next:")
    if begun.directory.resolve() != Path.cwd():
        out.say(f"  {accent(f'cd {begun.directory}')}")
    for line in _columns(scaffold.steps(begun.files)):
        out.say(f"  {line}")


def _columns(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Words, each with its meaning beside it."""
    pairs = list(pairs)
    width = max(len(word) for word, _ in pairs) + 2
    return [f"{accent(word)}{' ' * (width - len(word))}{dim(meaning)}" for word, meaning in pairs]
