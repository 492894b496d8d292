"""`cloud-cron next`: an expression in words, and when it fires next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import click

from cloud_cron.runtime.machine import SystemClock
from cloud_cron.schedules import Schedule, describe, lint
from cloud_cron_cli import times
from cloud_cron_cli.diagnostics import WARNING, Diagnostic
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, dim
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def _zones(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001 - click's signature
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a completion pays for it

    from cloud_cron.schedules import zones  # noqa: PLC0415 - the same

    return [CompletionItem(name) for name in sorted(zones.names()) if name.startswith(incomplete)]


@click.command(
    "next",
    cls=Command,
    short_help=HELP["next"],
    epilog="""\b
Examples:
  cloud-cron next "cron(0 8 ? * MON-FRI *)" --timezone Europe/Berlin
  cloud-cron next "rate(90 minutes)" --after 2030-01-01T00:00Z -n 10""",
)
@click.argument("expression", metavar="EXPR")
@click.option(
    "--timezone", metavar="ZONE", default="UTC", show_default=True, shell_complete=_zones, help="An IANA name."
)
@click.option(
    "--after",
    type=times.moment,
    metavar="ISO8601",
    help="Count from then, in the zone if naive.  [now]",
)
@click.option("-n", "count", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many fire times.")
@click.pass_obj
def command(choices: Choices, expression: str, timezone: str, after: datetime | None, count: int) -> None:
    """Explain a schedule and show when it fires next.

    EXPR is rate(...), cron(...) or at(...), in the language of EventBridge Scheduler. Put it in quotes: a shell has
    uses of its own for ( ) * and ?.
    """
    schedule = Schedule(expression, timezone)
    words = describe(expression, timezone)
    now = SystemClock().now()
    start = times.aware(after, schedule.zone) if after else now
    fires = list(islice(schedule.fires(start), count))
    out = Output(choices)
    if out.json:
        told = [fire.isoformat() for fire in fires]
        out.data({"expression": expression, "timezone": timezone, "description": words, "next": told})
        return
    out.say(accent(words))
    out.say()
    for fire in fires:
        out.say(f"  {times.shown(fire)}   {dim(_distance(fire, now))}")
    if not fires:
        last = schedule.previous(start)
        out.say("  never again" + (f"; last {times.shown(last)}" if last else ""))
    _remarks(out, schedule, start)


def _distance(fire: datetime, now: datetime) -> str:
    """The day in words, and how long until then when that is less than a day."""
    relative = times.day(fire, now)
    soon = timedelta() < fire.astimezone(UTC) - now < timedelta(days=1)
    return f"{relative}, {times.away(fire, now)}" if soon else relative


def _remarks(out: Output, schedule: Schedule, start: datetime) -> None:
    """What the linter has to say about clock changes and phase; that it is over can be seen."""
    for finding in lint({"": [schedule]}, start):
        if finding.code != "W103":
            out.note("")
            out.remark(Diagnostic(WARNING, finding.code, finding.message, hint=finding.hint))
