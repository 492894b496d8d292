"""The host of one machine around the current project, which `dev` and `serve` run each in their own way."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloud_cron import config
from cloud_cron.errors import UnsupportedError
from cloud_cron_cli.project import home
from cloud_cron_cli.trial import use_aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.local.service import Service
    from cloud_cron_cli.options import Choices


@contextmanager
def hosted(  # noqa: PLR0913 - what a person may choose
    choices: Choices, command: str, *, sends: bool, style: str, room: int = 16, grace: float = 30.0, chaos: float = 0.0
) -> Iterator[Service]:
    """A service on the database of this stage, which is locked meanwhile. The user's code is not imported here.

    Raises `StoreError` when the database or its lock cannot be had, what finding the project and reading its
    configuration raise, and CC150 on Windows.
    """
    check_platform(command)
    from cloud_cron.local.clock import SteppedClock  # noqa: PLC0415 - not there on Windows
    from cloud_cron.local.lock import HostLock, holder  # noqa: PLC0415 - the same
    from cloud_cron.local.log import Log  # noqa: PLC0415 - the same
    from cloud_cron.local.service import Service  # noqa: PLC0415 - the same
    from cloud_cron.local.site import Site, database, log_file  # noqa: PLC0415 - the same
    from cloud_cron.local.store import Store  # noqa: PLC0415 - the same

    folder = home(choices)
    config.load(folder, choices.stage)
    use_aws(choices)
    path = database(folder, choices.stage, sends=sends)
    since = datetime.now(UTC).isoformat(timespec="seconds")
    with HostLock(path, holder(command, since)) as lock, Store(path) as store:
        place = (str(folder), choices.stage, str(path), str(log_file(path)))
        site = Site(*place, entry=choices.app, sends=sends, style=style, chaos=chaos)
        log = Log(site.log, style)
        yield Service(site, store, SteppedClock(), log, lock, room=room, grace=grace)


def check_platform(command: str) -> None:
    """Raise CC150 where no host can be, before anything is imported that is not there."""
    if sys.platform == "win32":
        message = f"`{command}` needs Linux or macOS: it forks a process for each run"
        raise UnsupportedError("CC150", message, hint="use WSL, or a container")
