"""What is refused before the first change, and what is tidied up after the last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from cloud_cron.aws.names import stack_name, topic_prefix
from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy import deployable, draining, encryption, mailing, ownership
from cloud_cron_cli.deploy.deployed import others
from cloud_cron_cli.deploy.desired import check_sizes
from cloud_cron_cli.deploy.removing import LET_GO
from cloud_cron_cli.deploy.template import mail_events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.desired import App, Desired
    from cloud_cron_cli.deploy.engine import Order
    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import Stack

DENIED: Final = "CC803"
"""The credentials lack a permission."""


def check(tools: Tools, wanted: Desired, found: Deployed, order: Order) -> None:
    """Refuse what cannot end well: CC811, CC813 to CC815, CC824, CC854, CC857."""
    app = wanted.app
    check_sizes(wanted)
    if app.settings.topics:
        deployable.check_topics(app.settings, *tools.account.place())
        _check_given(tools, app)
    if "repository" in app.settings.image:
        deployable.check_repository(app.settings, tools.account.place()[0])
    if wanted.image and wanted.image == order.image and not tools.account.has_image(wanted.image):
        message = f"there is no image {wanted.image} in ECR"
        raise ConfigError("CC813", message, hint="push it first, or check account, region, repository and digest")
    prefix = topic_prefix(app.model.name, app.settings.stage)
    for topic in app.model.topics:
        if topic not in app.settings.topics and f"topic:{topic}" not in found.placement:
            name = f"{prefix}{topic}.fifo"
            ownership.check_topic(name, tools.leavings.topic_tags(name), app.tags)
    mailing.check(tools, app, found)
    draining.check(tools, app, found, order)


def _check_given(tools: Tools, app: App) -> None:
    """Refuse a given topic that is not there: `ConfigError` CC814."""
    for name, arn in app.settings.topics.items():
        if not tools.leavings.has_topic(arn):
            place = app.settings.place("topics", name)
            message = f"topic {name!r} is mapped to {arn}, and there is no such topic"
            hint = f"create it, correct {name} under [topics], or leave that out: then we make a topic"
            raise ConfigError("CC814", message, where=place.where if place else None, hint=hint)


def greet(tools: Tools, app: App, found: Deployed) -> None:
    """Before a stage is created, name those that are deployed: this one may be misspelt.

    Whoever may look at the stacks of this stage alone is not told of others.
    """
    if found.main is not None:
        return
    try:
        known = others(tools.stacks, app.model.name, app.settings.stage)
    except DeployError as error:
        if error.code != DENIED:
            raise
        return
    if known:
        stage = app.settings.stage
        tools.display.say(f"stage {stage} is not deployed yet; deployed of {app.model.name}: {', '.join(known)}")
        tools.display.agree(f"Create stage {stage}?")


def explain_key(tools: Tools, app: App) -> None:
    """Before anything is encrypted with the user's own key, say what its policy lacks: nothing would be delivered."""
    key = app.settings.kms_key
    if key is None:
        return
    policy, events = tools.account.key_policy(key), any(map(mail_events.asks, app.model.notifiers))
    if policy is None:
        users = f"{'SES, ' if events else ''}SNS, CloudWatch and CloudWatch Logs"
        tools.display.say(f"the policy of {key} may not be read: it must let {users} use it")
        return
    lacking = encryption.missing(policy, *tools.account.place(), events=events)
    if lacking:
        tools.display.say(f"the policy of {key} lacks these statements:")
        for statement in lacking:
            tools.display.say(json.dumps(statement))


def tidy(tools: Tools, app: App, stacks: Iterable[Stack], *, discard: bool) -> None:
    """Delete the queues of this stage that no stack holds; one with messages only with `discard`."""
    resources = [resource for stack in stacks for resource in tools.stacks.resources(stack.id)]
    held = {_queue_name(resource.physical) for resource in resources if resource.status not in LET_GO}
    stack = stack_name(app.model.name, app.settings.stage)
    for left in tools.leavings.queues(stack, ownership.marks(app.tags)):
        name = _queue_name(left.id)
        if name in held:
            continue
        depth = 0 if discard else tools.leavings.depth(left.id)
        if depth:
            text = f"queue {name} is kept although nothing reads it any more: it holds {depth:,} messages"
            tools.display.say(f"{text}; deploy --discard deletes it with them")
        else:
            tools.display.say(f"deleting queue {name}, which nothing reads any more")
            tools.leavings.remove(left)


def _queue_name(url: str) -> str:
    """The last part of a queue's URL, which has more than one form (SQS Developer Guide, "Queue identifiers")."""
    return url.rpartition("/")[2]
