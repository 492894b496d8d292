"""Every command with its options, from the commands themselves."""

from __future__ import annotations

import inspect
from textwrap import dedent
from typing import TYPE_CHECKING

import click

from cloud_cron_cli.main import cli
from cloud_cron_cli.options import everywhere
from cloud_cron_cli.table import SECTIONS
from scripts.docs.reference.writing import block, joined, table

if TYPE_CHECKING:
    from collections.abc import Iterator


def page() -> str:
    """The page of the command line."""
    return joined(
        "# Commands",
        "`cloud-cron --help` and the help of each command say the same. The exit code is 0 when all is well, 1 when "
        "something failed, and 2 for a mistake in what was asked.",
        "## Everywhere",
        "Before or after the name of any command:",
        _options(everywhere(), click.Context(cli)),
        *(_section(title, list(names)) for title, names in SECTIONS.items()),
    )


def every() -> Iterator[tuple[str, click.Command]]:
    """Every command there is by what a person types, commands of commands after their family."""
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command:
            yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in command.commands.items())


def _section(title: str, names: list[str]) -> str:
    told = [_command(name, command) for name, command in every() if name.split()[0] in names]
    return joined(f"## {title}", *told).rstrip()


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"cloud-cron {name}")
    common = {option.name for option in everywhere()}
    own = [param for param in command.params if param.name not in common]
    examples = dedent((command.epilog or "").replace("\b", "").strip("\n").removeprefix("Examples:").strip("\n"))
    return joined(
        f"### {name}",
        block(command.get_usage(context).removeprefix("Usage: ")),
        inspect.cleandoc(command.help or ""),
        _options(own, context),
        block(examples) if examples else "",
    ).rstrip()


def _options(params: list[click.Parameter], context: click.Context) -> str:
    """A table of options; arguments stand in the usage."""
    records = [param.get_help_record(context) for param in params if not isinstance(param, click.Argument)]
    rows = [(f"`{names}`", meaning) for names, meaning in filter(None, records)]
    return table(["option", "meaning"], rows) if rows else ""
