"""Where images of an app go: an existing repository, or that of the artifacts stack, there or not yet."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy import repositories
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.storing import store
from tests.deploy.clouds import Cloud
from tests.deploy.stages import MAIN, SMALL, assert_converged, made
from tests.deploy.template.apps import IMAGE

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
NOWHERE = stage_of.Deployed({}, {}, {})


def stacks(**outputs):
    """A stage with an artifacts stack alone."""
    cloud = Cloud()
    store(cloud.tools, made(SMALL), 3600)
    cloud.the(f"{MAIN}-artifacts").outputs.update(outputs)
    return stage_of.read(cloud, "shop", "dev", made(SMALL).tags)


class Ecr(NamedTuple):
    """A registry that knows where its repositories are, unless it is not to be asked, and which it serves."""

    host: str | None = None
    serving: str = ""

    def uri(self, name):
        assert self.host
        return f"{self.host}/{name}"

    def serves(self, uri):
        return uri.startswith(self.serving)


NOBODY = Ecr()
EMULATOR = Ecr("localhost:4510", "localhost")


@pytest.mark.parametrize(
    ("given", "uri"),
    [
        (None, f"{HOST}/shop-dev-artifacts"),
        ("team/shop", f"{HOST}/team/shop"),
        ("localhost:5000/shop", "localhost:5000/shop"),
        (f"{HOST}/team/shop", f"{HOST}/team/shop"),
    ],
)
def test_a_repository_is_known_before_anything_is_deployed(given, uri):
    app = made(SMALL, image={"repository": given} if given else {})

    assert repositories.uri(app, NOWHERE, Ecr(HOST)) == uri


def test_a_stack_that_tells_it_spares_the_question():
    found = stacks(RepositoryUri="emulator:4566/shop-dev-artifacts")

    assert repositories.uri(made(SMALL), found, NOBODY) == "emulator:4566/shop-dev-artifacts"


def test_a_stack_that_tells_of_another_repository_is_not_believed():
    found = stacks(RepositoryUri=f"{HOST}/team/other")

    assert repositories.uri(made(SMALL, image={"repository": "team/shop"}), found, Ecr(HOST)) == f"{HOST}/team/shop"


def test_an_emulator_that_tells_of_aws_is_asked_again():
    found = stacks(RepositoryUri=f"{HOST}/shop-dev-artifacts")

    assert repositories.uri(made(SMALL), found, EMULATOR) == "localhost:4510/shop-dev-artifacts"


@pytest.mark.parametrize("given", [{}, {"repository": f"{HOST}/team/shop"}, {"repository": "team/shop"}])
def test_nothing_goes_to_aws_while_an_emulator_takes_its_place(given):
    with pytest.raises(ConfigError, match=f"CC813 the image would go to AWS, to {HOST}/.*--image-uri"):
        repositories.uri(made(SMALL, image=given), NOWHERE, EMULATOR._replace(host=HOST))


def test_the_artifacts_stack_can_be_made_alone_and_a_deploy_takes_it_as_it_is():
    cloud = Cloud()
    for _ in range(2):
        found = store(cloud.tools, made(SMALL), 3600)
    assert found.outputs.keys() >= {"BucketName", "RepositoryUri", "RepositoryArn"}
    assert [record.name for record in cloud.records] == [f"{MAIN}-artifacts"]

    assert deploy(cloud.tools, made(SMALL), Order()).changed == (MAIN,)
    assert_converged(cloud, made(SMALL), IMAGE)
