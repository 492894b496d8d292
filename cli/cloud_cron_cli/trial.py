"""One run of one task, here and now, and everything that comes of it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import channels
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import SystemClock
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.outbox import RealSenders
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.store import MEMORY, Store
from cloud_cron.runs import BACKFILL
from cloud_cron.runtime import naming
from cloud_cron_cli.project import quiet_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cloud_cron.local.host import RunResult
    from cloud_cron.ports import Record
    from cloud_cron.runtime.reports import Delivery
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


class Trial(NamedTuple):
    """`untold` says why nothing came of the run; `others` are deliveries of earlier runs that were waiting."""

    result: RunResult
    deliveries: list[Delivery]
    others: list[Delivery]
    untold: str | None


def attempted(project: Project, task: str, at: datetime | None, given: object, *, sends: bool) -> Trial:
    """Run the task once and deliver what it published.

    Without `sends` everything happens in memory and goes to the outbox; with it, on the database of this stage and
    through the real channels. Raises what the task raises.
    """
    clock, ids = SystemClock(), RandomIds()
    with _store(project, sends=sends) as store, quiet_stdout():
        senders = _senders(project) if sends else None
        ledger = SqliteLedger(store)
        host = Host(
            project.stage,
            project.folder,
            LocalBus(store, clock, ids),
            ledger,
            clock,
            ids,
            MachineSecrets(),
            senders,
            horizon=project.settings.horizon,
            watch=project.settings.watch,
        )
        engine = Engine(project.app, project.model, host)
        if senders:
            senders.connect(engine.ports)
        request = ids.ulid(clock.now())
        result = engine.run(task, at, given, request)
        scheduled = result.run.scheduled_at.astimezone(UTC) if result.run.trigger == BACKFILL else None
        record = ledger.get(naming.run_key(task, scheduled, request))
        deliveries = engine.deliver()
    own = [delivery for delivery in deliveries if delivery.message.run_id == result.run.id]
    others = [delivery for delivery in deliveries if delivery.message.run_id != result.run.id]
    return Trial(result, own, others, _untold(record, request))


def use_aws(choices: Choices) -> None:
    """What was chosen on the command line, where every AWS client of this process finds it."""
    chosen = {
        "AWS_PROFILE": choices.profile,
        "AWS_REGION": choices.region,
        "AWS_DEFAULT_REGION": choices.region,
        "AWS_ENDPOINT_URL": choices.endpoint_url,
    }
    os.environ.update({name: value for name, value in chosen.items() if value})


@contextmanager
def _store(project: Project, *, sends: bool) -> Iterator[Store]:
    """The database of the stage, or one in memory."""
    path = project.folder / ".cloud-cron" / f"{project.stage}.db" if sends else MEMORY
    with Store(path) as store:
        yield store


def _senders(project: Project) -> RealSenders:
    """The channels of all notifiers that may have something to send."""
    ways: dict[str, tuple[channels.Channel, Any]] = {}
    for notifier in project.model.notifiers:
        if notifier.enabled:
            kind = channels.find(notifier.channel)
            ways[notifier.name] = (kind, channels.options_of(kind, notifier.options))
    return RealSenders(ways)


def _untold(record: Record | None, request: str) -> str | None:
    """Why the function was not called, if it was not."""
    if record is None or (record.source == request and record.state != "SKIPPED"):
        return None
    if record.state == "SKIPPED":
        return f"the run was skipped: {record.reason}"
    return "this run was made before, and is not made twice"
