"""Tags of ECR and the images that functions run, against moto."""

from __future__ import annotations

import json
import re

import pytest

from cloud_cron_cli.deploy.aws_functions import running
from cloud_cron_cli.deploy.aws_repository import EcrTags
from cloud_cron_cli.deploy.images.oci import OCI
from cloud_cron_cli.deploy.images.reference import parse
from tests.deploy.conftest import REGION

pytestmark = pytest.mark.moto

SHOP = parse(f"123456789012.dkr.ecr.{REGION}.amazonaws.com/team/shop")
ROLE = "arn:aws:iam::123456789012:role/jobs"


def shelf(session):
    found = EcrTags.of(session, SHOP)
    assert found
    return found


def put(session, number, *tags):
    """An image with these tags; its digest."""
    config = {"mediaType": OCI.config, "digest": f"sha256:{number:064x}", "size": 2}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI.manifest, "config": config, "layers": []})
    for tag in tags:
        answer = session.client("ecr").put_image(
            repositoryName=SHOP.name, imageManifest=manifest, imageManifestMediaType=OCI.manifest, imageTag=tag
        )
    return answer["image"]["imageId"]["imageDigest"]


def test_tags_are_listed_with_their_digests_and_taken_away_while_the_image_stays(session):
    tags = shelf(session)
    assert tags.all() == {}

    session.client("ecr").create_repository(repositoryName=SHOP.name)
    first = put(session, 1, "b-1", "live-1", "live-2")
    second = put(session, 2, "b-2")
    assert tags.all() == {"b-1": first, "live-1": first, "live-2": first, "b-2": second}

    tags.remove(["live-1", "live-2", "live-3"])

    assert tags.all() == {"b-1": first, "b-2": second}


def test_more_tags_than_one_call_takes(session):
    session.client("ecr").create_repository(repositoryName=SHOP.name)
    names = [f"live-{number}" for number in range(130)]
    put(session, 1, "b-1", *names)

    shelf(session).remove(names)

    assert list(shelf(session).all()) == ["b-1"]


def test_a_registry_that_is_not_ecrs_has_no_tags_of_ecr(session):
    assert EcrTags.of(session, parse("registry.example.org/shop")) is None


def test_functions_tell_the_digests_of_their_images(session):
    session.client("ecr").create_repository(repositoryName=SHOP.name)
    put(session, 1, "b-1")
    session.client("iam").create_role(RoleName="jobs", AssumeRolePolicyDocument="{}")
    session.client("lambda").create_function(
        FunctionName="job", PackageType="Image", Role=ROLE, Code={"ImageUri": f"{SHOP.repository}:b-1"}
    )

    (found,) = running(session, ["job", "gone"])
    assert re.fullmatch("sha256:[0-9a-f]{64}", found)
    assert running(session, []) == frozenset()
