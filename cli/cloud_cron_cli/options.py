"""What every command takes, before its name or after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem


class Choices:
    """What was chosen for the whole invocation; later words win over earlier ones."""

    def __init__(self) -> None:
        """Nothing was chosen yet."""
        self.app: str | None = None
        self.stage: str = "dev"
        self.region: str | None = None
        self.profile: str | None = None
        self.endpoint_url: str | None = None
        self.json = False
        self.verbose = False
        self.quiet = False
        self.debug = False


def everywhere() -> list[click.Parameter]:
    """The common options, made anew for each command."""
    told: dict[str, Any] = {"expose_value": False, "callback": _remember}
    flag: dict[str, Any] = {**told, "is_flag": True}
    return [
        click.Option(["--app"], metavar="MODULE:ATTR", help="The app, unless it is `app` in app.py.", **told),
        click.Option(["--stage"], metavar="NAME", help="The stage.  [dev]", shell_complete=_stages, **told),
        click.Option(["--region"], metavar="NAME", help="The AWS region.", **told),
        click.Option(["--profile"], metavar="NAME", help="The profile of AWS credentials.", **told),
        click.Option(["--endpoint-url"], metavar="URL", help="Another endpoint than AWS, such as an emulator.", **told),
        click.Option(["--json"], help="Print data as JSON; everything else goes to stderr.", **flag),
        click.Option(["-v", "--verbose"], help="Say more.", **flag),
        click.Option(["-q", "--quiet"], help="Say only what was asked for.", **flag),
        click.Option(["--debug"], help="Show our own tracebacks.", **flag),
    ]


class Command(click.Command):
    """A command that takes the common options too, and shows them apart from its own."""

    def __init__(self, name: str | None, **given: Any) -> None:  # noqa: ANN401 - click's own
        """The common options come after the command's own."""
        super().__init__(name, **given)
        self.common = everywhere()
        self.params += self.common

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options, then the common ones."""
        own = [param for param in self.get_params(ctx) if param not in self.common]
        write_options(ctx, formatter, "Options", own)
        write_options(ctx, formatter, "Everywhere", self.common)


def write_options(
    ctx: click.Context, formatter: click.HelpFormatter, title: str, params: Sequence[click.Parameter]
) -> None:
    """One section of options with their help."""
    options = [param for param in params if not isinstance(param, click.Argument)]
    records = [record for param in options if (record := param.get_help_record(ctx))]
    if records:
        with formatter.section(title):
            formatter.write_dl(records)


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep what was said; a default says nothing."""
    source = ctx.get_parameter_source(param.name or "")
    if source is not None and source.name not in {"DEFAULT", "DEFAULT_MAP"}:
        setattr(ctx.ensure_object(Choices), param.name or "", value)


def _stages(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from cloud_cron_cli.names import stages  # noqa: PLC0415 - only a completion pays for it

    return stages(ctx, param, incomplete)
