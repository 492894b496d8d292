"""Pausing on AWS: schedules and mappings are switched, and nothing else of them changes."""

from __future__ import annotations

import pytest

from cloud_cron.errors import NotFound
from cloud_cron_cli.pausing import pause, resume
from tests.operating.aws_world import GROUP, arn

pytestmark = pytest.mark.moto


def schedule(aws):
    found = aws.session.client("scheduler").get_schedule(GroupName=GROUP, Name="shop-dev-export")
    return {key: value for key, value in found.items() if key not in {"ResponseMetadata", "LastModificationDate"}}


def mapping(aws):
    functions = aws.session.client("lambda")
    [found] = functions.list_event_source_mappings(EventSourceArn=arn("queue"))["EventSourceMappings"]
    return found["State"]


def test_a_pause_switches_everything_off_and_a_resume_on(aws):
    aws.deploy()
    before = schedule(aws)
    assert pause(aws.project, aws.again(), []) == (["export", "mail"], [])
    assert schedule(aws) == {**before, "State": "DISABLED"}
    assert mapping(aws) == "Disabled"
    assert pause(aws.project, aws.again(), ["mail"]) == ([], ["mail"])
    assert aws.again().obstacle("mail") == (
        "mail is switched off on AWS: nothing is sent until `cloud-cron resume mail --remote`"
    )
    assert resume(aws.project, aws.again(), []) == (["export", "mail"], [])
    assert (schedule(aws), mapping(aws)) == (before, "Enabled")
    assert sorted(aws.done()) == [("paused", "export"), ("paused", "mail"), ("resumed", "export"), ("resumed", "mail")]


def test_what_has_no_schedule_cannot_be_paused(aws):
    with pytest.raises(NotFound, match="CC826 export has nothing at stage dev"):
        pause(aws.project, aws.again(), ["export"])
    assert pause(aws.project, aws.again(), []).changed == ["mail"]
