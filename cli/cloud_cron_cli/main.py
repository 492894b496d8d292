"""The `cloud-cron` command: a table of commands, each imported when it is called.

`--help` and `--version` import click and nothing else, neither the library nor a command.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TextIO

import click

from cloud_cron_cli.ending import exit_code, heed
from cloud_cron_cli.options import Choices, everywhere, write_options
from cloud_cron_cli.table import HELP, SECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

MISUSED = 2


class Commands(click.Group):
    """The commands of the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every name, in the table's order."""
        return list(HELP)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command, imported now; None for a name that the table does not have."""
        if cmd_name not in HELP:
            return None
        command: click.Command = import_module(f"cloud_cron_cli.commands.{cmd_name}").command
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one that does not exist is told with the closest one."""
        name = args[0]
        if name not in HELP and not name.startswith("-") and not ctx.resilient_parsing:
            from cloud_cron_cli.failures import unknown_command  # noqa: PLC0415 - only a mistake pays for it

            raise unknown_command(name, HELP, ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by heading, then the options."""
        width = max(map(len, HELP))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), text) for name, text in commands.items()])
        write_options(ctx, formatter, "Everywhere, before or after the command", self.get_params(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Names and help from the table, and the options."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a completion pays for it

        names = [CompletionItem(name, help=text) for name, text in HELP.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # noqa: ANN401 - click's signature
        """Run a command line; in `standalone_mode` every failure becomes words and an exit code."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)  # type: ignore[call-overload]  # passed on
        choices = Choices()
        extra = {"prog_name": "cloud-cron", "windows_expand_args": False, **extra, "obj": choices}
        run: Callable[..., Any] = super().main
        sys.exit(_guarded(lambda: run(*args, standalone_mode=False, **extra), choices))


def _guarded(run: Callable[[], Any], choices: Choices) -> int:
    """The exit code of a run: its own, or that of how it failed."""
    # A process may be started without these streams: what is said then is said to nobody.
    sys.stdout = sys.stdout or _nobody()
    sys.stderr = sys.stderr or _nobody()
    try:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        code = run()
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt) as error:
        return exit_code(error)
    except BrokenPipeError:
        # Whoever read the output has gone; Python must not stumble over the rest of it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - this is the last place where an error can become words
        from cloud_cron_cli.failures import report  # noqa: PLC0415 - only a failure pays for it

        return report(error, choices)
    return code if isinstance(code, int) else 0


def _nobody() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001, FBT001 - click's signature
    """Print the version, which is read from the library's source to spare its import."""
    if not value or ctx.resilient_parsing:
        return
    from pathlib import Path  # noqa: PLC0415 - `--help` does without

    spec = find_spec("cloud_cron")
    source = Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""
    found = re.search(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    click.echo(f"cloud-cron {found[1] if found else 'unknown'}")
    ctx.exit()


@click.group(
    cls=Commands,
    invoke_without_command=True,
    params=[
        *everywhere(),
        click.Option(
            ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
        ),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog='Completion: eval "$(cloud-cron completion bash)", or zsh, or fish.',
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Scheduled jobs and the notifications they cause, from one Python file."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit(MISUSED)


def main() -> None:
    """Run the command line of this process.

    What it imports stays until the end: no collection of garbage looks through that, not even the last one.
    """
    heed()
    gc.disable()
    try:
        cli()
    finally:
        gc.freeze()
