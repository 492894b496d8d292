"""The repository of images: who may pull, which images stay, and what is told of an existing one."""

from __future__ import annotations

import json

import pytest

from cloud_cron import CloudCron
from cloud_cron_cli.deploy.template import artifacts
from cloud_cron_cli.deploy.template.repository import lifecycle
from tests.deploy.template.apps import WORLDS, app, nothing, parts, resolved, settings

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def stack(**image):
    given = settings(image=image)
    return artifacts(resolved(app(), given), given).template


def expired(images, rules):
    """The images, newest first and each a tuple of its tags, that the rules expire: as ECR's guide tells it."""
    gone: set[int] = set()
    bound: set[int] = set()
    for rule in sorted(rules, key=lambda each: each["rulePriority"]):
        chosen = rule["selection"]
        status, prefixes = chosen["tagStatus"], chosen.get("tagPrefixList", ())
        fits = {
            "any": lambda tags: True,
            "untagged": lambda tags: not tags,
            "tagged": lambda tags: all(any(tag.startswith(prefix) for tag in tags) for prefix in prefixes),  # noqa: B023
        }[status]
        matching = [number for number, tags in enumerate(images) if fits(tags)]
        beyond = matching[chosen["countNumber"] :] if chosen["countType"] == "imageCountMoreThan" else matching
        gone |= set(beyond) - bound
        bound |= set(matching)
    return gone


def test_images_that_functions_run_outlive_any_number_of_newer_ones():
    images = [("b-1",), (), ("b-2",), ("b-3",), ("b-4", "live-2"), ("b-5",), ("b-6", "live-1")]

    assert expired(images, lifecycle(3)["rules"]) == {1, 3, 5}


def test_a_lifecycle_is_what_ecr_takes():
    text = stack(keep=7)["Resources"]["Repository"]["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"]
    rules = json.loads(text)["rules"]

    assert 100 <= len(text) <= 30_720
    assert [rule["selection"]["tagStatus"] for rule in rules] == ["tagged", "untagged", "any"]
    assert rules[-1]["selection"]["countNumber"] == 7


def test_only_lambda_of_the_account_may_pull_unless_others_are_named():
    (statement,) = stack()["Resources"]["Repository"]["Properties"]["RepositoryPolicyText"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}

    properties = stack(pull_accounts=("210987654321",))["Resources"]["Repository"]["Properties"]
    _, people, functions = properties["RepositoryPolicyText"]["Statement"]
    assert people["Principal"] == {"AWS": [{"Fn::Sub": "arn:${AWS::Partition}:iam::210987654321:root"}]}
    assert "ecr:PutImage" not in people["Action"]
    assert "210987654321:function:*" in json.dumps(functions["Condition"])


@pytest.mark.parametrize(
    ("repository", "uri", "arn"),
    [
        (
            f"{ECR}/team/shop",
            f"{ECR}/team/shop",
            "arn:${AWS::Partition}:ecr:eu-central-1:123456789012:repository/team/shop",
        ),
        (
            "team/shop",
            "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/team/shop",
            "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/team/shop",
        ),
        ("localhost:5000/shop", "localhost:5000/shop", None),
    ],
)
def test_an_existing_repository_is_told_and_not_made(repository, uri, arn):
    template = stack(repository=repository)
    told = {name: output["Value"] for name, output in template["Outputs"].items()}

    assert not any(each["Type"] == "AWS::ECR::Repository" for each in template["Resources"].values())
    assert told.keys() == {"BucketName", "RepositoryUri", *(["RepositoryArn"] if arn else [])}
    assert told["RepositoryUri"] in (uri, {"Fn::Sub": uri})
    assert arn is None or told["RepositoryArn"] == {"Fn::Sub": arn}


def test_while_functions_still_run_its_images_our_own_repository_stays():
    given = settings(image={"repository": f"{ECR}/team/shop"})
    template = artifacts(resolved(app(), given), given, leaving=True).template

    assert "Repository" in template["Resources"]
    assert template["Outputs"]["RepositoryUri"] == {"Value": f"{ECR}/team/shop"}


def test_every_function_has_the_architecture_of_the_one_image():
    made = CloudCron("shop")
    made.schedule("rate(1 hour)", name="task", function={"architecture": "arm64"})(nothing)
    for template in [parts(made)[0].template, WORLDS["everything"]()[0].template]:
        functions = [each for each in template["Resources"].values() if each["Type"] == "AWS::Lambda::Function"]
        assert {tuple(each["Properties"]["Architectures"]) for each in functions} == {("arm64",)}
