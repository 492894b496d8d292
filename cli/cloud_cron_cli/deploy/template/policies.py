"""What each function may do: its own topics, queue, records and secrets, and what its author adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.model import thawed
from cloud_cron_cli.deploy.template.intrinsics import arn, replaced
from cloud_cron_cli.deploy.template.scope import bucket_arn, table_arn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.model import NotifierModel, TaskModel
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

VERSION: Final = "2012-10-17"
TASK_RECORDS: Final = ("GetItem", "PutItem", "DeleteItem", "Query")
MAINTENANCE_RECORDS: Final = (*TASK_RECORDS, "BatchGetItem")
NOTIFIER_RECORDS: Final = ("GetItem", "PutItem", "UpdateItem", "Query")
EVENT_RECORDS: Final = ("GetItem", "PutItem")
_READ_SECRET: Final = {
    "secretsmanager": ("secretsmanager:GetSecretValue", "secret:{}-??????"),
    "ssm": ("ssm:GetParameter", "parameter{}"),
}


def allow(actions: str | Sequence[str], resources: Any, condition: Value | None = None) -> Value:  # noqa: ANN401 - one or several
    """One statement."""
    statement: Value = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return {**statement, "Condition": condition} if condition else statement


def document(statements: Sequence[Value]) -> Value:
    """A policy of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def role(scope: Scope, service: str, statements: Sequence[Value], condition: Value | None = None) -> Value:
    """A role that one service of AWS takes; its permissions stand in it, so that it never exists without them."""
    trust: Value = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    settings = scope.settings
    properties: Value = {
        "AssumeRolePolicyDocument": document([{**trust, "Condition": condition} if condition else trust]),
        "Policies": [{"PolicyName": "own", "PolicyDocument": document(statements)}],
        "Tags": scope.tags,
    }
    if settings.boundary:
        properties["PermissionsBoundary"] = settings.boundary
    if settings.role_path != "/":
        properties["Path"] = settings.role_path
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def logs(group: str) -> Value:
    """Writing to one log group, which exists already."""
    resource = arn("logs", f"log-group:{group}:log-stream:*")
    return allow(["logs:CreateLogStream", "logs:PutLogEvents"], resource)


def ledger(actions: Sequence[str], partitions: Sequence[str]) -> Value:
    """Records of these partitions; `*` ends a pattern.

    DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
    """
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": list(partitions)}}
    return allow([f"dynamodb:{action}" for action in actions], table_arn(), condition)


def payloads(*actions: str) -> list[Value]:
    """Objects of the payload bucket; who may not list it is refused one that is gone, instead of told so.

    S3 API reference, GetObject, "Permissions".
    """
    of_ours = {"StringLike": {"s3:prefix": "payloads/*"}}
    return [
        allow([f"s3:{action}" for action in actions], bucket_arn("/payloads/*")),
        allow("s3:ListBucket", bucket_arn(), of_ours),
    ]


def encryption(scope: Scope) -> list[Value]:
    """Use of the user's own key, if there is one: topics, queues, table and bucket are encrypted with it."""
    key = scope.settings.kms_key
    return [allow(["kms:Decrypt", "kms:GenerateDataKey"], key)] if key else []


def author(part: TaskModel | NotifierModel, secrets: Mapping[str, str]) -> list[Value]:
    """What the author of a function asked for: secrets by reference, `permissions`, a subnet, traces.

    The actions of a function in a subnet and of one that is traced have no narrower resource (Lambda Developer Guide,
    "Giving Lambda functions access to resources in an Amazon VPC"; "Visualize function invocations using AWS X-Ray").
    """
    statements = [secret(reference) for reference in dict.fromkeys(secrets.values())]
    statements += [_statement(thawed(given)) for given in part.permissions]
    if part.function.get("subnets"):
        interface = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface")
        statements.append(allow([f"ec2:{action}" for action in interface], "*"))
    if part.function.get("tracing"):
        statements.append(allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"))
    return statements


def _statement(given: Any) -> Value:  # noqa: ANN401 - JSON
    statement: Value = replaced({"Effect": "Allow", **given})
    return statement


def secret(reference: str) -> Value:
    """Reading one secret; a name stands for the ARN that ends in six characters nobody chose.

    Secrets Manager User Guide, "What's in a Secrets Manager secret?".
    """
    store, _, name = reference.partition(":")
    action, pattern = _READ_SECRET[store]
    return allow(action, name if name.startswith("arn:") else arn(store, pattern.format(name)))
