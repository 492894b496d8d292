"""Stacks deleted, and what they leave behind on purpose: queues, the ledger, buckets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy import causes
from cloud_cron_cli.deploy.following import Patience, operate, until_rest
from cloud_cron_cli.deploy.ports import BUCKET, QUEUE, TABLE, Left
from cloud_cron_cli.deploy.statuses import FAILED, resting

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import Stack

LET_GO: Final = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})
"""What a stack says of a resource that is no longer its own: deleted, or left behind."""

_KINDS: Final = {"AWS::SQS::Queue": QUEUE, "AWS::DynamoDB::Table": TABLE, "AWS::S3::Bucket": BUCKET}


def delete(tools: Tools, patience: Patience, stack: Stack) -> None:
    """Delete a stack and wait until it is gone; when that fails, by force, without what cannot be deleted: CC827."""
    if not resting(stack.status):
        rested, _ = until_rest(tools, patience, stack)
        if rested is None:
            return
        stack = rested
    for force in (False, True):
        if force:
            _explain_force(tools, stack)
        left, events = operate(tools, patience, stack, partial(tools.stacks.delete, stack.id, force=force))
        if left is None:
            return
        why = "; ".join(map(causes.told, causes.first(events)[:3])) or left.reason
        tools.display.say(f"stack {stack.name} is {left.status}: {why}")
        stack = left
    message = f"stack {stack.name} cannot be deleted: {stack.reason or stack.status}"
    raise DeployError("CC827", message, hint="correct the cause and run the command again")


def _explain_force(tools: Tools, stack: Stack) -> None:
    """Say what will be there when the stack is gone."""
    held = [each for each in tools.stacks.resources(stack.id) if each.status not in LET_GO and each.physical]
    told = ", ".join(f"{each.logical} ({each.kind} {each.physical})" for each in held) or "nothing"
    tools.display.say(f"stack {stack.name} is deleted by force; whatever of it cannot be deleted stays behind: {told}")


def abandon(tools: Tools, patience: Patience, stack: Stack) -> None:
    """Take a failed change back: a stack that was well once to how it was then, any other away.

    With the latter go the queues, the table and the bucket that it made, in which nothing is yet.
    """
    tools.display.say(f"cleaning up stack {stack.name}")
    made = [] if stack.outputs else retained(tools, stack)
    if stack.status in FAILED:
        left, _ = operate(tools, patience, stack, partial(tools.stacks.roll_back, stack.name))
        if left is not None and not stack.outputs:
            delete(tools, patience, left)
    elif not stack.outputs:
        delete(tools, patience, stack)
    for left_behind in made:
        tools.leavings.remove(left_behind)


def retained(tools: Tools, stack: Stack) -> list[Left]:
    """What of a stack would outlive it."""
    return [
        Left(_KINDS[resource.kind], resource.physical)
        for resource in tools.stacks.resources(stack.id)
        if resource.kind in _KINDS and resource.physical and resource.status != "DELETE_COMPLETE"
    ]
