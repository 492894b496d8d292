"""Where a command looks: the database of this machine, or the stage on AWS."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from cloud_cron_cli.machine import entered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.output import Output
    from cloud_cron_cli.project import Project

remote_option: Final = click.option("--remote", is_flag=True, help="Of the stage on AWS, instead of on this machine.")


def one_place(*, dev: bool, remote: bool) -> None:
    """A mistake of usage, if both were asked for."""
    if dev and remote:
        raise click.UsageError("--dev is a database of this machine, and --remote is AWS: choose one")


@contextmanager
def placed(choices: Choices, project: Project, out: Output, *, dev: bool, remote: bool) -> Iterator[Place]:
    """The place, opened; what was looked at on AWS is put down again. Raises what opening and looking raise."""
    one_place(dev=dev, remote=remote)
    if remote:
        with _on_aws(choices, project) as place:
            yield place
        return
    from cloud_cron_cli.operating.machine_place import MachinePlace  # noqa: PLC0415 - AWS does without

    with entered(choices, out, dev=dev) as machine:
        yield MachinePlace(project, machine)


@contextmanager
def _on_aws(choices: Choices, project: Project) -> Iterator[Place]:
    from cloud_cron_cli.stage import place_of  # noqa: PLC0415 - one machine does without

    place = place_of(choices, project)
    try:
        yield place
    finally:
        place.close()
