"""`cloud-cron backup`: copy the database while its host goes on."""

from __future__ import annotations

from pathlib import Path

import click

from cloud_cron_cli.machine import dev_option, entered
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, dim, good
from cloud_cron_cli.table import HELP


@click.command(
    "backup",
    cls=Command,
    short_help=HELP["backup"],
    epilog="""\b
Examples:
  cloud-cron backup before-upgrade.db
  cloud-cron backup --stage prod "/var/backups/shop-$(date +%F).db" """,
)
@click.argument("file", type=click.Path(path_type=Path))
@dev_option
@click.pass_obj
def command(choices: Choices, file: Path, *, dev: bool) -> None:
    """Copy the database of this stage to FILE, as of one instant, while its host goes on.

    The copy is whole when it appears under its name; a file that is there is not replaced. To restore it, stop the
    host, put the copy in the place of the database, and remove the files beside it that end in -wal and -shm. With
    --json: {"file", "bytes"}.
    """
    out = Output(choices)
    with entered(choices, out, dev=dev) as machine:
        machine.store.copy_to(file)
        source = machine.path.name
    size = file.stat().st_size
    if out.json:
        out.data({"file": str(file), "bytes": size})
    else:
        out.say(f"{good('✓')} {file}  {dim(f'{size:,} bytes, a copy of {source}')}")
