"""A deploy from beginning to end: read, refuse, change, tidy up.

Nothing is changed before everything that could be refused was. The stacks are the only state: a deploy that was cut
off anywhere is taken up by the next one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import desired as wish
from cloud_cron_cli.deploy import draining, guards, mailing, removing, retiring, shipping
from cloud_cron_cli.deploy.converging import converge
from cloud_cron_cli.deploy.following import Patience, until_rest
from cloud_cron_cli.deploy.records import recorded
from cloud_cron_cli.deploy.statuses import resting
from cloud_cron_cli.deploy.template import digest
from cloud_cron_cli.deploy.template.scope import MAIN
from cloud_cron_cli.deploy.template.sealing import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App, Desired
    from cloud_cron_cli.deploy.ports import Prepared, Tools
    from cloud_cron_cli.deploy.stacks import Stack
    from cloud_cron_cli.deploy.template import Part


class Order(NamedTuple):
    """How to deploy: `image` is a URI, or None for one that is made of the app; `timeout` in seconds."""

    image: str | None = None
    timeout: float = 3_600
    drain: bool = False
    discard: bool = False

    @property
    def waits(self) -> bool:
        """Whether messages are waited for: those that are discarded need not be delivered first."""
        return self.drain and not self.discard

    @property
    def looks_again(self) -> bool:
        """Whether queues that an earlier deploy kept are looked at, even if nothing else has changed."""
        return self.drain or self.discard


class Done(NamedTuple):
    """What a deploy came to: the stacks that changed, and all outputs merged."""

    image: str | None
    changed: tuple[str, ...]
    outputs: Mapping[str, str]
    later: str | None = None


def deploy(tools: Tools, app: App, order: Order) -> Done:
    """Bring a stage to its app.

    Raises:
        ConfigError: CC810, CC811 something that is not ours, CC813, CC814 an image or a given topic that is not there,
            CC815 an identity that is there already, CC824 messages that would be lost.
        DeployError: CC820 to CC822, CC827 a change that failed, or took too long; what `Tools` raises.
        ImageError: CC886 a tag that another image has.
    """
    patience = Patience(tools, order.timeout)
    found = at_rest(tools, patience, app)
    image = shipping.chosen(tools, app, found, order.image)
    phase = retiring.phase(tools.time.now(), app, found, image.uri)
    wanted = wish.desire(app, found, image.uri, phase.topics)
    if is_settled(wanted, found):
        if order.looks_again:
            guards.tidy(tools, app, found.stacks.values(), discard=order.discard)
        return Done(image.uri, (), outputs(found.stacks), phase.later)
    guards.check(tools, wanted, found, order)
    guards.greet(tools, app, found)
    guards.explain_key(tools, app)
    mailing.explain(tools, app)
    changed = carry_out(tools, patience, wanted, found, order, image)
    now = stage_of.read(tools.stacks, app.model.name, app.settings.stage, app.tags)
    later = phase.later or (wish.REPOSITORY_LATER if wish.is_leaving(app, found) else None)
    return Done(image.uri, tuple(changed), outputs(now.stacks), later)


def at_rest(tools: Tools, patience: Patience, app: App) -> Deployed:
    """What is deployed, once nothing is under way any more: until then nobody knows what there will be."""
    while True:
        found = stage_of.read(tools.stacks, app.model.name, app.settings.stage, app.tags)
        moving = [stack for stack in found.stacks.values() if not resting(stack.status)]
        if not moving:
            return found
        for stack in moving:
            tools.display.say(f"stack {stack.name} is {stack.status}: waiting for it")
            until_rest(tools, patience, stack)


def is_settled(wanted: Desired, found: Deployed) -> bool:
    """Whether every stack is as it shall be, and there is none too many."""
    names = {part.stack for part in (wanted.artifacts, *wanted.parts)}
    protect = wanted.app.settings.protect
    return (
        {stack.name for stack in found.stacks.values()} == names
        and settled(wanted, found) == names
        and all(stack.protected is protect for stack in found.stacks.values())
    )


def settled(wanted: Desired, found: Deployed) -> set[str]:
    """The names of the stacks whose digest is the one that they shall have."""
    main = found.main.outputs if found.main else {}
    parts = [part for part in (wanted.artifacts, *wanted.parts) if part.key in found.stacks]
    return {part.stack for part in parts if _is_settled(wanted, part, found.stacks[part.key], main)}


def is_untidy(wanted: Desired, found: Deployed) -> bool:
    """Whether queues of removed notifiers are to be deleted, by this deploy or still by an earlier one."""
    kept = {notifier.name for notifier in wanted.app.model.notifiers}
    was = found.main.outputs.get(OUTPUT, "") if found.main else ""
    return was.endswith(wish.UNTIDY) or any(name not in kept for name in found.notifiers)


def outputs(stacks: Mapping[str, Stack]) -> dict[str, str]:
    """The outputs of all stacks in one table; the main one's win, and the digests are left out."""
    merged = {name: value for key, stack in stacks.items() if key != MAIN for name, value in stack.outputs.items()}
    merged |= stacks[MAIN].outputs if MAIN in stacks else {}
    return {name: value for name, value in sorted(merged.items()) if name not in {OUTPUT, stage_of.PARTS}}


def _is_settled(wanted: Desired, part: Part, stack: Stack, main: Mapping[str, str]) -> bool:
    if any(name not in main for name in part.parameters.values()):
        return False
    own = digest(part.template, wish.filled(part, main), wanted.app.tags)
    return stack.status.endswith("_COMPLETE") and stack.outputs.get(OUTPUT) == own


def carry_out(  # noqa: PLR0913, PLR0917 - everything that a deploy knows
    tools: Tools, patience: Patience, wanted: Desired, found: Deployed, order: Order, image: Prepared
) -> list[str]:
    """Carry it out, in order; the names of the stacks that changed."""
    before = {stack.name: stack.outputs.get(OUTPUT) for stack in found.stacks.values()}
    beside = [*found.parts, *(part.key for part in wanted.parts[1:])]
    highest = max((int(key[1:]) for key in beside), default=0)
    store = converge(tools, patience, wish.target(wanted, wanted.artifacts, {}))
    after = [store]
    bucket = store.outputs["BucketName"]
    shipping.ship(tools, wanted.app, image, bucket)
    if order.waits:
        draining.drain(tools, patience, wanted, found, bucket)
    untidy = is_untidy(wanted, found)
    main: Mapping[str, str] = {}
    allow = partial(draining.check_replaced, tools, patience, order)
    for part in wanted.parts:
        mark = wish.UNTIDY if untidy and part.key == MAIN else ""
        aim = wish.target(wanted, part, main, highest, mark)
        after.append(converge(tools, patience, recorded(tools, bucket, wanted, aim), allow))
        main = main or after[-1].outputs
    _remove_surplus(tools, patience, wanted, found)
    if untidy or order.looks_again:
        guards.tidy(tools, wanted.app, after, discard=order.discard)
    if untidy:
        aim = wish.target(wanted, wanted.parts[0], {}, highest)
        after[1] = converge(tools, patience, recorded(tools, bucket, wanted, aim))
    _switch_protection(tools, after, on=wanted.app.settings.protect)
    shipping.retire(tools, wanted.app, image, after[1:])
    return [stack.name for stack in after if stack.outputs.get(OUTPUT) != before.get(stack.name)]


def _switch_protection(tools: Tools, stacks: list[Stack], *, on: bool) -> None:
    """Protect the stacks from deletion, or no longer."""
    for stack in stacks:
        if stack.protected is not on:
            tools.stacks.protect(stack.name, on=on)


def _remove_surplus(tools: Tools, patience: Patience, wanted: Desired, found: Deployed) -> None:
    """Delete the stacks that hold nothing any more, the last first."""
    kept = {part.key for part in wanted.parts}
    for stack in (found.stacks[key] for key in reversed(found.parts) if key not in kept):
        tools.display.say(f"stack {stack.name} has nothing left to hold: it is deleted")
        if stack.protected:
            tools.stacks.protect(stack.name, on=False)
        removing.delete(tools, patience, stack)
