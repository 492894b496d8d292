"""Runs that nobody will make on AWS without a person: from the queues of what failed, and from the ledger.

With a watch, maintenance reads those queues, tells of what it finds, and takes it out; the ledger has each run then,
with the event that asks for it again. Without one the letters stay in their queues.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cloud_cron.aws import failures
from cloud_cron.errors import EventError
from cloud_cron.runtime import naming
from cloud_cron.runtime.invocations import invocation
from cloud_cron_cli import runs
from cloud_cron_cli.deploy.aws_shelf import read
from cloud_cron_cli.operating.letters import SCHEDULER, TASK, Heap, LostRun, asked_again, of_record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Received
    from cloud_cron.runtime.maintenance.hands import Failure
    from cloud_cron_cli.deploy.aws_shelf import Shelf
    from cloud_cron_cli.deploy.aws_standing import AwsStanding


@dataclass(frozen=True)
class Sources:
    """Where they are: two queues and a table, and the names of functions with the tasks that they are."""

    failures: str
    schedules: str
    table: str
    functions: Mapping[str, str]


def lost(shelf: Shelf, standing: AwsStanding, sources: Sources, task: str | None, now: datetime) -> Heap[LostRun]:
    """Those of one task, or of all and of nobody, oldest first; a run that is in both is told of once."""
    found, unseen = _in_queues(shelf, sources, now)
    known = {run.key for run in found}
    for name in sources.functions.values():
        if task in {None, name}:
            records, more = standing.given_up(sources.table, name)
            found += [of_record(key, record) for key, record in records if key not in known]
            unseen += more
    chosen = [run for run in found if task in {None, run.task}]
    return Heap(sorted(chosen, key=lambda run: (run.hop != SCHEDULER, run.at)), unseen)


def _in_queues(shelf: Shelf, sources: Sources, now: datetime) -> tuple[list[LostRun], int]:
    found: list[LostRun] = []
    raws, unseen = shelf.look(sources.schedules)
    for raw in raws:
        failure = failures.unstarted(sources.schedules, raw)
        found.append(_read(SCHEDULER, read(sources.schedules, raw), failure, now))
    raws, more = shelf.look(sources.failures)
    for raw in raws:
        failure = failures.given_up(sources.failures, raw, sources.functions)
        found.append(_read(TASK, read(sources.failures, raw), failure, now))
    return found, unseen + more


def _read(hop: str, received: Received, failure: Failure | None, now: datetime) -> LostRun:
    """One letter; a letter of another kind, or one that asks for no run, says at least why it is there."""
    at = datetime.fromtimestamp(int(received.sent_at), UTC)
    if failure is None:
        return LostRun(hop, None, received.id, "unreadable", "it is no letter of this kind", at, None, None, received)
    task = failure.task or None
    try:
        asked = invocation(dict(failure.event), failure.task, now)
    except EventError as error:
        return LostRun(hop, task, received.id, failure.code, _why(failure, error), at, None, None, received)
    key = naming.run_key(failure.task, asked.scheduled_at, asked.request or failure.request, asked.again)
    event = asked_again(key, failure.event)
    return LostRun(hop, task, runs.name(key), failure.code, failure.reason, at, event, key, received)


def _why(failure: Failure, error: EventError) -> str:
    """What Lambda or Scheduler says, else why the event is none."""
    return failure.reason or error.message
