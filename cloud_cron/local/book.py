"""What one machine remembers about its tasks: since when each is expected to run, and who is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cloud_cron.local.store import Store
    from cloud_cron.model import TaskModel


class Watched(NamedTuple):
    """A task that is expected to run `since` then; every fire time up to `accounted` has its record. Epoch seconds."""

    since: float
    accounted: float


class Book:
    """The page of each task, in a `Store`."""

    def __init__(self, store: Store) -> None:
        """Keep the pages in `store`."""
        self._store = store

    def expect(self, tasks: Sequence[TaskModel], now: float) -> dict[str, Watched]:
        """Begin a page for each task that has none, or whose schedule is another one now; forget all other tasks.

        A task that is new, enabled again or scheduled anew is expected from now on: nothing is caught up for the time
        before.
        """
        plans = {task.name: _plan(task) for task in tasks}
        with self._store.transaction() as db:
            for name, plan in db.execute("SELECT name, plan FROM tasks").fetchall():
                if plans.get(name) != plan:
                    db.execute("DELETE FROM tasks WHERE name = ?", (name,))
            rows = [(name, plan, now, now) for name, plan in plans.items()]
            db.executemany("INSERT OR IGNORE INTO tasks (name, plan, since, accounted) VALUES (?, ?, ?, ?)", rows)
        return self.pages()

    def pages(self) -> dict[str, Watched]:
        """Every page by the task's name."""
        rows = self._store.rows("SELECT name, since, accounted FROM tasks")
        return {name: Watched(since, accounted) for name, since, accounted in rows}

    def account(self, until: Mapping[str, float]) -> None:
        """Note up to when the fire times of each of these tasks have their records."""
        with self._store.transaction() as db:
            rows = [(at, name) for name, at in until.items()]
            db.executemany("UPDATE tasks SET accounted = max(accounted, ?) WHERE name = ?", rows)

    def pause(self, names: Iterable[str], now: float) -> None:
        """Let tasks skip their fire times, and notifiers leave their messages, until they are resumed."""
        with self._store.transaction() as db:
            rows = [(name, now) for name in names]
            db.executemany("INSERT OR IGNORE INTO paused (name, since) VALUES (?, ?)", rows)

    def resume(self, names: Iterable[str]) -> None:
        """Let them go on."""
        with self._store.transaction() as db:
            db.executemany("DELETE FROM paused WHERE name = ?", [(name,) for name in names])

    def paused(self) -> dict[str, float]:
        """Who is paused, and since when (epoch seconds)."""
        return dict(self._store.rows("SELECT name, since FROM paused ORDER BY name"))

    def told(self, queue: str) -> int:
        """Up to when (epoch microseconds) somebody was told what came into a dead-letter queue."""
        rows = self._store.rows("SELECT until FROM told WHERE queue = ?", (queue,))
        return int(rows[0][0]) if rows else 0

    def tell(self, queue: str, until: int) -> None:
        """Note that somebody was told, inside the transaction that tells it."""
        self._store.change("INSERT OR REPLACE INTO told (queue, until) VALUES (?, ?)", (queue, until))


def _plan(task: TaskModel) -> str:
    """What decides about the fire times of a task."""
    return "|".join([*task.schedules, task.timezone, task.start or "", task.end or ""])
