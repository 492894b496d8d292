"""Why a change failed: what went wrong first, without all that was cancelled because of it."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron_cli.deploy.statuses import resting

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron_cli.deploy.stacks import Event

NO_CHANGES: Final = ("The submitted information didn't contain changes", "No updates are to be performed")
"""What a change set without changes says; it has failed, and nothing is wrong."""

PROPAGATING: Final = (
    "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    "The role defined for the function cannot be assumed by Lambda.",
    "The function execution role does not have permissions to call ReceiveMessage on SQS",
)
"""What services say about a role that is right and a few seconds old (IAM User Guide, "Troubleshoot IAM")."""

_DENIED: Final = "not authorized to perform"
_CANCELLED: Final = ("creation cancelled", "update cancelled", "Resource creation cancelled", "deletion cancelled")
_BEGUN: Final = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS"})


class Operation(NamedTuple):
    """What was asked for: the id of the newest event before it, and the token that its events carry."""

    since: str
    token: str


def is_stack(event: Event) -> bool:
    """Whether the event is about the stack itself."""
    return event.kind == "AWS::CloudFormation::Stack" and ":stack/" in event.physical


def of(asked: Operation, events: Iterable[Event]) -> list[Event]:
    """The events of an operation, oldest first, none before it begins; `events` are newest first.

    Every event of an operation carries its token (CloudFormation API reference, StackEvent); where none carries any,
    as on emulators, they are those of the last operation.
    """
    newer = list(takewhile(lambda event: event.id != asked.since, events))
    if any(event.token for event in newer):
        return [event for event in reversed(newer) if event.token == asked.token]
    return last(newer)


def last(events: Iterable[Event]) -> list[Event]:
    """The events of the last change, oldest first; `events` are newest first and read no further than needed."""
    found: list[Event] = []
    for event in events:
        if found and event.status == "REVIEW_IN_PROGRESS" and is_stack(event):
            break
        found.append(event)
        if is_stack(event) and event.status in _BEGUN:
            break
    return found[::-1]


def ending(events: Sequence[Event]) -> str | None:
    """The status of the stack that an operation ended with; None as long as its events do not tell."""
    status = next((event.status for event in reversed(events) if is_stack(event)), None)
    return status if status and resting(status) else None


def first(events: Sequence[Event]) -> list[Event]:
    """The failures that no other caused, oldest first."""
    return [
        event
        for event in events
        if event.status.endswith("_FAILED")
        and not is_stack(event)
        and not any(text in event.reason for text in _CANCELLED)
    ]


def only_propagating(causes: Sequence[Event]) -> bool:
    """Whether waiting is all that these failures need."""
    return bool(causes) and all(any(text in cause.reason for text in PROPAGATING) for cause in causes)


def told(cause: Event) -> str:
    """One failure in a sentence."""
    return f"{cause.logical} ({cause.kind}): {cause.reason or cause.status}"


def remedy(why: str) -> str:
    """What to do about a failure: CloudFormation has the rights of whoever deploys, and no others."""
    if _DENIED in why:
        return "allow what it names, as docs/howto/rights.md does for a whole deploy, and deploy again"
    return "correct the cause and deploy again"
