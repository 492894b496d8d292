"""A stage taken away, killed at every call."""

from __future__ import annotations

from contextlib import suppress

import pytest

from cloud_cron.config import Settings, resolve
from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.destroying import Stage, check, destroy, look
from cloud_cron_cli.deploy.engine import deploy
from cloud_cron_cli.deploy.ports import QUEUE, Left
from tests.deploy.clouds import OK, STUCK, Cloud, Killed
from tests.deploy.stages import FEWER, MAIN, ORDER, SMALL, deaths, deployed, made, spread


def stage():
    return Stage("shop", "dev", made(SMALL).tags)


def taken_away(cloud):
    doomed = look(cloud.tools, stage())
    check(doomed, discard=True)
    destroy(cloud.tools, stage(), doomed, 3600, discard=True)


@pytest.mark.parametrize("script", [[], [STUCK], [OK, STUCK]], ids=["well", "with a part stuck", "with main stuck"])
def test_a_stage_that_is_destroyed_leaves_nothing_wherever_that_was_interrupted(script):
    cloud = spread()
    cloud.script = list(script)
    taken_away(cloud)

    for step in deaths(cloud.calls):
        cloud = spread()
        cloud.script = list(script)
        cloud.kill(step)
        with suppress(Killed):
            taken_away(cloud)
        cloud.kill(None)
        taken_away(cloud)
        taken_away(cloud)
        assert not any(cloud.all())
        assert (cloud.retained, cloud.objects) == ({}, {})


def test_names_that_cloudformation_shortens_are_found():
    found = Settings(stage="for-the-warehouse-and-the-office")
    wanted, cloud = App(resolve(SMALL.model(), found), found), Cloud()
    deploy(cloud.tools, wanted, ORDER)
    deploy(cloud.tools, App(resolve(FEWER.model(), found), found), ORDER)
    assert not any("NotifierTell" in left.id for left in cloud.queues("shop", {}))

    there = Stage("shop", found.stage, wanted.tags)
    destroy(cloud.tools, there, look(cloud.tools, there), 3600, discard=True)
    assert (cloud.all(), cloud.retained) == ([], {})


def test_a_queue_that_an_earlier_deploy_left_behind_with_messages_is_not_deleted_unasked():
    cloud = deployed()
    url = next(left.id for left in cloud.queues("shop-dev", {}) if left.id.endswith(".fifo"))
    deploy(cloud.tools, made(FEWER), ORDER._replace(discard=False))
    cloud.retained[Left(QUEUE, url)], cloud.depths[url] = made(SMALL).tags, 2

    with pytest.raises(ConfigError, match=r"CC824 .*NotifierTell0.* 2 messages"):
        check(look(cloud.tools, stage()), discard=False)

    taken_away(cloud)
    assert cloud.retained == {}


def test_records_of_failed_calls_are_nobodys_messages():
    cloud = deployed()
    url = next(left.id for left in cloud.queues("shop-dev", {}) if "FailureQueue" in left.id)
    cloud.depths[url] = 5

    check(look(cloud.tools, stage()), discard=False)


def test_messages_that_arrive_while_the_stacks_go_away_are_kept_until_they_may_be_discarded():
    cloud = deployed()
    doomed = look(cloud.tools, stage())
    url = next(left.id for left in cloud.queues("shop-dev", {}) if left.id.endswith(".fifo"))
    cloud.depths[url] = 1

    with pytest.raises(DeployError, match=r"CC824 .*1 messages that arrived meanwhile"):
        destroy(cloud.tools, stage(), doomed, 3600)
    assert not any(cloud.all())
    assert len(cloud.retained) > 1

    taken_away(cloud)
    assert cloud.retained == {}


def test_a_protected_stage_and_one_with_messages_are_not_destroyed():
    cloud = deployed()
    cloud.depths[cloud.queues("shop-dev", {})[-1].id] = 1
    with pytest.raises(ConfigError, match="CC824"):
        check(look(cloud.tools, stage()), discard=False)
    cloud.the(MAIN).protected = True
    with pytest.raises(ConfigError, match="CC823"):
        check(look(cloud.tools, stage()), discard=True)


@pytest.mark.parametrize(("script", "forced"), [([OK], False), ([STUCK], True)], ids=["well now", "stuck again"])
def test_a_stack_that_could_not_be_deleted_is_deleted_by_force_only_when_it_fails_again(script, forced):
    cloud = deployed()
    record = cloud.the(MAIN)
    record.status, cloud.script = "DELETE_FAILED", list(script)
    topic = next(each for each in record.resources.values() if each.kind == "AWS::SNS::Topic")

    taken_away(cloud)

    told = [text for text in cloud.said if "by force" in text]
    assert bool(told) is forced
    assert all(f"{topic.logical} ({topic.kind} {topic.physical})" in text for text in told)
    assert not any(cloud.all())
