"""A plan in words: what is added, changed, replaced, removed; who may do what; when tasks run; renames."""

from __future__ import annotations

import pytest

from cloud_cron import CloudCron
from cloud_cron_cli.deploy import planning
from cloud_cron_cli.deploy.engine import deploy
from cloud_cron_cli.deploy.plan import ADD, CHANGE, REMOVE, REPLACE, compare
from tests.deploy.clouds import Cloud
from tests.deploy.stages import MAIN, MORE, ORDER, SMALL, deployed, made
from tests.deploy.template.apps import GIVEN, IMAGE, nothing


def one(expression="rate(1 hour)", name="task0", **given):
    """One task."""
    app = CloudCron("shop")
    app.schedule(expression, name=name, **given)(nothing)
    return app


def planned(before, after, **settings):
    """The plan from one app to another."""
    return planning.plan(deployed(before).tools, made(after, **settings), None)


def test_nothing_deployed_is_all_added():
    found = planning.plan(Cloud().tools, made(SMALL), IMAGE)

    assert {each.action for each in found.differences} == {ADD}
    assert {each.stack for each in found.differences} == {MAIN, f"{MAIN}-artifacts"}


def test_an_unchanged_stage_has_an_empty_plan_that_costs_one_look_at_each_stack():
    cloud = deployed()

    assert planning.plan(cloud.tools, made(SMALL), None).is_empty
    assert [call for call in cloud.calls if call != "now"] == ["find", "find", "prepared"]


def test_a_plan_changes_nothing():
    cloud = deployed()
    planning.plan(cloud.tools, made(MORE), None)

    assert set(cloud.calls) <= {"find", "now", "template", "prepared"}


def test_another_schedule_and_another_memory_are_told_in_words():
    found = planned(one(), one("cron(0 8 * * ? *)", timezone="Europe/Berlin", memory=512))
    details = [detail for each in found.differences for detail in each.details]

    assert {each.action for each in found.differences} == {CHANGE}
    assert "runs cron(0 8 * * ? *) Europe/Berlin, ran cron(0 * * * ? *) UTC" in details
    assert any(detail.startswith("MemorySize: ") and detail.endswith(" -> 512") for detail in details)


def test_permissions_that_come_and_go_are_told_in_words():
    granted = one(permissions=[{"Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/*"}])

    (gained,) = [each for each in planned(one(), granted).differences if "Role" in each.kind]
    (lost,) = [each for each in planned(granted, one()).differences if "Role" in each.kind]

    assert gained.details == ("may s3:GetObject on arn:aws:s3:::shop/*",)
    assert lost.details == ("may no longer s3:GetObject on arn:aws:s3:::shop/*",)


def test_a_task_that_is_renamed_is_recognised():
    found = planned(one(), one(name="hourly"))

    assert found.renames == (("task", "task0", "hourly"),)
    assert {each.action for each in found.differences} >= {ADD, REMOVE}


def test_a_task_that_replaces_quite_another_is_no_rename():
    assert planned(one(), one("rate(2 hours)", name="hourly")).renames == ()


def test_a_property_that_can_only_be_given_at_creation_is_a_replacement():
    before = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "a.fifo"}}}}
    after = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "b.fifo"}}}}

    (found,) = compare("s", before, after)

    assert (found.action, found.details) == (REPLACE, ("TopicName: a.fifo -> b.fifo",))


def test_protection_is_no_resource_and_is_told():
    assert any("switched on" in note for note in planned(SMALL, SMALL, protect=True).notes)


def test_a_topic_that_is_given_is_heard_beside_our_own_at_first():
    found = planned(SMALL, SMALL, topics={"orders0": GIVEN})

    assert not any(each.action == REMOVE for each in found.differences)
    assert any(each.action == ADD and each.logical.endswith("Retiring") for each in found.differences)


@pytest.mark.parametrize("app", [SMALL, MORE])
def test_a_deploy_leaves_nothing_to_plan(app):
    cloud = deployed()
    deploy(cloud.tools, made(app), ORDER)

    assert planning.plan(cloud.tools, made(app), None).is_empty
