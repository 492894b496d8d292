"""What the handlers of CloudFormation touch for the resources of emitted templates, as IAM knows it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.deploy.rights.asked import ACCOUNT, Right, here
from tests.deploy.rights.handlers import needed
from tests.deploy.template.apps import WORLDS

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("FunctionName", "TopicName", "LogGroupName", "RepositoryName", "EmailIdentity", "Name")
"""Properties that give a resource its name; CloudFormation makes one up of stack and logical id otherwise."""

OWNERS = {
    "AWS::Lambda::EventInvokeConfig": "FunctionName",
    "AWS::Lambda::EventSourceMapping": "FunctionName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SES::ConfigurationSetEventDestination": "ConfigurationSetName",
    "AWS::SNS::Subscription": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
}
"""Types that are part of another resource, and the property that names it."""

PLACES = {
    "AWS::CloudWatch::Alarm": here("cloudwatch", "alarm:{}"),
    "AWS::DynamoDB::Table": here("dynamodb", "table/{}"),
    "AWS::ECR::Repository": here("ecr", "repository/{}"),
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{{}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{}}",
    "AWS::Lambda::Function": here("lambda", "function:{}"),
    "AWS::Logs::LogGroup": here("logs", "log-group:{}:*"),
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SES::ConfigurationSet": here("ses", "configuration-set/{}"),
    "AWS::SES::EmailIdentity": here("ses", "identity/{}"),
    "AWS::SES::Template": here("ses", "template/{}"),
    "AWS::SNS::Topic": here("sns", "{}"),
    "AWS::SQS::Queue": here("sqs", "{}"),
    "AWS::Scheduler::Schedule": here("scheduler", "schedule/shop-dev-0a1b2c/{}"),
    "AWS::Scheduler::ScheduleGroup": here("scheduler", "schedule-group/{}"),
}
"""ARNs by type (service authorization reference of each service, "Resource types")."""

NO_NARROWER = frozenset(
    {
        *("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricStatistics", "dynamodb:ListTables"),
        *("ecr:GetAuthorizationToken", "lambda:ListEventSourceMappings", "s3:ListAllMyBuckets", "sqs:ListQueues"),
        *(f"logs:Describe{each}" for each in ("IndexPolicies", "LogGroups", "ResourcePolicies")),
        "scheduler:ListSchedules",
        *("sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"),
        *("ses:GetAccount", "ses:DescribeConfigurationSet"),
        *(f"ses:{verb}Template" for verb in ("Create", "Delete", "Get", "Update")),
    }
)
"""Actions that are decided about without a resource (the same reference, "Actions defined by ..."), or for a list."""


class Made(NamedTuple):
    """A resource of a template: what it is called, and what it is a part of."""

    kind: str
    name: str
    owner: str
    properties: dict[str, Any]


@cache
def resources() -> tuple[Made, ...]:
    """Those of every template of one stage; a part of something that is not ours is left out."""
    found = []
    for world in (world for name, world in WORLDS.items() if name != "example"):
        for part in world():
            known = part.template["Resources"]
            names = {logical: _name(part.stack, logical, each) for logical, each in known.items()}
            for logical, each in known.items():
                owner = _owner(each["Type"], each["Properties"])
                if owner in {None, *names}:
                    found.append(Made(each["Type"], names[logical], names.get(owner or "", ""), each["Properties"]))
    return tuple(found)


def rights(made: Made) -> Iterator[Right]:
    """What the handlers of a resource take."""
    for action in needed(made.kind):
        keys = (("lambda:FunctionArn", here("lambda", f"function:{made.owner}")),)
        match action.partition(":"):
            case _ if action in NO_NARROWER:
                yield Right(action, "*")
            case "iam", _, "PassRole":
                service = made.kind.split("::")[1].lower()
                role = PLACES["AWS::IAM::Role"].format("shop-dev-SchedulerRole-1A2B3C")
                yield Right(action, role, (("iam:PassedToService", f"{service}.amazonaws.com"),))
            case "iam", _, "AttachRolePolicy" | "DetachRolePolicy":
                yield Right(action, PLACES["AWS::IAM::Role"].format("shop-dev-MaintenanceRole-1A2B3C"))
            case "lambda", _, _ if made.kind == "AWS::Lambda::EventSourceMapping":
                yield Right(action, here("lambda", "event-source-mapping:0f1e2d"), keys)
            case "s3", _, "DeleteObject":
                yield Right(action, PLACES[made.kind].format(f"{made.name}/key"))
            case _:
                yield Right(action, _place(made))


def _place(made: Made) -> str:
    """The ARN of a resource, or of what it is a part of."""
    kinds = {"FunctionName": "Lambda::Function", "Bucket": "S3::Bucket", "Queues": "SQS::Queue", "Topics": "SNS::Topic",
             "TopicArn": "SNS::Topic", "ConfigurationSetName": "SES::ConfigurationSet"}  # fmt: skip
    if made.kind in OWNERS:
        return PLACES[f"AWS::{kinds[OWNERS[made.kind]]}"].format(made.owner)
    return PLACES[made.kind].format(made.name)


def _name(stack: str, logical: str, resource: dict[str, Any]) -> str:
    properties = {**resource["Properties"], "Name": resource["Properties"].get("Template", {}).get("TemplateName"),
                  **resource["Properties"]}  # fmt: skip
    given = next((properties[name] for name in NAMES if isinstance(properties.get(name), str)), None)
    made = given or f"{stack}-{logical}-1A2B3C"
    return made.lower() if resource["Type"] == "AWS::S3::Bucket" else made


def _owner(kind: str, properties: dict[str, Any]) -> str | None:
    """The logical id of what a resource is a part of; empty for what is somebody else's, None for what is no part."""
    if kind not in OWNERS:
        return None
    value = properties[OWNERS[kind]]
    value = value[0] if isinstance(value, list) else value
    return str(value.get("Ref", "")) if isinstance(value, dict) else ""
