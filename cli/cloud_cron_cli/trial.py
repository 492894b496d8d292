"""One run of one task, here and now, and everything that comes of it."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.errors import CloudCronError
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.engine import Engine
from cloud_cron.local.host import Host, RunResult
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.local.store import MEMORY, Store
from cloud_cron.runs import BACKFILL
from cloud_cron.runtime import naming
from cloud_cron.runtime.machine import SystemClock
from cloud_cron.runtime.senders import RealSenders, ways
from cloud_cron_cli.project import quiet_stdout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.ports import Record
    from cloud_cron.runtime.reports import Delivery
    from cloud_cron_cli.options import Choices
    from cloud_cron_cli.project import Project


class Trial(NamedTuple):
    """One run and what came of it.

    `untold` says why nothing did, `is_made` whether the run is done all the same; `error` is what the task raised;
    `others` are deliveries of earlier runs that were waiting.
    """

    result: RunResult
    deliveries: list[Delivery]
    others: list[Delivery]
    untold: str | None = None
    is_made: bool = True
    error: Exception | None = None


def attempted(project: Project, task: str, at: datetime | None, given: object, *, sends: bool) -> Trial:
    """Run the task once and deliver what it published.

    Without `sends` everything happens in memory and goes to the outbox; with it, on the database of this stage and
    through the real channels, which only those who hear of this task need.
    """
    clock, ids, clients = SystemClock(), RandomIds(), MachineClients()
    with _store(project, sends=sends) as store, quiet_stdout(), ExitStack() as stack:
        senders = _senders(project, task) if sends else None
        ledger = SqliteLedger(store)
        host = Host(
            project.stage,
            project.folder,
            LocalBus(store, clock, ids),
            ledger,
            clock,
            ids,
            MachineSecrets(AwsSecrets(clients, clock)),
            senders,
            horizon=project.settings.horizon,
            watch=project.settings.watch,
            payloads=SqlitePayloads(store, clock),
        )
        engine = Engine(project.app, project.model, host)
        if senders:
            stack.callback(senders.close)
            senders.connect(replace(engine.ports, services=clients))
        request = ids.ulid(clock.now())
        try:
            result = engine.run(task, at, given, request)
        except CloudCronError:
            raise
        except Exception as error:
            if engine.last_attempt is None:
                raise
            return Trial(RunResult(engine.last_attempt, None, []), [], [], error=error)
        scheduled = result.run.scheduled_at.astimezone(UTC) if result.run.trigger == BACKFILL else None
        record = ledger.get(naming.run_key(task, scheduled, request))
        deliveries = engine.deliver()
    own = [delivery for delivery in deliveries if delivery.message.run_id == result.run.id]
    others = [delivery for delivery in deliveries if delivery.message.run_id != result.run.id]
    return Trial(result, own, others, _untold(record, request), is_made=record is None or record.state == "DONE")


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


def _senders(project: Project, task: str) -> RealSenders:
    """The channels of the notifiers that hear of the task, or of what goes wrong with it."""
    model = project.model.task(task)
    topics = {*(model.topics if model else ()), project.settings.watch}
    hearers = (part for part in project.model.notifiers if part.enabled and topics.intersection(part.topics))
    return RealSenders(ways(hearers))


def _untold(record: Record | None, request: str) -> str | None:
    """Why the function was not called, if it was not."""
    if record is None or (record.source == request and record.state != "SKIPPED"):
        return None
    if record.state == "SKIPPED":
        return f"the run was skipped: {record.reason}"
    if record.state in {"CLAIMED", "RECORDED"}:
        until = datetime.fromtimestamp(record.lease, UTC)
        return f"this run is under way, or was cut off: it can be taken up again after {until:%H:%M:%S} UTC"
    return "this run was made before, and is not made twice"
