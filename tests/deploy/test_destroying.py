"""A stage taken away, killed at every call."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy

import pytest

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.destroying import Stage, check, destroy, look
from tests.deploy.clouds import OK, STUCK, Killed
from tests.deploy.stages import MAIN, SMALL, deployed, made, spread


def stage():
    return Stage("shop", "dev", made(SMALL).tags)


def taken_away(cloud):
    doomed = look(cloud.tools, stage())
    check(doomed, discard=True)
    destroy(cloud.tools, stage(), doomed, 3600)


@pytest.mark.parametrize("script", [[], [STUCK], [OK, STUCK]], ids=["well", "with a part stuck", "with main stuck"])
def test_a_stage_that_is_destroyed_leaves_nothing_wherever_that_was_interrupted(script):
    first = spread()
    first.script = list(script)
    cloud = deepcopy(first)
    taken_away(cloud)
    calls = len(cloud.calls)

    for step in range(1, calls + 1):
        cloud = deepcopy(first)
        cloud.kill(step)
        with suppress(Killed):
            taken_away(cloud)
        cloud.kill(None)
        taken_away(cloud)
        taken_away(cloud)
        assert not any(cloud.all())
        assert (cloud.retained, cloud.objects) == ({}, {})


def test_a_protected_stage_and_one_with_messages_are_not_destroyed():
    cloud = deployed()
    cloud.depths[cloud.queues("shop-dev-", {})[-1].id] = 1
    with pytest.raises(ConfigError, match="CC824"):
        check(look(cloud.tools, stage()), discard=False)
    cloud.the(MAIN).protected = True
    with pytest.raises(ConfigError, match="CC823"):
        check(look(cloud.tools, stage()), discard=True)
