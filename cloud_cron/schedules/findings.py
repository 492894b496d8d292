"""What the linter has to say: legal, and probably not meant."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One remark on a task's schedules.

    `task` is the name it was given under, so that a caller can say where that is declared; `expression` the schedule it
    is about, None when it is about the task as a whole; `others` the further tasks concerned.
    """

    code: str
    message: str
    hint: str
    task: str
    expression: str | None = None
    others: tuple[str, ...] = ()
