"""Runs by the names that people know them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.ports import Key


def name(key: Key) -> str:
    """The id of the run whose record that is: `morning@2030-01-01T07:00:00Z`, or `morning!01JG...` on demand."""
    task = key.partition.removeprefix("R#")
    return f"{task}{key.sort}" if key.sort.startswith("!") else f"{task}@{key.sort}"
