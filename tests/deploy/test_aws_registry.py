"""Where ECR keeps repositories: on AWS, against moto, and in emulators, which are played."""

from __future__ import annotations

import json

import pytest

from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_registry import EcrRegistry
from cloud_cron_cli.deploy.aws_session import AwsSession
from tests.bad_input.ways.account import Answer, played, refusal
from tests.deploy.conftest import REGION

OWN = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
ABSENT = refusal("RepositoryNotFoundException", "no such repository")


def registry(session):
    return EcrRegistry(session, AwsAccount(session))


def says(**plain):
    return lambda given: Answer(json.dumps(plain))


@pytest.fixture
def emulator(monkeypatch):
    """A registry whose API answers as it is told to."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    play = {"DescribeRepositories": ABSENT}
    with played(play) as url:
        yield registry(AwsSession(REGION, endpoint_url=url)), play


@pytest.mark.moto
@pytest.mark.parametrize(
    ("region", "host"), [(REGION, OWN), ("cn-north-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn")]
)
def test_on_aws_the_name_of_a_registry_is_made_of_names(session, region, host):
    ecr = registry(session.elsewhere(region))

    assert ecr.uri("shop") == f"{host}/shop"
    assert ecr.serves(f"{host}/shop")
    assert ecr.serves("localhost:5000/shop")


def test_an_emulator_tells_of_its_repository(emulator):
    ecr, play = emulator
    play["DescribeRepositories"] = says(repositories=[{"repositoryUri": "localhost:5100/1/eu/shop"}])

    assert ecr.uri("shop") == "localhost:5100/1/eu/shop"


@pytest.mark.parametrize("place", ["http://localhost:4510", "localhost:4510", "https://localhost:4510/"])
def test_a_repository_that_is_not_there_yet_will_be_where_the_login_is_for(emulator, place):
    ecr, play = emulator
    play["GetAuthorizationToken"] = says(authorizationData=[{"proxyEndpoint": place}])

    assert ecr.uri("shop") == "localhost:4510/shop"


def test_an_emulator_that_knows_no_ecr_says_so(emulator):
    ecr, play = emulator
    del play["DescribeRepositories"]

    with pytest.raises(DeployError, match=r"CC803 .*ecr:DescribeRepositories of shop"):
        ecr.uri("shop")


@pytest.mark.parametrize(
    ("uri", "is_served"),
    [
        (f"{OWN}/shop", False),
        (f"123456789012.dkr-ecr.{REGION}.on.aws/shop", False),
        ("000000000000.dkr.ecr.eu-central-1.localhost.localstack.cloud:4566/shop", True),
        ("localhost:4510/shop", True),
    ],
)
def test_who_speaks_to_an_emulator_sends_nothing_to_aws(emulator, uri, is_served):
    assert emulator[0].serves(uri) is is_served


def test_an_emulator_may_be_named_by_the_environment(emulator, monkeypatch):
    session = emulator[0].session
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", session.client("ecr").meta.endpoint_url)

    assert not registry(AwsSession(REGION)).serves(f"{OWN}/shop")


def test_another_way_into_aws_is_no_emulator(emulator):
    way = AwsSession(REGION, endpoint_url=f"https://vpce-1.api.ecr.{REGION}.vpce.amazonaws.com")

    assert registry(way).serves(f"{OWN}/shop")
