"""A command that has commands of its own, such as `dlq list`."""

from __future__ import annotations

from typing import Any

import click

from cloud_cron_cli.options import Command


class Family(Command, click.Group):
    """Its own common options are taken, too, and handed on; without a command its help is shown, as a misuse."""

    def __init__(self, name: str | None, **given: Any) -> None:  # noqa: ANN401 - click's own
        """The help that says what each of its commands does comes from these."""
        super().__init__(name, invoke_without_command=True, callback=_help, **given)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one that does not exist is told with the closest one."""
        name = args[0]
        if name not in self.commands and not name.startswith("-") and not ctx.resilient_parsing:
            from cloud_cron_cli.failures import unknown_command  # noqa: PLC0415 - only a mistake pays for it

            raise unknown_command(name, self.commands, ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, then the options."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.short_help or "") for name, command in self.commands.items()])
        super().format_options(ctx, formatter)


@click.pass_context
def _help(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
        ctx.exit(2)
