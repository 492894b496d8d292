"""A run: one occurrence of a task, as its function sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from logging import Logger

Trigger = Literal["schedule", "manual", "backfill"]
SCHEDULE: Final[Trigger] = "schedule"
MANUAL: Final[Trigger] = "manual"
BACKFILL: Final[Trigger] = "backfill"


class LastRun(NamedTuple):
    """The last finished run of a task: when it was due (UTC), and what it returned."""

    scheduled_at: datetime
    result: Any


@dataclass(frozen=True)
class Run:
    """What a task is given.

    `scheduled_at`, `previous` and `next` are aware, in the task's zone; the latter two are None for `at()` and on
    demand. `attempt` counts from 1. `secrets` resolves a name when it is asked for.
    """

    task: str
    id: str
    scheduled_at: datetime
    previous: datetime | None
    next: datetime | None
    timezone: str
    attempt: int
    trigger: Trigger
    input: Any
    secrets: Mapping[str, str] = field(repr=False)
    _remaining: Callable[[], float] = field(repr=False, compare=False)
    _last: Callable[[], LastRun | None] = field(repr=False, compare=False)

    def remaining(self) -> float:
        """Seconds until this attempt is cut off."""
        return self._remaining()

    @property
    def last(self) -> LastRun | None:
        """The last finished run of this task, read when asked; None before the first.

        Raises `StoreError` when it cannot be read, `NotFound` (CC613) when its result was large and is gone.
        """
        return self._last()

    @property
    def logger(self) -> Logger:
        """A logger named after the task."""
        from logging import getLogger  # noqa: PLC0415 - only tasks that log pay for it

        return getLogger(f"cloud_cron.task.{self.task}")


def instant(moment: datetime) -> str:
    """The UTC spelling of an instant in ids, events and the ledger: `2030-01-01T08:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run_id(task: str, scheduled_at: datetime) -> str:
    """The id of the run that is due at that instant, whoever starts it."""
    return f"{task}@{instant(scheduled_at)}"


def manual_run_id(task: str, unique: str) -> str:
    """The id of a run on demand."""
    return f"{task}!{unique}"
