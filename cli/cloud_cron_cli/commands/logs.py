"""`cloud-cron logs`: what the host wrote down, and what it writes down now."""

from __future__ import annotations

import re
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import click

from cloud_cron.local.log import spoken
from cloud_cron.local.site import log_file
from cloud_cron_cli import names as completions
from cloud_cron_cli.machine import dev_option, found
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, visible
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP
from cloud_cron_cli.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

POLL: Final = 0.25

_STYLE: Final = {"error": bad, "critical": bad, "warning": doubtful}


@click.command(
    "logs",
    cls=Command,
    short_help=HELP["logs"],
    epilog="""\b
Examples:
  cloud-cron logs morning -f
  cloud-cron logs morning@2030-01-07T07:00:00Z
  cloud-cron logs --json -n 1000000 | jq 'select(.status == "failed")'""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completions.parts)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until interrupted.")
@click.option(
    "-n", "lines", type=click.IntRange(0), default=100, metavar="N", help="How many lines of the past.  [100]"
)
@dev_option
@click.pass_obj
def command(choices: Choices, names: tuple[str, ...], *, follow: bool, lines: int, dev: bool) -> None:
    """Show the log of the host: one line for each run and each delivery, and what functions print.

    NAME is a task, a notifier, or the id of a run, and leaves out what is about none of them. With --json the lines
    are those of the file, one JSON object each. Times are UTC.
    """
    out = Output(choices)
    path = log_file(found(choices, out, dev=dev))
    if names:
        _check(choices, names)
    pages = _Pages(out, names)
    with Tail(path) as tail:
        past = list(filter(pages.wants, tail.more()))
        pages.show(past[len(past) - min(lines, len(past)) :])
        while follow:
            sleep(POLL)
            pages.show(filter(pages.wants, tail.more()))


def _check(choices: Choices, names: Iterable[str]) -> None:
    """A name that nothing has is a mistake, not an empty log."""
    project = opened(choices)
    for name in names:
        project.part(re.split("[@!]", name, maxsplit=1)[0])


class _Pages:
    """Lines for a person under the day that they were written on, or as they are."""

    def __init__(self, out: Output, names: Collection[str]) -> None:
        self._out = out
        self._names = names
        self._day = ""

    def wants(self, entry: dict[str, Any]) -> bool:
        """Whether it is about somebody who was asked for; what repeats itself is only shown when more is."""
        about = {entry.get(name) for name in ("task", "notifier", "run_id")}
        return (not self._names or bool(about & set(self._names))) and (
            self._out.json or self._out.verbose or entry["level"] != "debug"
        )

    def show(self, entries: Iterable[dict[str, Any]]) -> None:
        for entry in entries:
            if self._out.json:
                self._out.line(entry)
            else:
                self._say(entry)

    def _say(self, entry: dict[str, Any]) -> None:
        day = str(entry["time"])[:10]
        if day != self._day:
            self._day = day
            self._out.say(dim(visible(day)))
        style = _STYLE.get(entry["level"], str)
        for line in spoken(entry).split("\n"):
            self._out.say(style(visible(line)))
