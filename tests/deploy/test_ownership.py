"""What is ours by its tags, and what nobody owns yet."""

from __future__ import annotations

import pytest

from cloud_cron.errors import ConfigError, DeployError
from cloud_cron_cli.deploy.engine import deploy
from cloud_cron_cli.deploy.ownership import check
from tests.deploy.clouds import Cloud, Killed
from tests.deploy.stages import MAIN, ORDER, SMALL, assert_converged, made


def begun():
    """A cloud in which a first deploy was killed between a change set and its execution."""
    cloud = Cloud()
    deploy(cloud.tools, made(SMALL), ORDER)
    last = [index for index, call in enumerate(cloud.calls, 1) if call == "propose"][-1]
    cloud = Cloud()
    cloud.kill(last)
    with pytest.raises(Killed):
        deploy(cloud.tools, made(SMALL), ORDER)
    cloud.kill(None)
    return cloud


def test_a_stack_that_only_has_a_change_set_is_nobodys_yet():
    cloud = begun()
    assert (cloud.the(MAIN).status, cloud.the(MAIN).tags) == ("REVIEW_IN_PROGRESS", {})

    deploy(cloud.tools, made(SMALL), ORDER)

    assert_converged(cloud, made(SMALL))


def test_one_that_carries_the_tags_of_somebody_else_is_theirs():
    cloud = begun()
    cloud.the(MAIN).tags = {"managed_by": "somebody"}

    with pytest.raises(ConfigError, match="CC810"):
        deploy(cloud.tools, made(SMALL), ORDER)


class Blinkered(Cloud):
    """A cloud that shows the stacks of one stage alone."""

    def all(self):
        raise DeployError("CC803", "the AWS credentials may not do cloudformation:DescribeStacks")


def test_whoever_may_not_look_at_other_stages_deploys_all_the_same():
    cloud = Blinkered()

    deploy(cloud.tools, made(SMALL), ORDER)

    assert_converged(cloud, made(SMALL))


def test_a_stack_without_tags_that_holds_something_is_not_ours():
    cloud = begun()
    cloud.the(MAIN).status = "CREATE_COMPLETE"

    with pytest.raises(ConfigError, match="none of our tags"):
        check(cloud.find(MAIN), made(SMALL).tags)
