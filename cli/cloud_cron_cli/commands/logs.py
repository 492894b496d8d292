"""`cloud-cron logs`: what was written down, here or on AWS, and what is written down now."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import click

from cloud_cron.local.log import spoken
from cloud_cron.local.site import log_file
from cloud_cron_cli import names as completions
from cloud_cron_cli import runs
from cloud_cron_cli.deploy.lambda_lines import PLATFORM
from cloud_cron_cli.machine import dev_option, found
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, visible
from cloud_cron_cli.placing import one_place, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP
from cloud_cron_cli.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_STYLE: Final = {"error": bad, "critical": bad, "warning": doubtful}


class Log(Protocol):
    """Lines as `cloud_cron.local.log` writes them, each told once."""

    def past(self, count: int, wants: Callable[[dict[str, Any]], bool]) -> Iterable[dict[str, Any]]:
        """The last lines that are wanted, as many as `count`, oldest first; the first thing that is asked."""

    def more(self) -> Iterable[dict[str, Any]]:
        """What came since."""

    def wait(self) -> None:
        """Until it is worth to look again."""


@click.command(
    "logs",
    cls=Command,
    short_help=HELP["logs"],
    epilog="""\b
Examples:
  cloud-cron logs morning -f
  cloud-cron logs morning@2030-01-07T07:00:00Z
  cloud-cron logs --json -n 1000000 | jq 'select(.status == "failed")'
  cloud-cron logs morning --remote --stage prod""",
)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completions.parts)
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until interrupted.")
@click.option(
    "-n", "lines", type=click.IntRange(0), default=100, metavar="N", help="How many lines of the past.  [100]"
)
@dev_option
@remote_option
@click.pass_obj
def command(  # noqa: PLR0913 - what a person may choose
    choices: Choices, names: tuple[str, ...], *, follow: bool, lines: int, dev: bool, remote: bool
) -> None:
    """Show the log of the host: one line for each run and each delivery, and what functions print.

    NAME is a task, a notifier, or the id of a run, and leaves out what is about none of them. With --json the lines
    are those of the file, one JSON object each. Times are UTC.

    With --remote it is the log of a stage's functions on AWS, line for line the same, for as long as `log_retention`
    keeps it; NAME may be @maintenance or @events, a function of the stage's own, too. What Lambda says of an invocation
    is shown where that was cut off or failed, and all of it with -v.
    """
    out = Output(choices)
    pages, about = _Pages(out, names), f" about {' or '.join(names)}" if names else ""
    with _log(choices, out, names, dev=dev, remote=remote) as log:
        past = list(log.past(lines, pages.wants))
        pages.show(past)
        if lines and not past:
            out.note(dim(f"no lines{visible(about)} yet"))
        while follow:
            log.wait()
            pages.show(filter(pages.wants, log.more()))


@contextmanager
def _log(choices: Choices, out: Output, names: Sequence[str], *, dev: bool, remote: bool) -> Iterator[Log]:
    """That of a place; a name that nothing has is a mistake, not an empty log."""
    one_place(dev=dev, remote=remote)
    if remote:
        from cloud_cron_cli.stage import logs_of  # noqa: PLC0415 - one machine does without

        yield logs_of(choices, opened(choices), names)
        return
    path = log_file(found(choices, out, dev=dev))
    if names:
        project = opened(choices)
        for name in names:
            project.part(runs.part(name))
    with Tail(path) as tail:
        yield tail


class _Pages:
    """Lines for a person under the day that they were written on, or as they are."""

    def __init__(self, out: Output, names: Sequence[str]) -> None:
        self._out = out
        self._names = names
        self._day = ""

    def wants(self, entry: dict[str, Any]) -> bool:
        """Whether it is about somebody who was asked for; what repeats itself is only shown when more is."""
        owners = (entry.get(name) for name in ("task", "notifier", "run_id", "function"))
        if self._names and not any(owner in self._names for owner in owners):
            return False
        is_told = self._out.json and entry.get("event") != PLATFORM
        return is_told or self._out.verbose or entry["level"] != "debug"

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
