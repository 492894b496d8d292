"""What has run on this machine: the database of a stage, which commands look into and change beside its host.

The host sees every change at once, or when it starts. A database is never created here.
"""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from cloud_cron.errors import NotFound
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.log import Log
from cloud_cron.local.site import database, log_file
from cloud_cron.local.store import Store
from cloud_cron.runtime.machine import SystemClock
from cloud_cron_cli.project import home
from cloud_cron_cli.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from cloud_cron.ports import Received
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.output import Output

dev_option: Final = click.option(
    "--dev", is_flag=True, help="The database of `cloud-cron dev`, not the one of `cloud-cron serve`."
)


class Machine(NamedTuple):
    """One database and what stands on it."""

    path: Path
    store: Store
    bus: LocalBus
    ledger: SqliteLedger
    book: Book
    ids: RandomIds

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return SystemClock().now()

    def host(self) -> Serving | None:
        """Who serves it at the moment."""
        return serving(self.path)

    def counts(self, queue: str) -> tuple[int, int]:
        """How many messages wait in a queue and are in flight; none in one that no host has made yet."""
        return self.bus.counts(queue) if queue in self.bus.queues() else (0, 0)

    def letters(self, queue: str) -> list[Received]:
        """Every message of a queue, likewise."""
        return self.bus.peek(queue) if queue in self.bus.queues() else []

    def oldest(self, queue: str) -> Received | None:
        """The message at the head of a queue, likewise."""
        found = self.bus.peek(queue, 1) if queue in self.bus.queues() else []
        return found[0] if found else None

    def user(self) -> str:
        """Who is at the keyboard."""
        return _user()

    def note(self, status: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Keep in the log what a person did, and who that was."""
        log = Log(log_file(self.path), style="")
        log.write(event="operator", status=status, by=_user(), **fields)
        log.close()


def found(choices: Choices, out: Output, *, dev: bool) -> Path:
    """The database of this stage: the one of `serve`, else the one of `dev`, which is said then.

    With `dev` it is that one alone, because whoever asked for it does not expect to send anything. Raises `NotFound`
    (CC740) when there is none.
    """
    folder, stage = home(choices), choices.stage
    served, tried = (database(folder, stage, sends=sends) for sends in (True, False))
    message = f"nothing has run here yet at stage {stage!r}"
    if dev and not tried.is_file():
        hint = f"leave out --dev for {served.name}" if served.is_file() else "`cloud-cron dev` is what makes it run"
        raise NotFound("CC740", f"{message} with `cloud-cron dev`", where=str(tried), hint=hint)
    if dev or served.is_file():
        return tried if dev else served
    if tried.is_file():
        out.note(f"nothing was served here yet: this is about {tried.name}, the database of `cloud-cron dev`")
        return tried
    hint = "begin with `cloud-cron dev` or `cloud-cron serve`, or choose another --stage"
    raise NotFound("CC740", message, where=str(served.parent), hint=hint)


@contextmanager
def entered(choices: Choices, out: Output, *, dev: bool) -> Iterator[Machine]:
    """The database of this stage, opened; raises what `found` and `Store` raise."""
    path, ids = found(choices, out, dev=dev), RandomIds()
    with Store(path) as store:
        yield Machine(path, store, LocalBus(store, SystemClock(), ids), SqliteLedger(store), Book(store), ids)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user who has no name
        return "somebody"
