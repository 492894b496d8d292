"""The image of a deploy: there and live before anything needs it, and as long as something does."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from cloud_cron.config import Settings, resolve
from cloud_cron.errors import ConfigError, DeployError, ImageError
from cloud_cron_cli.deploy import planning, shipping
from cloud_cron_cli.deploy.desired import App
from cloud_cron_cli.deploy.engine import Order, deploy
from tests.deploy.clouds import Cloud, Killed
from tests.deploy.stages import MAIN, ORDER, SMALL, assert_converged, made
from tests.deploy.template.apps import IMAGE, app

OWN = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop-dev-artifacts"
GIVEN = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/shop"
MAKES = Order()


def image(number, repository=OWN):
    return f"{repository}@sha256:{number:012x}{0:052x}"


def turned(cloud, number, declared=SMALL, **settings):
    """Deploy the image of that number."""
    cloud.image = image(number)
    cloud.seconds += 60
    return deploy(cloud.tools, made(declared, **settings), MAKES)


def live(cloud):
    """The images that are live, by their numbers, the earliest deployed first."""
    return [int(cloud.shelf[tag][7:19], 16) for tag in shipping.live(made(SMALL), cloud.shelf)]


def test_the_image_is_made_before_anything_is_refused_and_sent_before_anything_needs_it():
    cloud = Cloud()
    turned(cloud, 1)

    asked = [call for call in cloud.calls if call in {"prepared", "topic_tags", "propose", "push"}]
    assert asked[0] == "prepared"
    assert asked.index("push") == asked.index("propose") + 1
    assert {tag.partition("-")[0] for tag in cloud.shelf} == {"b", "live"}
    assert any(url.endswith(f"/images/{image(1)[-64:]}.cdx.json") for url in cloud.objects)


def test_an_unchanged_app_sends_nothing():
    cloud = Cloud()
    turned(cloud, 1)
    cloud.kill(None)

    assert turned(cloud, 1).changed == ()
    assert set(cloud.calls) <= {"find", "prepared", "now"}


def test_a_given_image_is_neither_made_nor_tagged():
    cloud = Cloud()
    deploy(cloud.tools, made(SMALL), ORDER)

    assert not {"prepared", "push", "tags"} & set(cloud.calls)
    assert not any("/images/" in url for url in cloud.objects)


def test_a_plan_makes_the_image_and_sends_nothing():
    cloud = Cloud()
    turned(cloud, 1)
    cloud.kill(None)
    cloud.image = image(2)

    found = planning.plan(cloud.tools, made(SMALL), None)

    assert any("Code.ImageUri" in detail for each in found.differences for detail in each.details)
    assert not {"push", "propose", "put"} & set(cloud.calls)


def test_the_images_of_the_last_ten_deploys_stay_live():
    cloud = Cloud()
    for number in range(14):
        turned(cloud, number)

    assert live(cloud) == list(range(4, 14))
    assert sum(tag.startswith("b-") for tag in cloud.shelf) == 14


def test_what_a_function_still_runs_stays_live():
    cloud: Any = Cloud()
    turned(cloud, 0)
    cloud.running = lambda _: frozenset({shipping.digest_of(image(0))})
    for number in range(1, 14):
        turned(cloud, number)

    assert live(cloud) == [0, *range(4, 14)]


def test_a_deploy_of_the_same_image_tags_it_once_and_a_return_to_an_earlier_one_again():
    cloud = Cloud()
    turned(cloud, 1)
    turned(cloud, 1, app(2))
    assert live(cloud) == [1]

    turned(cloud, 2)
    turned(cloud, 1)

    assert live(cloud) == [1, 2, 1]


def test_tags_of_other_apps_and_stages_are_left_alone():
    cloud = Cloud()
    others = {f"live-shop-dev-x-20260101T0000{number:02}Z-a": "sha256:x" for number in range(20)}
    others |= {f"live-other-dev-20260101T0000{number:02}Z-a": "sha256:x" for number in range(20)}
    cloud.shelf = dict(others)
    for number in range(12):
        turned(cloud, number)

    assert others.items() <= cloud.shelf.items()
    assert len(live(cloud)) == shipping.KEPT


def test_a_tag_that_another_image_has_is_refused_before_anything_is_sent():
    cloud = Cloud()
    turned(cloud, 1, image={"tag": "1.0"})
    cloud.kill(None)

    with pytest.raises(ImageError, match=r"CC886 tag 1\.0 "):
        turned(cloud, 2, image={"tag": "1.0"})

    assert "push" not in cloud.calls
    turned(cloud, 1, app(2), image={"tag": "1.0"})


def test_a_deploy_is_done_even_if_tags_cannot_be_taken_away():
    cloud: Any = Cloud()
    for number in range(10):
        turned(cloud, number)

    def denied(_):
        raise DeployError("CC803", "the AWS credentials may not do ecr:BatchDeleteImage")

    cloud.untag = denied
    assert turned(cloud, 10).changed == (MAIN,)
    assert any("CC803" in text for text in cloud.said)


def test_a_deploy_that_is_killed_anywhere_converges_the_next_time_and_the_image_is_tagged_once():
    whole = Cloud()
    turned(whole, 1)
    whole.kill(None)
    turned(whole, 2, app(2))
    for step in range(1, len(whole.calls)):
        cloud = Cloud()
        turned(cloud, 1)
        cloud.kill(step)
        with suppress(Killed):
            turned(cloud, 2, app(2))
        cloud.kill(None)
        turned(cloud, 2, app(2))

        assert_converged(cloud, made(app(2)), image(2))
        assert live(cloud) == [1, 2]


def test_our_own_repository_goes_only_when_no_function_runs_an_image_of_it():
    cloud = Cloud()
    turned(cloud, 1)
    cloud.image = image(1, GIVEN)
    given = {"repository": GIVEN}

    moved = deploy(cloud.tools, made(SMALL, image=given), MAKES)
    assert "deploy again" in str(moved.later)
    assert "Repository" in cloud.the(f"{MAIN}-artifacts").resources

    deploy(cloud.tools, made(SMALL, image=given), MAKES)
    assert "Repository" not in cloud.the(f"{MAIN}-artifacts").resources
    assert planning.plan(cloud.tools, made(SMALL, image=given), None).is_empty


def test_a_repository_of_another_region_is_refused_before_anything_changes():
    cloud = Cloud()
    given = {"repository": GIVEN.replace("eu-central-1", "us-east-1")}

    with pytest.raises(ConfigError, match=r"CC813 .*us-east-1"):
        deploy(cloud.tools, made(SMALL, image=given), MAKES)

    assert "propose" not in cloud.calls


def test_each_stage_has_live_tags_of_its_own_in_a_repository_that_they_share():
    cloud = Cloud()
    for stage in ("dev", "prod"):
        settings = Settings(stage=stage, image={"repository": GIVEN})
        cloud.image = image(1, GIVEN)
        deploy(cloud.tools, App(resolve(SMALL.model(), settings), settings), MAKES)

    tagged = {tag.rsplit("-", 2)[0] for tag in cloud.shelf if tag.startswith("live-")}
    assert tagged == {"live-shop-dev", "live-shop-prod"}


def test_every_image_has_a_tag_by_its_digest():
    assert shipping.built(shipping.digest_of(IMAGE)) == "b-" + "0" * 12
