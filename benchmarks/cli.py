"""What `cloud-cron --help` and `--version` cost, beside a bare click group with as many commands.

CPU is user + system time of a child process as the kernel accounts it. Both sides take turns, so that they meet the
same neighbours; both run from bytecode. The figure is the median of the pairs' ratios. Needs a POSIX system.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median, quantiles

from cloud_cron_cli.table import HELP

GOAL = 1.3
PAIRS = 12

OURS = "from cloud_cron_cli.main import main; main()"
BARE = "from bare_cli import cli; cli()"
GROUP = """
import click

@click.group()
def cli():
    "A bare group."
"""
COMMAND = """
@cli.command()
def c{number}():
    "{help}"
"""


def main() -> None:
    """Measure, and print the figures beside the goal."""
    with tempfile.TemporaryDirectory() as folder:
        commands = "".join(COMMAND.format(number=number, help=text) for number, text in enumerate(HELP.values()))
        Path(folder, "bare_cli.py").write_text(GROUP + commands, encoding="utf-8")
        print(f"start-up of the command line, {len(HELP)} commands, {PAIRS} alternating pairs, CPU of the child")
        for argument in ("--help", "--version"):
            measure(Path(folder), argument)


def measure(folder: Path, argument: str) -> None:
    """One line: our command with that argument beside the bare group's `--help`."""
    sides = ((OURS, argument), (BARE, "--help"))
    for side in sides:  # the first run writes the bytecode
        cpu_ms(folder, *side)
    pairs = [tuple(cpu_ms(folder, *side) for side in sides) for _ in range(PAIRS)]
    low, middle, high = quantiles([ours / bare for ours, bare in pairs], n=4)
    ours, bare = (median(side) for side in zip(*pairs, strict=True))
    print(
        f"  {argument:10} {ours / 1000:.3f} s, bare click group {bare / 1000:.3f} s:"
        f" {middle:.2f} x (quartiles {low:.2f} to {high:.2f}); goal {GOAL} x"
    )


def cpu_ms(folder: Path, code: str, argument: str) -> float:
    """Milliseconds of CPU that a fresh interpreter takes for the code with that argument."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code, argument], check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main()
