"""A plan against what is deployed: it only reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import desired as wish
from cloud_cron_cli.deploy import engine, renames, retiring, shipping
from cloud_cron_cli.deploy.plan import Difference, Plan, compare

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App, Desired
    from cloud_cron_cli.deploy.ports import Tools


def plan(tools: Tools, app: App, image: str | None) -> Plan:
    """What `deploy` would do, with the image that it would make; an unchanged stage costs one read of each stack.

    Raises as `engine.deploy` does.
    """
    found = stage_of.read(tools.stacks, app.model.name, app.settings.stage, app.tags)
    known = shipping.chosen(tools, app, found, image).uri
    phase = retiring.phase(tools.time.now(), app, found, known)
    wanted = wish.desire(app, found, known, phase.topics)
    notes = tuple(_notes(wanted, found))
    if engine.is_settled(wanted, found):
        return Plan((), (), notes)
    wish.check_sizes(wanted)
    before = {key: tools.stacks.template(stack.id) for key, stack in found.stacks.items() if stack.outputs}
    after = {part.key: part.template for part in (wanted.artifacts, *wanted.parts)}
    names = {key: stack.name for key, stack in found.stacks.items()}
    names |= {part.key: part.stack for part in (wanted.artifacts, *wanted.parts)}
    differences = [
        difference for key, name in names.items() for difference in compare(name, before.get(key), after.get(key))
    ]
    quiet = tuple(f"outputs, parameters or tags of stack {name} change" for name in _quiet(wanted, found, differences))
    return Plan(tuple(differences), tuple(renames.find(before.values(), after.values())), notes + quiet)


def _quiet(wanted: Desired, found: Deployed, differences: list[Difference]) -> list[str]:
    """The stacks that change without any resource of theirs."""
    loud = {difference.stack for difference in differences}
    parts = (wanted.artifacts, *wanted.parts)
    stacks = [found.stacks[part.key] for part in parts if part.key in found.stacks and part.stack not in loud]
    settled = engine.settled(wanted, found)
    return [stack.name for stack in stacks if stack.name not in settled]


def _notes(wanted: Desired, found: Deployed) -> list[str]:
    """What no resource shows."""
    protect = wanted.app.settings.protect
    word = "on" if protect else "off"
    notes = [
        f"termination protection of stack {stack.name} is switched {word}"
        for stack in found.stacks.values()
        if stack.protected is not protect
    ]
    kept = {part.key for part in wanted.parts}
    return notes + [f"stack {found.stacks[key].name} is deleted" for key in found.parts if key not in kept]
