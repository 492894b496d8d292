"""`cloud-cron serve`: the app at work on this machine, for good."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from cloud_cron_cli.hosting import check_platform, hosted
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, doubtful, emit
from cloud_cron_cli.project import home
from cloud_cron_cli.table import HELP
from cloud_cron_cli.tracebacks import users

if TYPE_CHECKING:
    from cloud_cron.local.health import Listen

LISTEN = "127.0.0.1:9464"


def _listen(ctx: click.Context, param: click.Parameter, text: str) -> Any:  # noqa: ANN401, ARG001 - click's signature
    """Read the place to listen at."""
    from cloud_cron.local.health import listen  # noqa: PLC0415 - only this command pays for it

    try:
        return listen(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command(
    "serve",
    cls=Command,
    short_help=HELP["serve"],
    epilog="""\b
Examples:
  cloud-cron serve --stage prod
  cloud-cron serve --stage prod --print-unit | sudo tee /etc/systemd/system/shop.service
  cloud-cron serve --listen off --logs text""",
)
@click.option(
    "--logs", type=click.Choice(["json", "text"]), help="How to log on stderr.  [text on a terminal, else json]"
)
@click.option(
    "--listen", default=LISTEN, metavar="HOST:PORT|off", callback=_listen, help=f"/healthz and /metrics.  [{LISTEN}]"
)
@click.option("--workers", type=click.IntRange(1), default=16, metavar="N", help="Runs at a time.  [16]")
@click.option(
    "--grace",
    type=click.IntRange(0),
    default=30,
    metavar="SECONDS",
    help="How long runs may go on after SIGTERM.  [30]",
)
@click.option("--print-unit", is_flag=True, help="Print a hardened systemd unit, and do nothing else.")
@click.option("--print-compose", is_flag=True, help="Print a compose file, and do nothing else.")
@click.pass_obj
def command(  # noqa: PLR0913 - what a person may choose
    choices: Choices, *, logs: str | None, listen: Listen | None, workers: int, grace: int, print_unit: bool,
    print_compose: bool,
) -> None:  # fmt: skip
    """Run the app here, at its times, for good.

    Content really leaves through its channels. SIGHUP loads the app anew and loses nothing that is under way; if that
    fails, the app before it goes on. SIGTERM begins nothing more and lets runs end. One host serves a database.
    """
    out = Output(choices)
    if print_unit or print_compose:
        _print(choices, out, listen, grace, unit=print_unit, compose=print_compose)
        return
    check_platform("serve")
    style = logs or ("text" if sys.stderr.isatty() else "json")
    if listen and not listen.is_loopback:
        out.note(doubtful(f"everybody who reaches {listen} can read /healthz and /metrics"))
    _serve(choices, style, listen, workers, grace)


def _print(  # noqa: PLR0913 - what a person chose
    choices: Choices, out: Output, listen: Listen | None, grace: int, *, unit: bool, compose: bool
) -> None:
    """What a supervisor is to be given."""
    from cloud_cron_cli import supervising  # noqa: PLC0415 - only these flags pay for it

    folder, words = home(choices), list[str]()
    if choices.app:
        words += ["--app", choices.app]
    if str(listen) != LISTEN:
        words += ["--listen", str(listen or "off")]
    if unit:
        out.say(supervising.unit(folder, choices.stage, words, grace))
    if compose:
        out.say(supervising.compose(folder, choices.stage, grace))


def _serve(choices: Choices, style: str, listen: Listen | None, workers: int, grace: int) -> None:
    """The host, from its start to its end."""
    from cloud_cron.local import health  # noqa: PLC0415 - not there on Windows
    from cloud_cron.local.service import LoadingFailed  # noqa: PLC0415 - the same

    if listen:
        health.check(listen)
    host = hosted(choices, "serve", sends=True, style=style, room=workers, grace=float(grace))
    with host as service, health.Health(service, listen) if listen else nullcontext():
        try:
            service.run()
        except LoadingFailed as failure:
            for line in users(failure.traceback):
                emit(line, sys.stderr)
            raise failure.error from None
