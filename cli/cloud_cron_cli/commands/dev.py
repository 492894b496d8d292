"""`cloud-cron dev`: the app at work on this machine while it is being written."""

from __future__ import annotations

import click

from cloud_cron_cli.hosting import check_platform
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output
from cloud_cron_cli.table import HELP

_MOST = 50


def _share(text: str) -> float:
    """`5%`, or 5, as 0.05."""
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= _MOST:
        raise click.BadParameter(f"{text!r} is not between 0% and {_MOST}%")
    return percent / 100


@click.command(
    "dev",
    cls=Command,
    short_help=HELP["dev"],
    epilog="""\b
Examples:
  cloud-cron dev
  cloud-cron dev --send --stage test
  cloud-cron dev --chaos 5%
  cloud-cron dev --json | jq .""",
)
@click.option("--send", is_flag=True, help="Send for real, on the database of `serve`.")
@click.option("--chaos", type=_share, metavar="PERCENT", help="Let so many calls go wrong, such as 5%; sends nothing.")
@click.option("--workers", type=click.IntRange(1), default=16, metavar="N", help="Runs at a time.  [16]")
@click.option("--no-reload", is_flag=True, help="Do not look for changes of the project.")
@click.pass_obj
def command(choices: Choices, *, send: bool, chaos: float | None, workers: int, no_reload: bool) -> None:
    """Run the app here, at its times, while you write it.

    Tasks run and messages are delivered, into an outbox on disk unless --send is given. A change of the app, its
    templates or its configuration loads it anew; while that fails, the app before it goes on. On a terminal, a table
    shows what is the case, and `?` tells the keys: run a task now, pause, step the clock to the next run, open the last
    mail. Without one, it prints what happens line by line. Ctrl-C or SIGTERM ends it.

    With --chaos, workers are killed at calls of database and provider, calls fail before and after they took effect,
    and providers answer as they do on bad days; each is a line of the log.
    """
    if send and chaos:
        raise click.UsageError("--chaos would tell people twice: it does not go with --send")
    check_platform("dev")
    from cloud_cron_cli.session import Session  # noqa: PLC0415 - not there on Windows

    Session(choices, Output(choices), sends=send, room=workers, reloads=not no_reload, chaos=chaos or 0.0).run()
