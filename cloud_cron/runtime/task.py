"""The task core: one attempt of one run.

Claim the run, call the function, record what it returned, publish that, mark the run done. A repeated attempt of a
recorded run publishes what was recorded, and does not call the function again.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.encoding import dumps
from cloud_cron.errors import EventError, NotFound, ResultError, StoreError
from cloud_cron.ports import Record
from cloud_cron.runs import BACKFILL, instant
from cloud_cron.runtime import naming, parcels, results
from cloud_cron.runtime.invocations import invocation
from cloud_cron.runtime.overlap import Lock
from cloud_cron.runtime.reports import RunReport
from cloud_cron.runtime.running import DONE, repeated, seen
from cloud_cron.runtime.viewing import outside
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Ledger
    from cloud_cron.runs import Run
    from cloud_cron.runtime.invocations import Invocation
    from cloud_cron.runtime.reports import RunState
    from cloud_cron.runtime.results import Ready
    from cloud_cron.runtime.running import Bench

CLAIMED: Final = "CLAIMED"
RECORDED: Final = "RECORDED"
RETRY: Final = "RETRY"
FAILED: Final = "FAILED"
SKIPPED: Final = "SKIPPED"
WAITING: Final = "WAITING"

MARGIN: Final = 30.0
RETRY_STEP: Final = 60.0


@dataclass
class _Attempt:
    """One attempt of a run, and the record that it goes by."""

    bench: Bench
    run: Run
    key: Key
    record: Record

    def move(self, state: str, **changes: Any) -> bool:  # noqa: ANN401 - fields of Record
        """Write the next state, if the run is still this attempt's."""
        after = self.record._replace(state=state, **changes)
        moved = self.bench.ports.ledger.swap(self.key, self.record, after)
        self.record = after if moved else self.record
        return moved

    def report(self, state: RunState, **told: Any) -> RunReport:  # noqa: ANN401 - fields of RunReport
        """Tell the journal."""
        report = RunReport(run=self.run, state=state, **told)
        self.bench.ports.journal.note(report)
        return report


def run_task(bench: Bench, asked: Invocation, request_id: str, remaining: Callable[[], float]) -> RunReport:
    """One attempt; raises whatever the function raises, after recording it, and `ResultError` for what it returned.

    `request_id` is the same when the same request is tried again: such an attempt takes over at once, while another
    request for a run whose claim is live is a duplicate and does nothing.
    """
    ports, task = bench.ports, bench.task
    now = ports.clock.now().replace(microsecond=0)  # what ids and events can tell, so that no retry sees another time
    request = asked.request or request_id
    key = naming.run_key(task.name, asked.scheduled_at, request, asked.again)
    event = dumps(repeated(task, asked, now, request))
    lease = now.timestamp() + remaining() + MARGIN
    at = (asked.scheduled_at or asked.as_of or now).timestamp()
    claim = Record(CLAIMED, ports.ids.token(), lease, attempts=1, source=request_id, at=at, data=event)
    found = ports.ledger.create(key, claim)
    claim = claim if found is None else _taken_over(found, claim)
    attempt = _Attempt(bench, seen(bench, asked, key, claim, remaining), key, claim)
    if found and not _may_run(found, claim, asked, now.timestamp()):
        return attempt.report("duplicate", reason=found.state.lower(), result=_result(attempt, found))
    if found and not ports.ledger.swap(key, found, claim):
        return attempt.report("duplicate", reason="another worker was faster")
    if claim.state == RECORDED:
        return _publish_recorded(attempt)
    return _run_claimed(attempt, asked)


def publish_recorded(bench: Bench, key: Key, record: Record, remaining: Callable[[], float]) -> RunReport | None:
    """Publish a recorded run that nobody is at, without its function; None when somebody else took it up.

    Raises what publishing raises, and `EventError` or `NotFound`, after recording that the run failed, when what it
    returned cannot be read.
    """
    ports = bench.ports
    now = ports.clock.now()
    asked = invocation(json.loads(record.data)["event"], bench.task.name, now)
    claim = record._replace(token=ports.ids.token(), lease=now.timestamp() + remaining() + MARGIN)
    if not ports.ledger.swap(key, record, claim):
        return None
    return _publish_recorded(_Attempt(bench, seen(bench, asked, key, claim, remaining), key, claim))


def _taken_over(found: Record, claim: Record) -> Record:
    """The claim of a further attempt; what was recorded stays recorded."""
    if found.state == RECORDED:
        return found._replace(token=claim.token, lease=claim.lease, source=claim.source)
    return claim._replace(attempts=found.attempts + 1, at=found.at, data=found.data)


def _may_run(found: Record, claim: Record, asked: Invocation, now: float) -> bool:
    """Whether this request may go on with a run that somebody was at before; a person may ask for a skipped one."""
    match found.state:
        case "CLAIMED" | "RECORDED":
            return found.source == claim.source or found.lease < now
        case "RETRY" | "FAILED" | "MISSED":
            return True
        case "SKIPPED":
            return asked.trigger == BACKFILL
        case _:
            return False


def _run_claimed(attempt: _Attempt, asked: Invocation) -> RunReport:
    """Everything between claim and publishing."""
    bench, run = attempt.bench, attempt.run
    reason = outside(bench.task, asked)
    if reason:
        attempt.move(SKIPPED, reason=reason)
        return attempt.report("skipped", reason=reason)
    lock = Lock(bench.ports, bench.task, run.id, attempt.key, attempt.record)
    holder = lock.take()
    if holder:
        return _overlapping(attempt, holder)
    try:
        result = bench.function(run)
        payloads = results.checked(bench.task, result)
        issued_at = bench.ports.clock.now().replace(microsecond=0)
        ready = _ready(attempt, payloads, issued_at)
    except Exception as error:
        if isinstance(error, ResultError):
            error.at(bench.task.where)
        _failed(attempt, error, lock)
        raise
    plain = (
        {topic: _shape(result, topic, several) for topic, several in payloads.items()} if result is not None else None
    )
    event = {"event": json.loads(attempt.record.data)["event"]}
    recorded = {"result": plain, "issued_at": instant(issued_at), "payloads": payloads}
    data, digest = parcels.to_record(bench.ports.payloads, event, recorded)
    if not attempt.move(RECORDED, data=data, digest=digest):
        return attempt.report("duplicate", reason="another worker took the run over")
    report = _publish(attempt, ready, plain)
    lock.release()
    return report


def _shape(result: Any, topic: str, several: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - JSON
    """What the task returned under a topic, as JSON: one payload, a list of them, or None."""
    given = result[topic]
    if given is None:
        return None
    return several if isinstance(given, (list, tuple)) else several[0]


def _publish(attempt: _Attempt, ready: list[Ready], result: Any) -> RunReport:  # noqa: ANN401 - JSON
    """Publish what is recorded, and mark the run done; safe to repeat, because every message has its id."""
    batches: dict[str, list[Ready]] = {}
    for each in ready:
        batches.setdefault(each.message.topic, []).append(each)
    for topic, batch in batches.items():
        _hand_over(attempt, topic, batch)
    attempt.move(DONE)
    return attempt.report("done", messages=tuple([each.message for each in ready]), result=result)


def _hand_over(attempt: _Attempt, topic: str, batch: list[Ready]) -> None:
    """Publish to one topic; when that fails the run stays recorded, and is published by whoever comes next."""
    ports = attempt.bench.ports
    try:
        for each in batch:
            if each.aside:
                parcels.put(ports.payloads, each.aside)
        ports.bus.publish(topic, [each.outgoing for each in batch])
    except Exception as error:
        attempt.report("retry", reason=told(error), error=error)
        raise


def _publish_recorded(attempt: _Attempt) -> RunReport:
    """Publish what an earlier attempt recorded; when that is gone or damaged, the run failed for good."""
    try:
        data = parcels.from_record(attempt.bench.ports.payloads, attempt.record)
    except (EventError, NotFound) as error:
        attempt.move(FAILED, code=error.code, reason=told(error))
        attempt.report("failed", reason=told(error), error=error)
        raise
    ready = _ready(attempt, data["payloads"], datetime.fromisoformat(data["issued_at"]))
    return _publish(attempt, ready, data["result"])


def _ready(attempt: _Attempt, payloads: dict[str, list[dict[str, Any]]], issued_at: datetime) -> list[Ready]:
    """The messages of a run, each as topics take it; raises what `results.ready` raises."""
    bench = attempt.bench
    messages = results.messages(bench.app, bench.stage, attempt.run, payloads, issued_at)
    return [results.ready(bench.app, bench.stage, bench.task, each, bench.ports.payloads) for each in messages]


def _result(attempt: _Attempt, found: Record) -> Any:  # noqa: ANN401 - JSON
    """What a run that is over returned; None when that cannot be read, which is nothing to fail a duplicate for."""
    if found.state != DONE:
        return None
    with suppress(EventError, NotFound, StoreError):
        return parcels.from_record(attempt.bench.ports.payloads, found).get("result")
    return None


def _failed(attempt: _Attempt, error: Exception, lock: Lock) -> None:
    """Record a failed attempt: to be tried again, or for good. The error is the user's, whatever the ledger does."""
    bench, count = attempt.bench, attempt.record.attempts
    more = count <= bench.task.retries
    later = bench.ports.clock.now().timestamp() + RETRY_STEP * count
    code, reason = type(error).__name__, told(error)
    try:
        attempt.move(RETRY if more else FAILED, not_before=later if more else 0.0, code=code, reason=reason)
        lock.release()
    except StoreError as lost:
        error.add_note(f"cloud-cron could not record this failure: {lost.message}")
    attempt.report("retry" if more else "failed", reason=reason, error=error)


def abandoned(  # noqa: PLR0913, PLR0917 - a record and its context
    ledger: Ledger, task: TaskModel, key: Key, record: Record, now: float, reason: str
) -> Record | None:
    """Count an attempt whose worker is known to be gone as a failed one; what is recorded now, None if it was not.

    A run that is recorded keeps that, and is published by whoever comes next. Its overlap lock ends with its claim.
    """
    if record.state == RECORDED:
        return None
    more = record.attempts <= task.retries
    later = now + RETRY_STEP * record.attempts if more else 0.0
    after = record._replace(state=RETRY if more else FAILED, not_before=later, code="abandoned", reason=reason)
    return after if ledger.swap(key, record, after) else None


def _overlapping(attempt: _Attempt, holder: str) -> RunReport:
    """Another run of the task is still going: skip this one, or put it aside when no other is waiting already."""
    bench = attempt.bench
    if bench.task.overlap == "queue" and not _another_waits(attempt):
        later = bench.ports.clock.now().timestamp() + RETRY_STEP
        attempt.move(RETRY, attempts=attempt.record.attempts - 1, not_before=later, code=WAITING)
        return attempt.report("waiting", reason=f"{holder} is still running")
    attempt.move(SKIPPED, reason=f"{holder} was still running")
    return attempt.report("skipped", reason=f"{holder} was still running")


def _another_waits(attempt: _Attempt) -> bool:
    """Whether a run of the task was put aside already; only its own runs are any of its business."""
    runs = attempt.bench.ports.ledger.open_runs(attempt.key.partition)
    return any(run.code == WAITING and key != attempt.key for key, run in runs)
