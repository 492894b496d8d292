"""Apps as stages of a played cloud."""

from __future__ import annotations

import pickle
from functools import cache

from cloud_cron.config import Settings, resolve
from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy.desired import App, desire
from cloud_cron_cli.deploy.engine import Order, carry_out, deploy, is_settled
from cloud_cron_cli.deploy.following import Patience
from cloud_cron_cli.deploy.shipping import Given
from tests.deploy.clouds import Cloud, Killed
from tests.deploy.template.apps import IMAGE, app

SMALL = app()
FEWER = app(notifiers=0)
MORE = app(notifiers=2)
WIDE = app(2, notifiers=2)
MAIN = "shop-dev"
ORDER = Order(IMAGE, discard=True)

LOOKS = frozenset(
    {
        "account", "agree", "all", "begin", "change_set", "depth", "end", "event", "events", "find", "found",
        "has_image", "has_template", "has_topic", "identity", "now", "place", "queues", "resolve",
        "resources", "running", "say", "tags", "template", "token", "topic_tags",
    }
)  # fmt: skip
"""The calls that leave a cloud as it was: to die at one of them is to die at the call before it."""


def made(declared, **settings):
    found = Settings(stage="dev", **settings)
    return App(resolve(declared.model(), found), found)


def deployed(declared=SMALL):
    """A cloud with a stage in it."""
    return pickle.loads(_deployed(declared))  # noqa: S301 - our own


@cache
def _deployed(declared):
    cloud = Cloud()
    deploy(cloud.tools, made(declared), ORDER)
    cloud.kill(None)
    return pickle.dumps(cloud)  # copied a thousand times, faster than by deepcopy


def deaths(calls):
    """The calls to die at, by number from 1: the first, before which nothing is done, and each that is no look."""
    return [number for number, call in enumerate(calls, 1) if number == 1 or call not in LOOKS]


def assert_converged(cloud, wanted, image=IMAGE):
    """Exactly what is wanted is there."""
    found = stage_of.read(cloud, "shop", "dev", wanted.tags)
    desired = desire(wanted, found, image)
    assert is_settled(desired, found)
    held = {each.physical for record in cloud.records for each in record.resources.values()}
    assert {left.id for left in cloud.queues("shop-dev", {})} <= held
    for part in desired.parts:
        assert set(cloud.the(part.stack).resources) == set(part.template["Resources"])


def finish(cloud, wanted, order=ORDER):
    """Deploy, whatever is written in the script for it, then once more in peace."""
    try:
        deploy(cloud.tools, wanted, order)
    except (DeployError, Killed):
        cloud.kill(None)
        cloud.script.clear()
        deploy(cloud.tools, wanted, order)


def spread():
    """A stage whose second task stands in a stack of its own."""
    return pickle.loads(_spread())  # noqa: S301 - our own


@cache
def _spread():
    cloud = Cloud()
    nowhere = stage_of.Deployed({}, {"task:task0": "main", "task:task1": "p1", "notifier:tell1": "p1"}, {})
    wanted = desire(made(WIDE), nowhere, IMAGE)
    carry_out(cloud.tools, Patience(cloud.tools, 3600), wanted, nowhere, ORDER, Given(IMAGE))
    cloud.kill(None)
    return pickle.dumps(cloud)
