"""Notifiers that are removed: not before what they heard is told, or may be lost.

Draining takes a change of its own: as long as a notifier is subscribed, a busy task fills its queue again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy import desired as wish
from cloud_cron_cli.deploy.converging import Target, converge
from cloud_cron_cli.deploy.following import Patience, until_true
from cloud_cron_cli.deploy.records import kept
from cloud_cron_cli.deploy.template import Part, dumps, sealed
from cloud_cron_cli.deploy.template.functions import IMAGE
from cloud_cron_cli.deploy.template.scope import logical
from cloud_cron_cli.deploy.template.sealing import OUTPUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App, Desired
    from cloud_cron_cli.deploy.engine import Order
    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import Change

DRAINING: Final = "draining-"
"""What precedes the digest of a stack whose removed notifiers hear nothing any more."""

_SUBSCRIPTION: Final = "AWS::SNS::Subscription"
_PAUSE: Final = 60.0
"""Seconds after the last message until SQS counts right (SQS API reference, GetQueueAttributes)."""


def messages(tools: Tools, queues: Mapping[str, list[str]]) -> dict[str, int]:
    """How many messages the queues of each notifier hold; those that hold none are left out."""
    depths = {name: sum(map(tools.leavings.depth, urls)) for name, urls in queues.items()}
    return {name: depth for name, depth in depths.items() if depth}


def check(tools: Tools, app: App, found: Deployed, order: Order) -> None:
    """Refuse to remove a notifier whose queues hold messages: `ConfigError` CC824; with `drain`, dead letters alone."""
    if order.discard:
        return
    if order.drain:
        _check_dead(tools, app, found)
        return
    for name, depth in messages(tools, removed(app, found)).items():
        message = f"notifier {name!r} is to be removed, and its queues hold {depth:,} messages"
        hint = "--drain waits until they are delivered, --discard deletes them; if it was renamed, keep name="
        raise ConfigError("CC824", message, hint=hint)


def check_replaced(tools: Tools, patience: Patience, order: Order, changes: Sequence[Change]) -> None:
    """Refuse a change that replaces a queue that holds messages: `ConfigError` CC824; with `drain`, wait for them."""
    queues = {
        change.logical: [change.physical]
        for change in changes
        if change.kind == "AWS::SQS::Queue" and change.replacement == "True"
    }
    if order.waits:
        until_true(patience, lambda: _waiting(tools, queues))
    for name, depth in messages(tools, {} if order.discard else queues).items():
        message = f"queue {name} is to be replaced by another one, and it holds {depth:,} messages"
        raise ConfigError("CC824", message, hint="--drain waits until they are delivered, --discard deletes them")


def removed(app: App, found: Deployed) -> dict[str, list[str]]:
    """The queues of the notifiers that the app has no more, by their names: the one that is read comes first."""
    wanted = {notifier.name for notifier in app.model.notifiers}
    return {name: urls for name, urls in found.queues.items() if name not in wanted}


def drain(tools: Tools, patience: Patience, wanted: Desired, found: Deployed, bucket: str) -> None:
    """Let removed notifiers hear nothing more, and wait until they have told all they heard.

    Raises:
        ConfigError: CC824 what they could not tell.
        DeployError: CC821 when time is up; what `converge` raises.
    """
    queues = {name: urls[:1] for name, urls in removed(wanted.app, found).items()}
    if not queues:
        return
    for key in sorted({found.placement[f"notifier:{name}"] for name in queues}):
        aim = _deafened(tools, wanted, found, key)
        if aim is not None:
            converge(tools, patience, kept(tools, bucket, aim))
    tools.display.say(f"{', '.join(queues)}: hears nothing any more; waiting until all that was heard is told")
    patience.wait("queues are still counted", _PAUSE)
    until_true(patience, lambda: _waiting(tools, queues))
    _check_dead(tools, wanted.app, found)


def _deafened(tools: Tools, wanted: Desired, found: Deployed, key: str) -> Target | None:
    """One stack as it is deployed, without the subscriptions of removed notifiers; None when it has none."""
    stack = found.stacks[key]
    was = tools.stacks.template(stack.id)
    template = deaf(was, removed(wanted.app, found))
    if template == was:
        return None
    digest = f"{DRAINING}{stack.outputs.get(OUTPUT, '')}"
    main = {**(found.main.outputs if found.main else {}), **({IMAGE: wanted.image} if wanted.image else {})}
    part = Part(key, stack.name, template, {name: name for name in template.get("Parameters", {})})
    text = dumps(sealed(template, digest))
    return Target(stack.name, text, digest, wish.filled(part, main), wanted.app.tags)


def deaf(template: Mapping[str, Any], notifiers: Iterable[str]) -> dict[str, Any]:
    """A template without the subscriptions of these notifiers, for which nothing waits any more."""
    prefixes = tuple(f"{logical('Notifier', name)}On" for name in notifiers)
    resources: Mapping[str, Any] = template["Resources"]
    gone = {name for name, its in resources.items() if its["Type"] == _SUBSCRIPTION and name.startswith(prefixes)}
    left = {name: _without(its, gone) for name, its in resources.items() if name not in gone}
    return {**template, "Resources": left}


def _without(resource: Mapping[str, Any], gone: Iterable[str]) -> Mapping[str, Any]:
    waits_for = resource.get("DependsOn")
    if not isinstance(waits_for, list):
        return resource
    return {**resource, "DependsOn": [name for name in waits_for if name not in gone]}


def _check_dead(tools: Tools, app: App, found: Deployed) -> None:
    """Refuse to remove a notifier with dead letters, which nobody is going to tell: `ConfigError` CC824."""
    dead = {name: urls[1:] for name, urls in removed(app, found).items()}
    for name, depth in messages(tools, dead).items():
        message = f"notifier {name!r} is to be removed, and it left {depth:,} dead letters"
        raise ConfigError("CC824", message, hint="see cloud-cron dlq, or --discard them")


def _waiting(tools: Tools, queues: Mapping[str, list[str]]) -> str | None:
    """What is still to be delivered, in words."""
    found = messages(tools, queues)
    return ", ".join(f"the queue of {name} still holds {depth:,} messages" for name, depth in found.items()) or None
