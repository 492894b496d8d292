"""What SES tells of mails, in the stack: who may publish, who listens, and by which configuration set it comes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws.names import resource_name
from cloud_cron_cli.deploy.template import mail_events
from cloud_cron_cli.deploy.template.scope import logical
from tests.deploy.template.apps import app, by_ses, everything, nothing, parts, resolved, settings

if TYPE_CHECKING:
    from cloud_cron import CloudCron

NAME = resource_name("shop", "dev", "events", "events")
ARN = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/"


def template(made: CloudCron | None = None, **options: Any) -> dict[str, Any]:
    given = settings(channels={"email": {"events": True, **options}}, watch="ops")
    found: dict[str, Any] = parts(made or by_ses(), given)[0].template
    return found


def of_type(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in found["Resources"].values() if each["Type"] == kind]


def told(found: dict[str, Any], notifier: str) -> dict[str, Any]:
    """What the function of a notifier is told of its resources."""
    function = found["Resources"][f"{logical('Notifier', notifier)}Function"]["Properties"]
    text = function["Environment"]["Variables"]["CLOUD_CRON_RESOURCES"]["Fn::Sub"]
    answer: dict[str, Any] = json.loads(text)
    return answer


def sends(found: dict[str, Any], notifier: str) -> list[Any]:
    """What the role of a notifier may send by."""
    [policy] = found["Resources"][f"{logical('Notifier', notifier)}Role"]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    resources: list[Any] = next(each["Resource"] for each in statements if "ses:SendRawEmail" in each["Action"])
    return resources


@pytest.mark.parametrize("made", [by_ses, everything, app])
def test_nothing_is_made_unless_it_is_asked_for(made):
    [part] = parts(made())
    assert not [name for name in part.template["Resources"] if name.startswith("Events")]
    assert "Events" not in part.template["Outputs"]


def test_the_stack_makes_a_configuration_set_by_which_its_notifiers_mail():
    found = template()
    assert [each["Name"] for each in of_type(found, "AWS::SES::ConfigurationSet")] == [NAME]
    for notifier in ("weekly", "company"):
        assert told(found, notifier)["configuration_set"] == "${EventsConfigurationSet}"
        assert {"Fn::Sub": ARN + NAME} in sends(found, notifier)


def test_a_given_set_is_told_of_and_never_made():
    found = template(configuration_set="company")
    assert of_type(found, "AWS::SES::ConfigurationSet") == []
    [destination] = of_type(found, "AWS::SES::ConfigurationSetEventDestination")
    assert destination["ConfigurationSetName"] == "company"
    assert "configuration_set" not in told(found, "weekly")
    assert {"Fn::Sub": ARN + "company"} in sends(found, "weekly")


def test_each_set_has_one_destination_and_may_publish():
    made = by_ses()
    made.notifier(
        "email", name="own", topics=["news"], sender="a@b.org", configuration_set="mine", recipients="a@b.org"
    )(nothing)
    found = template(made)
    names = [each["ConfigurationSetName"] for each in of_type(found, "AWS::SES::ConfigurationSetEventDestination")]
    assert names == [{"Ref": "EventsConfigurationSet"}, "mine"]
    [policy] = of_type(found, "AWS::SNS::TopicPolicy")
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnEquals": {"aws:SourceArn": [{"Fn::Sub": ARN + name} for name in (NAME, "mine")]},
    }


def test_a_destination_comes_after_whatever_its_first_words_need():
    resources = template()["Resources"]
    destination = resources["EventsDestination"]
    assert set(destination["DependsOn"]) == {"EventsTopicPolicy", "EventsSubscription"}
    assert destination["Properties"]["EventDestination"]["MatchingEventTypes"] == [
        "send", "delivery", "bounce", "complaint", "reject", "renderingFailure",
    ]  # fmt: skip
    assert set(resources["EventsSubscription"]["DependsOn"]) == {"EventsQueuePolicy", "EventsDeadLettersPolicy"}
    assert resources["EventsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] == 20


def test_a_notifier_beside_the_main_stack_knows_the_set_by_its_name():
    given = settings(channels={"email": {"events": True}})
    made = parts(by_ses(), given, placement={"notifier:weekly": "p1"})
    assert told(made[0].template, "company")["configuration_set"] == "${EventsConfigurationSet}"
    assert told(made[1].template, "weekly")["configuration_set"] == NAME
    assert not [name for name in made[1].template["Resources"] if name.startswith("Events")]


@pytest.mark.parametrize("options", [{}, {"configuration_set": "company"}])
def test_as_much_room_is_kept_as_it_takes(options):
    given = settings(channels={"email": {"events": True, **options}})
    resources = template(**options)["Resources"]
    own = [name for name in resources if name.startswith("Events")]
    assert mail_events.weight(resolved(by_ses(), given)) == len(own)


def test_who_asks_for_no_events_sends_as_before_beside_one_who_does():
    made = by_ses()
    made.notifier("email", name="quiet", topics=["news"], sender="a@b.org", events=False, recipients="a@b.org")(nothing)
    found = template(made)
    assert "configuration_set" not in told(found, "quiet")
    assert not [each for each in sends(found, "quiet") if "configuration-set" in str(each)]
    output = {
        name: json.loads(each["Value"]["Fn::Sub"]) for name, each in found["Outputs"].items() if "Notifier" in name
    }
    assert {each["name"]: each.get("events", False) for each in output.values()} == {
        "weekly": True, "company": True, "quiet": False,
    }  # fmt: skip
