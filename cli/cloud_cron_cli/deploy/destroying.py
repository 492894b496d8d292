"""A stage taken away, to the last bucket. Whatever was interrupted is finished by the same call again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.aws.names import stack_name
from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import guards, ownership, removing
from cloud_cron_cli.deploy.following import Patience
from cloud_cron_cli.deploy.template.scope import MAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.ports import Left, Tools


class Stage(NamedTuple):
    """What is to be destroyed: the app by its name, the stage, and the tags by which it is known."""

    app: str
    stage: str
    tags: Mapping[str, str]


class Doomed(NamedTuple):
    """What is there of a stage: its stacks, in the order in which they are deleted, and what will be left of them."""

    found: Deployed
    stacks: tuple[str, ...]
    leavings: tuple[Left, ...]
    messages: Mapping[str, int]


def look(tools: Tools, stage: Stage) -> Doomed:
    """What `destroy` would delete; `ConfigError` CC810 for what is not ours."""
    found = stage_of.read(tools.stacks, stage.app, stage.stage, stage.tags)
    order = (*reversed(found.parts), *(key for key in (MAIN, stage_of.ARTIFACTS) if key in found.stacks))
    return Doomed(found, order, tuple(_left(tools, stage)), guards.messages(tools, found.queues))


def check(doomed: Doomed, *, discard: bool) -> None:
    """Refuse a protected stage, CC823, and queues with messages, CC824, unless they may be discarded."""
    protected = [stack.name for stack in doomed.found.stacks.values() if stack.protected]
    if protected:
        message = f"stack {protected[0]} is protected"
        raise ConfigError("CC823", message, hint="set protect = false in cloud-cron.toml, deploy, then destroy")
    for name, depth in doomed.messages.items():
        if not discard:
            message = f"the queues of notifier {name!r} hold {depth:,} messages"
            hint = "wait until they are delivered, look at them with cloud-cron dlq, or --discard them"
            raise ConfigError("CC824", message, hint=hint)


def destroy(tools: Tools, stage: Stage, doomed: Doomed, timeout: float) -> None:
    """Delete it; `timeout` in seconds. `DeployError`: CC821 when time is up, CC827 a stack that cannot be deleted."""
    patience = Patience(tools, timeout)
    for key in doomed.stacks:
        stack = doomed.found.stacks[key]
        tools.display.say(f"deleting stack {stack.name}")
        if key == stage_of.ARTIFACTS:
            for resource in tools.stacks.resources(stack.id):
                if resource.kind == "AWS::S3::Bucket" and resource.physical:
                    tools.storage.empty(resource.physical)
        removing.delete(tools, patience, stack)
    for left in _left(tools, stage):
        tools.display.say(f"deleting {left.kind} {left.id.rpartition('/')[2]}")
        tools.leavings.remove(left)


def _left(tools: Tools, stage: Stage) -> list[Left]:
    return tools.leavings.found(stack_name(stage.app, stage.stage) + "-", ownership.marks(stage.tags))
