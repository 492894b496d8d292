"""Notifiers that are removed while messages wait for them."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy

import pytest

from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy.draining import deaf
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.ports import QUEUE, Left
from cloud_cron_cli.deploy.template.scope import logical
from tests.deploy.clouds import Killed
from tests.deploy.stages import FEWER, MAIN, SMALL, assert_converged, deaths, deployed, made, spread
from tests.deploy.template.apps import app, everything, parts

DRAIN = Order(drain=True)


def test_a_notifier_whose_queues_hold_messages_is_not_removed():
    cloud = deployed()
    url = next(left.id for left in cloud.queues("shop-dev", {}) if "Notifier" in left.id)
    cloud.depths[url] = 3

    with pytest.raises(ConfigError, match=r"CC824 .*'tell0'.* 3 messages"):
        deploy(cloud.tools, made(FEWER), Order())

    deploy(cloud.tools, made(FEWER), Order(discard=True))
    assert_converged(cloud, made(FEWER))


def busy(cloud, stack=MAIN, notifier="tell0", filled=2):
    """The queue of a notifier: it fills for as long as it hears, and empties for as long as somebody reads it."""
    own = logical("Notifier", notifier)
    url = cloud.the(stack).resources[f"{own}Queue"].physical
    cloud.depths[url] = filled
    sleep = cloud.sleep

    def slept(seconds):
        sleep(seconds)
        resources = cloud.the(stack).resources
        if any(name.startswith(f"{own}On") for name in resources):
            cloud.depths[url] = filled
        elif f"{own}Mapping" in resources:
            cloud.depths[url] = max(0, cloud.depths[url] - 1)

    cloud.sleep = slept
    return url


def test_draining_ends_although_a_busy_task_goes_on_publishing():
    cloud = deployed()
    busy(cloud)

    deploy(cloud.tools, made(FEWER), DRAIN)

    assert_converged(cloud, made(FEWER))


def test_a_notifier_of_a_stack_beside_the_main_one_is_drained_there():
    cloud = spread()
    busy(cloud, f"{MAIN}-p1", "tell1")
    wanted = made(app(2))

    deploy(cloud.tools, wanted, DRAIN)

    assert_converged(cloud, wanted)


def test_draining_killed_at_any_call_is_finished_by_the_next():
    first = deployed()
    cloud = deepcopy(first)
    busy(cloud)
    deploy(cloud.tools, made(FEWER), DRAIN)
    calls = list(cloud.calls)

    for step in deaths(calls):
        cloud = deepcopy(first)
        busy(cloud)
        cloud.kill(step)
        with suppress(Killed):
            deploy(cloud.tools, made(FEWER), DRAIN)
        cloud.kill(None)
        deploy(cloud.tools, made(FEWER), DRAIN)
        assert_converged(cloud, made(FEWER))


def test_a_notifier_that_comes_back_while_it_is_drained_hears_again():
    cloud = deployed()
    busy(cloud, filled=100)
    with pytest.raises(DeployError, match=r"CC821 the queue of tell0 still holds"):
        deploy(cloud.tools, made(FEWER), DRAIN._replace(timeout=90))
    assert not any("Tell0" in name and "On" in name for name in cloud.the(MAIN).resources)

    deploy(cloud.tools, made(SMALL), Order())

    assert_converged(cloud, made(SMALL))


def test_dead_letters_are_not_waited_for():
    cloud = deployed()
    url = next(left.id for left in cloud.queues("shop-dev", {}) if "DeadLetters" in left.id and "Notifier" in left.id)
    cloud.depths[url] = 3
    before = cloud.the(MAIN).template

    with pytest.raises(ConfigError, match=r"CC824 .*'tell0'.* 3 dead letters.*dlq"):
        deploy(cloud.tools, made(FEWER), DRAIN)

    assert cloud.the(MAIN).template == before


def test_dead_letters_that_come_of_draining_are_not_deleted():
    cloud = deployed()
    dead = cloud.the(MAIN).resources[f"{logical('Notifier', 'tell0')}DeadLetters"].physical
    url, sleep = busy(cloud), cloud.sleep

    def failing(seconds):
        sleep(seconds)
        cloud.depths[dead] = 2 - cloud.depths[url]

    cloud.sleep = failing

    with pytest.raises(ConfigError, match=r"CC824 .* 2 dead letters"):
        deploy(cloud.tools, made(FEWER), DRAIN)

    assert f"{logical('Notifier', 'tell0')}Mapping" in cloud.the(MAIN).resources


def test_nothing_waits_for_a_subscription_that_is_gone():
    (part,) = parts(everything())
    own = f"{logical('Notifier', 'mail_it')}On"
    gone = [name for name in part.template["Resources"] if name.startswith(own)]

    left = deaf(part.template, ["mail_it"])

    assert gone
    assert set(part.template["Resources"]) - set(left["Resources"]) == set(gone)
    assert own not in json.dumps(left)
    assert deaf(part.template, ["another"]) == part.template


def left_behind(cloud):
    """The URL of a queue with messages, which came while its notifier was removed."""
    url = cloud.the(MAIN).resources[f"{logical('Notifier', 'tell0')}Queue"].physical
    queues = cloud.queues

    def late(stack, tags):
        cloud.depths[url] = 2
        return queues(stack, tags)

    cloud.queues = late
    deploy(cloud.tools, made(FEWER), Order())
    cloud.queues = queues
    assert cloud.retained == {Left(QUEUE, url): made(FEWER).tags}
    return url


@pytest.mark.parametrize("declared", [FEWER, app(3, notifiers=0)], ids=["unchanged", "changed"])
def test_a_queue_that_was_kept_is_looked_at_again_on_request(declared):
    cloud = deployed()
    url = left_behind(cloud)

    deploy(cloud.tools, made(declared), Order())
    deploy(cloud.tools, made(declared), DRAIN)
    assert any(url.rpartition("/")[2] in text and "--discard" in text for text in cloud.said)
    assert cloud.retained

    deploy(cloud.tools, made(declared), Order(discard=True))
    assert_converged(cloud, made(declared))
    assert cloud.retained == {}


def test_a_queue_that_was_kept_goes_once_it_is_empty():
    cloud = deployed()
    url = left_behind(cloud)
    cloud.depths[url] = 0

    deploy(cloud.tools, made(app(3, notifiers=0)), DRAIN)

    assert cloud.retained == {}


def replaced(cloud):
    """The logical id and the URL of a queue that the next change replaces, with messages in it."""
    own = f"{logical('Notifier', 'tell0')}Queue"
    url = cloud.the(MAIN).resources[own].physical
    cloud.replacing, cloud.depths[url] = {own}, 3
    return own, url


def test_a_queue_that_holds_messages_is_not_replaced():
    cloud = deployed()
    own, _ = replaced(cloud)
    before = cloud.the(MAIN).resources

    with pytest.raises(ConfigError, match=rf"CC824 .*{own} .* 3 messages.*--drain.*--discard"):
        deploy(cloud.tools, made(app(3)), Order())

    assert cloud.the(MAIN).resources == before
    assert cloud.the(MAIN).proposals == {}


def test_a_queue_is_replaced_once_it_is_drained():
    cloud = deployed()
    own, url = replaced(cloud)
    sleep = cloud.sleep

    def told(seconds):
        sleep(seconds)
        cloud.depths[url] = max(0, cloud.depths[url] - 1)

    cloud.sleep = told

    deploy(cloud.tools, made(app(3)), DRAIN)

    assert cloud.the(MAIN).resources[own].physical != url


def test_a_queue_that_is_empty_is_replaced_unasked():
    cloud = deployed()
    own, url = replaced(cloud)
    cloud.depths.clear()

    deploy(cloud.tools, made(app(3)), Order())

    assert cloud.the(MAIN).resources[own].physical != url


def test_a_queue_that_is_replaced_with_its_messages_is_deleted():
    cloud = deployed()
    _, url = replaced(cloud)

    deploy(cloud.tools, made(app(3)), Order(discard=True))

    assert Left(QUEUE, url) not in cloud.retained
    assert_converged(cloud, made(app(3)))
