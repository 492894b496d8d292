"""Runs by the names that people know them by."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Record


def name(key: Key) -> str:
    """The id of the run whose record that is: `morning@2030-01-01T07:00:00Z`, or `morning!01JG...` on demand."""
    task = key.partition.removeprefix("R#")
    return f"{task}{key.sort}" if key.sort.startswith("!") else f"{task}@{key.sort}"


def part(known: str) -> str:
    """The task of a run by the run's id; any other name as it is."""
    return re.split("[@!]", known, maxsplit=1)[0] or known


def told(task: TaskModel, run: tuple[Key, Record] | None) -> dict[str, Any] | None:
    """A run as `status --json` tells it: `{"run_id", "scheduled_at", "state", "reason"}`, in the task's zone."""
    if run is None:
        return None
    key, record = run
    return {
        "run_id": name(key),
        "scheduled_at": datetime.fromtimestamp(record.at, ZoneInfo(task.timezone)).isoformat(),
        "state": record.state.lower(),
        "reason": record.reason or None,
    }
