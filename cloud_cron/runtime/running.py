"""A claimed run as its function sees it, and the event that would ask for it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.runs import LastRun, instant
from cloud_cron.runtime import parcels
from cloud_cron.runtime.viewing import view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.functions import Function
    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Ports, Record
    from cloud_cron.runs import Run
    from cloud_cron.runtime.invocations import Invocation
    from cloud_cron.timetable import Timetable

DONE: Final = "DONE"


@dataclass(frozen=True)
class Bench:
    """Everything that stays the same from one run of a task to the next."""

    app: str
    stage: str
    task: TaskModel
    function: Function
    secrets: Mapping[str, str]
    ports: Ports

    @cached_property
    def timetable(self) -> Timetable:
        """When the task is due, which few runs ask for."""
        from cloud_cron.timetable import Timetable  # noqa: PLC0415 - the same

        return Timetable(self.task)


def seen(bench: Bench, asked: Invocation, key: Key, claim: Record, remaining: Callable[[], float]) -> Run:
    """The run at `key` that a claim is for."""
    return view(
        bench.task,
        asked,
        datetime.fromtimestamp(claim.at, UTC),
        key.sort.removeprefix("!"),
        attempt=claim.attempts,
        timetable=lambda: bench.timetable,
        secrets=bench.secrets,
        remaining=remaining,
        last=lambda: last(bench),
    )


def last(bench: Bench) -> LastRun | None:
    """The last finished run of the task, from the ledger; NotFound (CC613) when its result is put aside and gone."""
    record = bench.ports.ledger.latest(f"R#{bench.task.name}", DONE)
    if record is None:
        return None
    result = parcels.from_record(bench.ports.payloads, record)["result"]
    return LastRun(datetime.fromtimestamp(record.at, UTC), result)


def repeated(task: TaskModel, asked: Invocation, now: datetime, request: str) -> dict[str, Any]:
    """The record's data of a claimed run: the event that asks for this very run again, whoever sends it."""
    if asked.scheduled_at is None:
        return {"event": {"as_of": instant(asked.as_of or now), "input": asked.input, "request": request}}
    event: dict[str, Any] = {"task": task.name, "scheduled_at": instant(asked.scheduled_at), "trigger": asked.trigger}
    if asked.input is not None:
        event["input"] = asked.input
    if asked.again:
        event["again"] = asked.again
    return {"event": event}
