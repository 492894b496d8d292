"""What the readers of the three forms raise: what is wrong and where, without a word of prose.

The prose is made by the `mistakes_*` modules, which are imported only when somebody made one.
"""

from __future__ import annotations

from typing import Final

MAX_LENGTH: Final = 256
"""The longest expression, in characters (Scheduler API model, CreateSchedule, ScheduleExpression)."""

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
"""The years that an expression may name (EventBridge Scheduler User Guide, Schedule types)."""


class Refused(Exception):  # noqa: N818 - a verdict on its way to becoming a ScheduleError
    """An expression that AWS refuses, or whose meaning on AWS nobody documents."""

    def __init__(self, kind: str, field: int = -1, item: str = "") -> None:
        """`kind` names the broken rule; `field` counts the cron fields from 0; `item` is the offending part."""
        super().__init__(kind, field, item)
        self.kind = kind
        self.field = field
        self.item = item
