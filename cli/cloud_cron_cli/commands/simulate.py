"""`cloud-cron simulate`: days of this app on virtual time, in which everything goes wrong that can."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from cloud_cron_cli import words
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, bad, dim, doubtful, good, strong
from cloud_cron_cli.project import opened, quiet_stdout
from cloud_cron_cli.table import HELP
from cloud_cron_cli.trial import use_aws

if TYPE_CHECKING:
    from cloud_cron.testing.simulator.simulation import SimulationReport
    from cloud_cron.testing.simulator.weather import Level

_START = datetime(2030, 1, 1, tzinfo=UTC)


@click.command(
    "simulate",
    cls=Command,
    short_help=HELP["simulate"],
    epilog="""\b
Examples:
  cloud-cron simulate
  cloud-cron simulate --days 2 --faults rough --seeds 50
  cloud-cron simulate --faults rough --seed 17""",
)
@click.option(
    "--days", type=click.FloatRange(0, 366, min_open=True), default=7, show_default=True, help="Virtual days."
)
@click.option(
    "--faults",
    type=click.Choice(["none", "mild", "rough"]),
    default="mild",
    show_default=True,
    help="At how many calls something goes wrong: at one in a thousand, or one in twenty.",
)
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="How often, each time otherwise.")
@click.option("--seed", type=click.IntRange(0), help="Play this one again.")
@click.pass_obj
def command(choices: Choices, days: float, faults: Level, seeds: int, seed: int | None) -> int:
    """Let the app run for virtual days on a model of AWS, and check what is promised.

    Tasks and notifiers are really called, once for each of their runs and messages, with their real secrets; nothing is
    sent. Workers die and pause, calls fail before and after they took effect, providers answer in every way, schedules
    are late or come twice, clocks are wrong, dead letters are redriven. Then all is well again, and every run and every
    delivery must be accounted for. Exit code 1 when a guarantee is broken: that is a mistake of cloud-cron, and what is
    printed is how to find it again.

    With --json: {"seeds", "runs", "effects", "crashes", "lost", "max_acceptances", "duplicates", "doubt",
    "order_breaks", "faults", "calls", "raised", "story"}, where `story` is null unless a guarantee is broken.
    """
    from cloud_cron.testing.simulator.simulation import Episode, GuaranteeError, simulated  # noqa: PLC0415 - `--help` does without
    from cloud_cron_cli.simulating import setup_of  # noqa: PLC0415 - the same

    project, out = opened(choices), Output(choices)
    use_aws(choices)
    episode, story = Episode(setup_of(project), _START, days), None
    try:
        with quiet_stdout():
            report = simulated(episode, faults, range(seeds) if seed is None else [seed])
    except GuaranteeError as broken:
        report, story = broken.report, str(broken)
    if out.json:
        out.data({**asdict(report), "story": story})
    elif story:
        out.say(f"{bad('✗')} {story}")
    else:
        _print(out, report, days, faults)
    return 1 if story else 0


def _print(out: Output, report: SimulationReport, days: float, faults: Level) -> None:
    length = words.count(int(days), "virtual day") if days.is_integer() else f"{days:g} virtual days"
    played = f"{length}, {words.count(report.seeds, 'time')}, {faults} faults"
    out.say(f"{good('✓')} {strong('nothing lost, nobody told too often, nothing out of order')}  {dim(played)}")
    rows: list[list[Any]] = [
        ["runs", f"{report.runs:,}", f"attempts that raised: {report.raised:,}" if report.raised else ""],
        ["deliveries", f"{report.effects:,}", f"told again after a fault: {report.duplicates:,}"],
        ["faults", f"{report.faults:,}", f"workers that died: {report.crashes:,}"],
        ["at most", words.count(report.max_acceptances, "acceptance"), "of one message for one recipient"],
        ["in doubt", f"{report.doubt:,}", "may have been sent, and are in a dead-letter queue"],
    ]
    out.table(["", "", ""], [[name, number, dim(more)] for name, number, more in rows])
    if report.raised:
        out.note(doubtful("some tasks raised: `cloud-cron invoke TASK` shows why"))
