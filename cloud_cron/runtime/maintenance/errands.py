"""What is to be told, written down before it is told: a crash in between repeats the very same words, or none.

A message of another content under the id of an earlier one would be refused as a mistake of the task.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud_cron.encoding import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.ports import Key, Record
    from cloud_cron.runtime.maintenance.rounds import Desk


def written(about: str, payload: Mapping[str, Any]) -> str:
    """The data of a record that says what is to be told; `about` is as `Watch.tell` takes it."""
    return dumps({"about": about, "payload": dict(payload)})


def told(desk: Desk, key: Key, record: Record) -> Record | None:
    """Tell what the record says, and note that it was told.

    The record as it is then; None when another round is at it.
    """
    if not record.data:
        return record
    errand = json.loads(record.data)
    desk.watch.tell(errand["about"], errand["payload"])
    return moved(desk, key, record, record._replace(data=""))


def moved(desk: Desk, key: Key, record: Record | None, after: Record) -> Record | None:
    """Write what follows the record, or the first one; None when another round was faster."""
    after = after._replace(token=desk.ports.ids.token())
    ledger = desk.ports.ledger
    done = ledger.create(key, after) is None if record is None else ledger.swap(key, record, after)
    return after if done else None
