"""`cloud-cron dev`: the app at work on this machine while it is being written."""

from __future__ import annotations

import click

from cloud_cron_cli.hosting import check_platform
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output
from cloud_cron_cli.table import HELP


@click.command(
    "dev",
    cls=Command,
    short_help=HELP["dev"],
    epilog="""\b
Examples:
  cloud-cron dev
  cloud-cron dev --send --stage test
  cloud-cron dev --json | jq .""",
)
@click.option("--send", is_flag=True, help="Send for real, on the database of `serve`.")
@click.option("--workers", type=click.IntRange(1), default=16, metavar="N", help="Runs at a time.  [16]")
@click.option("--no-reload", is_flag=True, help="Do not look for changes of the project.")
@click.pass_obj
def command(choices: Choices, *, send: bool, workers: int, no_reload: bool) -> None:
    """Run the app here, at its times, while you write it.

    Tasks run and messages are delivered, into an outbox on disk unless --send is given. A change of the app, its
    templates or its configuration loads it anew; while that fails, the app before it goes on. On a terminal, a table
    shows what is the case, and `?` tells the keys: run a task now, pause, step the clock to the next run, open the last
    mail. Without one, it prints what happens line by line. Ctrl-C or SIGTERM ends it.
    """
    check_platform("dev")
    from cloud_cron_cli.session import Session  # noqa: PLC0415 - not there on Windows

    Session(choices, Output(choices), sends=send, room=workers, reloads=not no_reload).run()
