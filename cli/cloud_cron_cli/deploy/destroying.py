"""A stage taken away, to the last bucket. Whatever was interrupted is finished by the same call again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.aws.names import stack_name
from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import draining, ownership, removing
from cloud_cron_cli.deploy.following import Patience
from cloud_cron_cli.deploy.ports import QUEUE
from cloud_cron_cli.deploy.template.scope import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
    left = tuple(_left(tools, stage))
    owned = {url for urls in found.queues.values() for url in urls}
    waiting = {each.id: [each.id] for each in left if _is_of_messages(each) and each.id not in owned}
    messages = draining.messages(tools, found.queues) | _named(draining.messages(tools, waiting))
    return Doomed(found, order, left, messages)


def check(doomed: Doomed, *, discard: bool) -> None:
    """Refuse a protected stage, CC823, and queues with messages, CC824, unless they may be discarded."""
    protected = [stack.name for stack in doomed.found.stacks.values() if stack.protected]
    if protected:
        message = f"stack {protected[0]} is protected"
        raise ConfigError("CC823", message, hint="set protect = false in cloud-cron.toml, deploy, then destroy")
    for name, depth in doomed.messages.items():
        if not discard:
            message = f"the queues of {name} hold {depth:,} messages"
            hint = "wait until they are delivered, look at them with cloud-cron dlq, or --discard them"
            raise ConfigError("CC824", message, hint=hint)


def destroy(tools: Tools, stage: Stage, doomed: Doomed, timeout: float, *, discard: bool = False) -> None:
    """Delete it; `timeout` in seconds.

    Raises:
        DeployError: CC821 when time is up, CC824 messages that arrived meanwhile and may not be discarded, CC827 a
            stack that cannot be deleted.
    """
    patience = Patience(tools, timeout)
    for key in doomed.stacks:
        stack = doomed.found.stacks[key]
        tools.display.say(f"deleting stack {stack.name}")
        if key == stage_of.ARTIFACTS:
            for resource in tools.stacks.resources(stack.id):
                if resource.kind == "AWS::S3::Bucket" and resource.physical:
                    tools.storage.empty(resource.physical)
        removing.delete(tools, patience, stack)
    leavings = _left(tools, stage)
    if not discard:
        _check_late(tools, leavings)
    for left in leavings:
        tools.display.say(f"deleting {left.kind} {left.id.rpartition('/')[2]}")
        tools.leavings.remove(left)


def _check_late(tools: Tools, leavings: Iterable[Left]) -> None:
    """Refuse to delete what was published while the stacks went away."""
    late = draining.messages(tools, {left.id: [left.id] for left in leavings if _is_of_messages(left)})
    for name, depth in _named(late).items():
        message = f"the stacks are gone, and queue {name} holds {depth:,} messages that arrived meanwhile"
        raise DeployError("CC824", message, hint="cloud-cron destroy --discard deletes them with all that is left")


def _is_of_messages(left: Left) -> bool:
    """Whether it is a queue of a notifier: these are FIFO, those of failed calls are not."""
    return left.kind == QUEUE and left.id.endswith(".fifo")


def _named(depths: Mapping[str, int]) -> dict[str, int]:
    """Depths by the names of the queues instead of their URLs."""
    return {url.rpartition("/")[2]: depth for url, depth in depths.items()}


def _left(tools: Tools, stage: Stage) -> list[Left]:
    return tools.leavings.found(stack_name(stage.app, stage.stage), ownership.marks(stage.tags))
