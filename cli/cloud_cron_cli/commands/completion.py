"""`cloud-cron completion`: the script that lets a shell complete commands, options and the app's own names."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output
from cloud_cron_cli.table import HELP

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=Command,
    short_help=HELP["completion"],
    epilog="""\b
Add the line of your shell to its start-up file:
  bash  ~/.bashrc                    eval "$(cloud-cron completion bash)"
  zsh   ~/.zshrc                     eval "$(cloud-cron completion zsh)"
  fish  ~/.config/fish/config.fish   cloud-cron completion fish | source""",
)
@click.argument("shell", required=False, type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str | None) -> None:
    """Print the script that completes words in your shell.

    It completes commands and options everywhere, and inside a project its stages, tasks and notifiers. Without SHELL,
    the one in the environment variable SHELL is taken.
    """
    named = shell or Path(os.environ.get("SHELL", "")).name
    kind = get_completion_class(named) if named in _SHELLS else None
    if kind is None:
        message = f"say which shell: {', '.join(_SHELLS)}"
        raise click.UsageError(message, ctx)
    program = ctx.find_root().info_name or "cloud-cron"
    variable = f"_{program}_COMPLETE".replace("-", "_").upper()
    script = kind(ctx.find_root().command, {}, program, variable).source()
    Output(ctx.find_object(Choices) or Choices()).say(script)
