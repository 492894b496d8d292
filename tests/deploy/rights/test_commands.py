"""What `deploy`, `plan`, `outputs` and `destroy` ask of AWS is what the page allows, no more and no less."""

from __future__ import annotations

import pytest
from botocore import xform_name

from tests.deploy.rights import sources
from tests.deploy.rights.played import Work
from tests.deploy.rights.policies import STAGE, actions, allowed, looking, statements

BY_HTTP = {
    "ecr:BatchCheckLayerAvailability": "whether a layer is there",
    "ecr:BatchGetImage": "manifests are read",
    "ecr:GetDownloadUrlForLayer": "layers of the last image are read",
    "ecr:PutImage": "manifests are written",
}
"""What the registry's own API asks for (ECR User Guide, "IAM permissions for pushing an image")."""

OF_CLOUDFORMATION = {"s3:GetObject": "a large template is read from the bucket with the same credentials"}

REFUSABLE = {
    "cloudformation:DescribeStacks": "of all stages: before the first deploy of one the others are not named",
    "kms:GetKeyPolicy": "what the policy of a key lacks is not told",
    "ses:GetEmailTemplate": "of somebody else's template: that it is not there is not told",
    "sns:GetTopicAttributes": "of a given topic: that it is not there is told by CloudFormation",
}
"""What is asked of things that are not the stage's own; refused, it is done without."""


class Asked:
    """The rights that commands took, and the operations that were called."""

    def __init__(self):
        work = Work()
        self.deploying = work.deploying() | work.destroying()
        self.planning = work.planning()
        self.operations = work.session.operations


@pytest.fixture(scope="module")
def asked():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        return Asked()


def denied(found, rights):
    return {right for right in rights if not allowed(found, right)}


def test_everything_that_is_named_in_the_source_was_asked(asked):
    deploying = sources.adapters() - sources.OPERATING - sources.EMULATED

    assert {xform_name(name) for name in asked.operations} == sources.named(deploying)


def test_what_a_deploy_and_its_end_ask_is_allowed(asked):
    refused = denied(statements("deploy.json", "mail.json"), asked.deploying)

    assert {right.action for right in refused} == set(REFUSABLE)
    assert [right for right in refused if STAGE in right.resource] == []


def test_what_a_plan_and_outputs_ask_is_a_look(asked):
    found = looking("deploy.json")

    assert denied(found, asked.planning) == set()
    assert actions(found) - {right.action for right in asked.planning} == {
        "ecr:GetAuthorizationToken",
        *(BY_HTTP.keys() - {"ecr:PutImage"}),
    }


def test_nothing_is_allowed_that_nobody_asks(asked):
    made = {right.action for right in asked.deploying}

    assert actions(statements("deploy.json")) - made == {*BY_HTTP, *OF_CLOUDFORMATION}


def test_another_stage_is_out_of_reach(asked):
    found = statements("deploy.json", "resources.json", "roles.json", "mail.json", "operate.json")
    own = [right for right in asked.deploying if STAGE in right.resource]
    others = [
        right._replace(resource=right.resource.replace(STAGE, name))
        for name in ("shop-prod", f"{STAGE}2", f"my{STAGE}")
        for right in own
    ]

    assert len(others) > 100
    assert [right for right in others if allowed(found, right)] == []
