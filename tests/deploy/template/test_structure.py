"""What neither a linter nor an emulator notices: the joints between resources."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.aws.names import group_name, resource_name
from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.template import dumps
from tests.deploy.template.apps import GIVEN, KEY, WORLDS, app, everything, nothing, parts, settings


@pytest.fixture(scope="module", params=[name for name in WORLDS if not name.startswith("artifacts")])
def world(request):
    return WORLDS[request.param]()


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: found for name, found in template["Resources"].items() if found["Type"] == kind}


def referred(value: Any) -> set[str]:
    """The logical ids that a value refers to."""
    match value:
        case {"Ref": str(name)}:
            return {name} if not name.startswith("AWS::") else set()
        case {"Fn::GetAtt": [name, _]}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return {name.partition(".")[0] for name in re.findall(r"\$\{([A-Za-z0-9.]+)\}", text)}
        case dict():
            return set().union(*map(referred, value.values()))
        case list():
            return set().union(*map(referred, value))
        case _:
            return set()


def needed(resource: dict[str, Any]) -> set[str]:
    """What must stand when a resource is made."""
    return set(resource.get("DependsOn", ())) | referred(resource.get("Properties", {}))


def waits_for(needs: dict[str, set[str]], name: str) -> set[str]:
    """Everything that stands before a resource is made, by what each needs itself."""
    seen: set[str] = set()
    left = [name]
    while left:
        further = needs.get(left.pop(), set()) - seen
        left += further
        seen |= further
    return seen


def test_everything_that_is_referred_to_is_there(world):
    for part in world:
        known = {*part.template["Resources"], *part.template.get("Parameters", ())}
        assert referred(part.template["Resources"]) | referred(part.template["Outputs"]) <= known
        for resource in part.template["Resources"].values():
            assert set(resource.get("DependsOn", ())) <= set(part.template["Resources"])


def test_every_parameter_is_used_and_is_an_output_of_the_main_stack(world):
    outputs = world[0].template["Outputs"]
    for part in world[1:]:
        assert set(part.template.get("Parameters", {})) == set(part.parameters) == set(part.parameters.values())
        assert set(part.parameters) <= set(outputs)
        assert set(part.parameters) <= referred(part.template["Resources"])


def test_a_function_is_the_one_entrypoint_with_a_role_and_a_log_group_of_its_own(world):
    roles = []
    for part in world:
        for name, function in of_type(part.template, "AWS::Lambda::Function").items():
            own = name.removesuffix("Function")
            properties = function["Properties"]
            assert properties["ImageConfig"] == {"Command": ["cloud_cron.runtime.entrypoint.handler"]}
            assert properties["LoggingConfig"]["LogFormat"] == "JSON"
            assert referred(properties["LoggingConfig"]) == {f"{own}LogGroup"}
            assert part.template["Resources"][f"{own}LogGroup"]["Properties"]["RetentionInDays"] > 0
            roles.append((part.key, *referred(properties["Role"])))
    assert len(set(roles)) == len(roles)


def test_a_schedule_comes_after_its_failures_and_its_subscribers(world):
    for index, part in enumerate(world):
        needs = {name: needed(resource) for name, resource in part.template["Resources"].items()}
        for identity, schedule in of_type(part.template, "AWS::Scheduler::Schedule").items():
            own = re.sub(r"Schedule\d*$", "", identity)
            before = waits_for(needs, identity)
            assert f"{own}InvokeConfig" in before
            topics = published(world, json.loads(schedule["Properties"]["Target"]["Input"]).get("task"))
            assert {name for name, topic in heard(part.template).items() if topic in topics} <= before
            for later in world[index + 1 :]:
                assert not topics & set(heard(later.template).values())


def topic_name(template: dict[str, Any], arn: Any) -> str:
    """The name of the topic that an ARN, a reference or a rule stands for."""
    match arn:
        case {"Ref": identity}:
            return str(template["Resources"][identity]["Properties"]["TopicName"])
        case {"Fn::Sub": text}:
            return str(text).rpartition(":")[2]
        case _:
            return str(arn).rpartition(":")[2]


def heard(template: dict[str, Any]) -> dict[str, str]:
    """The topic of every subscription of a stack to what tasks publish."""
    found = of_type(template, "AWS::SNS::Subscription")
    return {
        name: topic_name(template, each["Properties"]["TopicArn"])
        for name, each in found.items()
        if name != "EventsSubscription"
    }


def published(world, task: str | None) -> set[str]:
    """The topics that a task's role may publish to."""
    for part in world:
        for name, output in part.template["Outputs"].items():
            value = output["Value"]
            text = value.get("Fn::Sub", "") if isinstance(value, dict) else value
            if f'"kind":"task","name":"{task}"' in text:
                role = part.template["Resources"][f"{name}Role"]["Properties"]["Policies"][0]["PolicyDocument"]
                allowed = [each for each in role["Statement"] if each["Action"] == "sns:Publish"]
                return {topic_name(part.template, arn) for each in allowed for arn in each["Resource"]}
    return set()


def test_no_schedule_has_a_start_or_an_end_and_each_has_limits_and_a_dead_letter_queue(world):
    group = group_name("shop", "dev")
    for part in world:
        for schedule in of_type(part.template, "AWS::Scheduler::Schedule").values():
            properties = schedule["Properties"]
            assert not {"StartDate", "EndDate"} & set(properties)
            assert properties["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}
            assert properties["Target"]["DeadLetterConfig"]["Arn"]
            assert properties["GroupName"] in ({"Ref": "ScheduleGroup"}, group) or world[0].stack != "shop-dev"


def test_the_scheduler_may_call_the_scheduled_functions_and_is_trusted_by_group(world):
    for part in world:
        roles = of_type(part.template, "AWS::IAM::Role")
        targets = {
            name for schedule in of_type(part.template, "AWS::Scheduler::Schedule").values()
            for name in referred(schedule["Properties"]["Target"]["Arn"])
        }  # fmt: skip
        if not targets:
            continue
        trust = roles["SchedulerRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        assert ":schedule-group/" in trust["Condition"]["StringEquals"]["aws:SourceArn"]["Fn::Sub"]
        policy = roles["SchedulerRole"]["Properties"]["Policies"][0]["PolicyDocument"]
        assert referred(policy["Statement"][0]["Resource"]) == targets


def test_every_subscription_has_a_policy_before_it_and_dead_letters_of_its_own(world):
    for part in world:
        policies = of_type(part.template, "AWS::SQS::QueuePolicy")
        for identity, subscription in of_type(part.template, "AWS::SNS::Subscription").items():
            properties = subscription["Properties"]
            assert properties.get("RawMessageDelivery", False) is (identity != "EventsSubscription")
            queue = referred(properties["Endpoint"])
            dead = referred(properties["RedrivePolicy"])
            assert queue != dead
            for target in (queue, dead):
                of_it = {
                    name: each for name, each in policies.items() if referred(each["Properties"]["Queues"]) == target
                }
                [(name, policy)] = of_it.items()
                assert name in part.template["Resources"][identity]["DependsOn"]
                [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
                assert properties["TopicArn"] in statement["Condition"]["ArnEquals"]["aws:SourceArn"]
                assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
                assert referred(statement["Resource"]) == target


def test_a_queue_waits_six_timeouts_and_gives_up_within_its_retention(world):
    for part in world:
        for name, mapping in of_type(part.template, "AWS::Lambda::EventSourceMapping").items():
            own = name.removesuffix("Mapping")
            function = part.template["Resources"][f"{own}Function"]["Properties"]
            queue = part.template["Resources"][f"{own}Queue"]["Properties"]
            assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            assert mapping["Properties"]["BatchSize"] <= 10
            assert queue["VisibilityTimeout"] == 6 * function["Timeout"]
            receives = queue["RedrivePolicy"]["maxReceiveCount"]
            assert 5 <= receives <= 1000
            assert receives * queue["VisibilityTimeout"] <= queue["MessageRetentionPeriod"]
            assert queue.get("DeduplicationScope") == (None if own == "Events" else "messageGroup")
            assert referred(queue["RedrivePolicy"]) == {f"{own}DeadLetters"}


def test_no_update_and_no_replacement_deletes_the_ledger_or_a_queue(world):
    for part in world:
        kinds = ("AWS::SQS::Queue", "AWS::DynamoDB::Table")
        found = [each for kind in kinds for each in of_type(part.template, kind).items()]
        for resource in (each for name, each in found if not name.startswith("Events")):
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_everything_that_can_be_tagged_says_whose_it_is(world):
    bare = {
        "AWS::Scheduler::Schedule", "AWS::SNS::Subscription", "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy",
        "AWS::Lambda::EventInvokeConfig", "AWS::IAM::ManagedPolicy", "AWS::SNS::TopicPolicy",
        "AWS::SES::ConfigurationSetEventDestination",
    }  # fmt: skip
    for part in world:
        for resource in part.template["Resources"].values():
            if resource["Type"] not in bare:
                tags = {tag["Key"]: tag["Value"] for tag in resource["Properties"]["Tags"]}
                assert {"managed_by": "cloud-cron", "stage": "dev"}.items() <= tags.items()


def test_limits_of_cloudformation_are_kept(world):
    for part in world:
        assert len(part.template["Resources"]) <= 450
        assert len(part.template["Outputs"]) < 200
        assert len(dumps(part.template).encode()) < 1_000_000
        assert_policies_fit(part.template)


def assert_policies_fit(template: dict[str, Any]) -> None:
    """IAM User Guide, "IAM and AWS STS quotas": white space does not count."""
    for role in of_type(template, "AWS::IAM::Role").values():
        assert sum(written(policy["PolicyDocument"]) for policy in role["Properties"]["Policies"]) <= 10_240
    for policy in of_type(template, "AWS::IAM::ManagedPolicy").values():
        assert written(policy["Properties"]["PolicyDocument"]) <= 6_144


def written(document: Any) -> int:
    """Characters of a policy when every reference is as long as what it stands for may be."""
    return len(re.sub(r"\s", "", json.dumps(longest(document))))


def longest(value: Any) -> Any:
    match value:
        case {"Fn::Sub": str(text)}:
            pseudo = {
                "${AWS::Partition}": "aws-us-gov",
                "${AWS::Region}": "ap-northeast-1",
                "${AWS::AccountId}": "1" * 12,
            }
            for name, known in pseudo.items():
                text = text.replace(name, known)
            return re.sub(r"\$\{[^!}]*\}", "x" * 80, text)
        case {"Ref": _} | {"Fn::GetAtt": _}:
            return "arn:aws-us-gov:sqs:ap-northeast-1:111111111111:".ljust(47 + 80, "x")
        case dict():
            return {key: longest(item) for key, item in value.items()}
        case list():
            return [longest(item) for item in value]
        case _:
            return value


def crowd(notifiers: int, tasks: int) -> CloudCron:
    """Names as long as they may be; every run of a task that another one holds up waits for maintenance."""
    made = CloudCron("a" * 30)
    for number in range(tasks):
        made.schedule("rate(1 hour)", name=f"task{number:0>36}", overlap="queue")(nothing)
    for number in range(notifiers):
        made.notifier("print", topics=["ops"], name=f"tell{number:0>36}")(nothing)
    return made


@pytest.mark.parametrize(("notifiers", "tasks"), [(100, 100), (0, 250), (120, 0)])
def test_the_permissions_of_a_large_app_fit_the_roles_of_iam(notifiers, tasks):
    found = parts(crowd(notifiers, tasks), settings(watch="ops", kms_key=KEY))
    for part in found:
        assert_policies_fit(part.template)
    policies = [policy for part in found for policy in of_type(part.template, "AWS::IAM::ManagedPolicy").values()]
    assert 2 < len(policies) <= 10
    granted = json.dumps([policy["Properties"]["PolicyDocument"] for policy in policies])
    assert granted.count(":function:") == notifiers + tasks
    assert granted.count("DeadLetters") == notifiers


def maintenance(**more: Any) -> tuple[str, dict[str, Any]]:
    """What the role of maintenance says, as JSON, and the properties of its function."""
    [part] = parts(app(), settings(**more))
    role, function = (part.template["Resources"][f"Maintenance{kind}"] for kind in ("Role", "Function"))
    return json.dumps(role["Properties"]["Policies"]), function["Properties"]


@pytest.mark.parametrize(
    ("heartbeat", "granted"),
    [
        ("secretsmanager:shop/heartbeat", ["secretsmanager:GetSecretValue", ":secret:shop/heartbeat-??????"]),
        ("ssm:/shop/heartbeat", ["ssm:GetParameter", ":parameter/shop/heartbeat"]),
    ],
)
def test_maintenance_may_read_where_the_heartbeat_is_kept_and_nothing_else_of_it(heartbeat, granted):
    said, _ = maintenance(heartbeat=heartbeat)
    assert all(said.count(word) == 1 for word in granted)


@pytest.mark.parametrize("heartbeat", [None, "https://hc-ping.com/2d7a"])
def test_maintenance_may_read_no_secret_and_no_template_shows_the_heartbeat(heartbeat):
    said, function = maintenance(heartbeat=heartbeat)
    assert "secretsmanager" not in said
    assert "ssm:" not in said
    assert "2d7a" not in json.dumps(function)


def test_maintenance_stands_outside_of_the_subnets_of_the_app_and_is_not_traced():
    given = {"subnets": ["subnet-1a2b3c4d"], "security_groups": ["sg-1a2b3c4d"], "tracing": True, "log_retention": 7}
    _, function = maintenance(function=given)
    assert not function.keys() & {"VpcConfig", "TracingConfig"}


def test_more_permissions_than_a_role_takes_are_refused():
    with pytest.raises(ConfigError, match="CC857") as caught:
        parts(crowd(0, 1000))
    assert "divide the app" in str(caught.value.hint)


def test_the_same_input_gives_the_same_bytes():
    assert [dumps(part.template) for part in WORLDS["everything"]()] == [
        dumps(part.template) for part in WORLDS["everything"]()
    ]


def test_a_given_topic_is_published_to_and_heard_and_never_made():
    [part] = parts(everything(), settings(topics={"orders": GIVEN}))
    topics = [found["Properties"].get("TopicName") for found in of_type(part.template, "AWS::SNS::Topic").values()]
    assert topics == [None, "shop-dev-ops.fifo"]
    assert sorted(heard(part.template).values()) == ["company-orders.fifo"] * 2 + ["shop-dev-ops.fifo"]
    assert published([part], "export") == {"company-orders.fifo", "shop-dev-ops.fifo"}


def test_a_topic_that_retires_is_still_heard_and_no_longer_published_to():
    [part] = parts(everything(), settings(topics={"orders": GIVEN}), retiring={"orders"})
    names = ["company-orders.fifo"] * 2 + ["shop-dev-ops.fifo"] + ["shop-dev-orders.fifo"] * 2
    assert sorted(heard(part.template).values()) == names
    assert published([part], "export") == {"company-orders.fifo", "shop-dev-ops.fifo"}


def test_names_at_their_longest_stay_within_sixty_four_characters_and_apart():
    long = "a" * 31
    first, second = f"{'t' * 39}1", f"{'t' * 39}2"
    names = {resource_name(long, "s" * 16, "task", name) for name in (first, second)}
    assert len(names) == 2
    assert max(map(len, names)) == 64
    assert len(group_name(long, "s" * 16)) <= 64


def test_two_apps_and_stages_whose_names_run_together_share_nothing():
    def names(name: str, stage: str) -> set[str]:
        [part] = parts(app(name=name, topics=1), settings(stage))
        keys = ("FunctionName", "LogGroupName", "Name", "TopicName")
        return {
            found["Properties"][key] for found in part.template["Resources"].values() for key in keys
            if isinstance(found["Properties"].get(key), str)
        }  # fmt: skip

    assert not names("weather-dev", "x") & names("weather", "dev")
    assert not names("shop", "dev") & names("shop", "prod")
