"""Which runs are owed: the fire times of the model, minus what has a record.

A fire time is owed until the ledger has a record of its run. So nothing is lost when a worker dies before it could
claim the run, and nothing runs twice when the clock is set back. What came due while nobody looked is caught up as the
task says; the rest is recorded as missed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.encoding import dumps
from cloud_cron.ports import Record
from cloud_cron.runs import SCHEDULE, instant
from cloud_cron.runtime import naming
from cloud_cron.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Any

    from cloud_cron.local.book import Book
    from cloud_cron.model import AppModel, TaskModel
    from cloud_cron.ports import Ledger

PRECISION: Final = timedelta(seconds=60)
"""How late a run may begin and still count as on time (Scheduler User Guide, "Schedule types": 60-second precision)."""

_MOMENT: Final = timedelta(seconds=1)
MISSED: Final = "MISSED"
SKIPPED: Final = "SKIPPED"


class Fire(NamedTuple):
    """A task at one of its fire times, in UTC."""

    at: datetime
    task: str

    @property
    def event(self) -> dict[str, Any]:
        """What the entrypoint is called with."""
        return {"task": self.task, "scheduled_at": instant(self.at), "trigger": SCHEDULE}


def caught_up(task: TaskModel, fires: Sequence[datetime], now: datetime) -> tuple[list[datetime], list[datetime]]:
    """Of fire times that came due: which are to run, and which are missed.

    One that is on time runs. Of those that are late, `latest` runs the last one unless a newer one is on time, `none`
    runs none, `all` runs all and `all(n)` the last n.
    """
    grace = max(PRECISION, timedelta(minutes=task.window or 0))
    late = [time for time in fires if now - time > grace]
    punctual = [time for time in fires if now - time <= grace]
    keep = _kept(task.catchup, len(late), on_time=bool(punctual))
    return late[len(late) - keep :] + punctual, late[: len(late) - keep]


def _kept(catchup: str, late: int, *, on_time: bool) -> int:
    match catchup:
        case "none":
            return 0
        case "latest":
            return 0 if on_time else min(late, 1)
        case _:
            limit = re.search(r"[0-9]+", catchup)
            return min(late, int(limit[0])) if limit else late


class Scheduler:
    """Hands out the runs of a model, each until it has a record; `horizon` in seconds is how far back it looks."""

    def __init__(self, model: AppModel, book: Book, ledger: Ledger, now: datetime, *, horizon: float) -> None:
        """Find what came due since the book was last written; nothing is handed out yet."""
        self._tasks = {task.name: task for task in model.tasks if task.enabled and task.schedules}
        self._tables = {name: Timetable(task) for name, task in self._tasks.items()}
        self._book = book
        self._ledger = ledger
        self._owed: dict[str, list[datetime]] = {}
        self.given: set[Fire] = set()
        self._failures: dict[Fire, int] = {}
        self._held: dict[Fire, datetime] = {}
        pages = book.expect(list(self._tasks.values()), now.timestamp())
        earliest = now - timedelta(seconds=horizon)
        self._coming: list[tuple[datetime, str]] = []
        for name, table in self._tables.items():
            since = max(datetime.fromtimestamp(pages[name].accounted, UTC), earliest)
            fires = [time.astimezone(UTC) for time in table.fires(since, now)]
            self._owed[name] = [time for time in fires if not self._has_record(Fire(time, name))]
            following = self._after(name, max(since, now))  # the book is ahead of a clock that was set back
            if following:
                self._coming.append((following, name))
        heapify(self._coming)

    def next(self) -> datetime | None:
        """The next fire time that has not come due."""
        return self._coming[0][0] if self._coming else None

    def take(
        self,
        now: datetime,
        *,
        room: int,
        paused: Collection[str] = (),
        busy: Collection[str] = (),
        ahead: timedelta = timedelta(0),
    ) -> tuple[list[Fire], list[Fire]]:
        """Up to `room` runs to begin, oldest first, and those that are recorded as missed now.

        Those due within `ahead` are included, so that a worker can be made ready before its time. Tasks that are `busy`
        with the past are left waiting; they would only be skipped. Whoever begins one
        calls `settle` when it is over. Raises `StoreError`; then nothing was handed out.
        """
        self._advance(now + ahead)
        missed: list[Fire] = []
        ready: list[Fire] = []
        for name in [name for name, owed in self._owed.items() if owed]:
            if name in paused:
                self._skip(name, now)
                continue
            if name in busy:
                continue
            waiting = [time for time in self._owed[name] if Fire(time, name) not in self.given]
            run, late = caught_up(self._tasks[name], waiting, now)
            missed += [Fire(time, name) for time in late if self._miss(name, time)]
            ready += [fire for time in run if self._held.get(fire := Fire(time, name), now) <= now]
        chosen = sorted(ready)[: max(0, room)]
        self.given.update(chosen)
        return chosen, missed

    def settle(self, fire: Fire, now: datetime) -> bool:
        """Whether a run that was handed out has a record now; if not, it is owed again, after a pause that grows."""
        self.given.discard(fire)
        if not self._has_record(fire):
            tries = self._failures[fire] = self._failures.get(fire, 0) + 1
            self._held[fire] = now + timedelta(seconds=min(60, 2**tries))
            return False
        self._failures.pop(fire, None)
        self._held.pop(fire, None)
        if fire.at in self._owed.get(fire.task, ()):
            self._owed[fire.task].remove(fire.at)
        return True

    def account(self, now: datetime) -> None:
        """Write into the book up to when everything has its record."""
        self._advance(now)
        ends = {name: min([now, *(time - _MOMENT for time in owed)]) for name, owed in self._owed.items()}
        self._book.account({name: end.timestamp() for name, end in ends.items()})

    def is_owing(self) -> bool:
        """Whether something that came due waits to be begun."""
        begun = sum(fire.at in self._owed.get(fire.task, ()) for fire in self.given)
        return sum(map(len, self._owed.values())) > begun

    def _advance(self, until: datetime) -> None:
        """Owe everything that comes due up to then."""
        while self._coming and self._coming[0][0] <= until:
            time, name = heappop(self._coming)
            self._owed[name].append(time)
            following = self._after(name, time)
            if following:
                heappush(self._coming, (following, name))

    def _after(self, name: str, time: datetime) -> datetime | None:
        following = self._tables[name].next(time)
        return following.astimezone(UTC) if following else None

    def _has_record(self, fire: Fire) -> bool:
        return self._ledger.get(naming.run_key(fire.task, fire.at, "")) is not None

    def _miss(self, name: str, time: datetime) -> bool:
        """Record a run that will not be; False when somebody made it after all."""
        return self._write(name, time, MISSED, "nobody could begin it in time")

    def _skip(self, name: str, now: datetime) -> None:
        """Record what comes due during a pause."""
        for time in [time for time in self._owed[name] if time <= now and Fire(time, name) not in self.given]:
            self._write(name, time, SKIPPED, "paused")

    def _write(self, name: str, time: datetime, state: str, reason: str) -> bool:
        event = dumps({"event": Fire(time, name).event})
        record = Record(state, reason=reason, at=time.timestamp(), data=event)
        found = self._ledger.create(naming.run_key(name, time, ""), record)
        self._owed[name].remove(time)
        return found is None
