"""What each status of a stack asks for (CloudFormation User Guide, "Stack status codes")."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """The one step that leads on from a status."""

    CREATE = "create"
    UPDATE = "update"
    WAIT = "wait"
    REPAIR = "repair"
    REPLACE = "replace"
    FORCE = "force"
    GO_ON = "go on"


_ACTIONS: Final = {
    "REVIEW_IN_PROGRESS": Action.CREATE,
    "DELETE_COMPLETE": Action.CREATE,
    "CREATE_COMPLETE": Action.UPDATE,
    "UPDATE_COMPLETE": Action.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": Action.UPDATE,
    "IMPORT_COMPLETE": Action.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": Action.UPDATE,
    "CREATE_FAILED": Action.REPAIR,
    "UPDATE_FAILED": Action.REPAIR,
    "ROLLBACK_COMPLETE": Action.REPLACE,
    "ROLLBACK_FAILED": Action.REPLACE,
    "DELETE_FAILED": Action.FORCE,
    "UPDATE_ROLLBACK_FAILED": Action.GO_ON,
    "IMPORT_ROLLBACK_FAILED": Action.GO_ON,
}

GOOD: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
"""Where a change that succeeded comes to rest."""

FAILED: Final = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})
"""A failed change whose resources were kept."""


def action(status: str | None) -> Action:
    """The step from a status, None for a stack that is not there. Whatever is under way is waited for."""
    if status is None:
        return Action.CREATE
    if status in _ACTIONS:
        return _ACTIONS[status]
    if status.endswith("_IN_PROGRESS"):
        return Action.WAIT
    message = f"CloudFormation has no status {status!r}"
    raise ValueError(message)


def resting(status: str) -> bool:
    """Whether nothing happens to the stack by itself any more."""
    return action(status) is not Action.WAIT
