"""A run: one occurrence of a task, as its function sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from cloud_cron.values import value

TYPE_CHECKING = False  # the cheapest task runs without loading typing
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo
    from logging import Logger
    from typing import Any, Final, Literal

    from cloud_cron.timetable import Timetable

    Trigger = Literal["schedule", "manual", "backfill"]

SCHEDULE: Final[Trigger] = "schedule"
MANUAL: Final[Trigger] = "manual"
BACKFILL: Final[Trigger] = "backfill"
_REMEMBERED: Final = 256


@value(frozen=True)
class LastRun:
    """The last finished run of a task: when it was due (UTC), and what it returned."""

    scheduled_at: datetime
    result: Any


@value(frozen=True)
class Run:
    """What a task is given.

    `id` is such as `morning@2030-01-01T08:00:00Z`, and on demand `morning!` with an id of its own. `scheduled_at`,
    `previous` and `next` are aware, in the task's zone; the latter two are None for `at()` and on demand. `attempt`
    counts from 1; `trigger` is `schedule`, `manual` or `backfill`; `input` is the JSON value of the decorator, or of
    whoever called. `secrets` resolves a name when it is asked for, and raises `NotFound` (CC507) when its reference
    leads nowhere.
    """

    task: str
    id: str
    scheduled_at: datetime
    timezone: str
    attempt: int
    trigger: Trigger
    input: Any
    secrets: Mapping[str, str]
    _timetable: Callable[[], Timetable] | None
    _remaining: Callable[[], float]
    _last: Callable[[], LastRun | None]
    _unshown = frozenset({"secrets", "_timetable", "_remaining", "_last"})

    @property
    def previous(self) -> datetime | None:
        """The fire time before this one, found when asked."""
        return self._timetable().previous(self.scheduled_at) if self._timetable else None

    @property
    def next(self) -> datetime | None:
        """The fire time after this one, found when asked."""
        return self._timetable().next(self.scheduled_at) if self._timetable else None

    def remaining(self) -> float:
        """Seconds until this attempt is cut off."""
        return self._remaining()

    @property
    def last(self) -> LastRun | None:
        """The last finished run of this task, read when asked; None before the first.

        It has `scheduled_at` (aware, in UTC) and `result`, a JSON value. Raises `StoreError` (CC901 to CC908) when it
        cannot be read, `NotFound` (CC613) when its result was large and is gone.
        """
        return self._last()

    @property
    def logger(self) -> Logger:
        """A logger named after the task, `cloud_cron.task.<name>`."""
        from logging import getLogger  # noqa: PLC0415 - only tasks that log pay for it

        return getLogger(f"cloud_cron.task.{self.task}")


def instant(moment: datetime) -> str:
    """The UTC spelling of an instant in ids, events and the ledger: `2030-01-01T08:00:00Z`."""
    return _spelt(moment.astimezone(UTC))


@lru_cache(maxsize=_REMEMBERED)  # a run spells its instant in its key, its event, its id and each of its messages
def _spelt(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds').removesuffix('+00:00')}Z"


def run_id(task: str, scheduled_at: datetime) -> str:
    """The id of the run that is due at that instant, whoever starts it."""
    return f"{task}@{instant(scheduled_at)}"


def manual_run_id(task: str, unique: str) -> str:
    """The id of a run on demand."""
    return f"{task}!{unique}"


def repeat(again: int) -> str:
    """What tells a further run of the same time from the first one: `#1`, `#2`."""
    return f"#{again}" if again else ""


def in_zone(moment: datetime, timezone: str) -> datetime:
    """The instant in a zone of the IANA database."""
    return moment.astimezone(_zone(timezone))


@lru_cache(maxsize=_REMEMBERED)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - UTC does without its reader

    return ZoneInfo(name)
