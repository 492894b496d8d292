"""What a stage has once: the ledger, the bucket of payloads, the schedule group, the queues of what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron.aws.names import group_name
from cloud_cron_cli.deploy.template import alarms, policies, queues
from cloud_cron_cli.deploy.template.intrinsics import arn, att, ref, sub
from cloud_cron_cli.deploy.template.scope import encrypted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

_DAY: Final = 86_400
_MARGIN: Final = 14
"""Days that a payload outlives the record that refers to it: as long as a queue keeps a message."""


def shared(scope: Scope) -> dict[str, Value]:
    """The resources of the main stack that belong to no task, notifier or topic."""
    found = {
        "Ledger": _ledger(scope),
        "PayloadBucket": _bucket(scope),
        "PayloadBucketPolicy": tls_only("PayloadBucket"),
        "ScheduleGroup": {
            "Type": "AWS::Scheduler::ScheduleGroup",
            "Properties": {"Name": group_name(scope.model.name, scope.stage), "Tags": scope.tags},
        },
        # Neither Scheduler nor an asynchronous invocation can feed a FIFO queue (EventBridge Scheduler User Guide,
        # "Configuring a dead-letter queue"; Lambda Developer Guide, "Capturing records of asynchronous invocations").
        "ScheduleDeadLetters": queues.standard(scope),
        "FailureQueue": queues.standard(scope),
        "ScheduleDeadLetterAlarm": alarms.depth(scope, "A schedule could not start its task", "ScheduleDeadLetters"),
        "FailureAlarm": alarms.depth(scope, "A task failed for good", "FailureQueue"),
    }
    if alarms.own_topic(scope.settings):
        found["AlarmTopic"] = _alarm_topic(scope)
    return found


def outputs(scope: Scope) -> dict[str, Value]:
    """What other stacks and people need to know of those; the first ones fill parameters of the same name."""
    values = {
        "Ledger": ref("Ledger"),
        "LedgerArn": att("Ledger", "Arn"),
        "PayloadBucket": ref("PayloadBucket"),
        "FailureQueueArn": att("FailureQueue", "Arn"),
        "FailureQueueUrl": ref("FailureQueue"),
        "ScheduleDeadLetterArn": att("ScheduleDeadLetters", "Arn"),
        "ScheduleDeadLetterUrl": ref("ScheduleDeadLetters"),
        "ScheduleGroup": ref("ScheduleGroup"),
        "MaintenanceRole": ref("MaintenanceRole"),
    }
    if alarms.own_topic(scope.settings):
        values["AlarmTopicArn"] = ref("AlarmTopic")
    return {name: {"Value": value} for name, value in values.items()}


def scheduler_role(scope: Scope, functions: Sequence[str]) -> Value:
    """The one role by which schedules of a stack call its functions.

    It trusts the schedule group: a condition on a schedule's ARN does not work (EventBridge Scheduler User Guide,
    "Prevent confused deputies").
    """
    group = group_name(scope.model.name, scope.stage)
    condition = {
        "StringEquals": {
            "aws:SourceAccount": ref("AWS::AccountId"),
            "aws:SourceArn": arn("scheduler", f"schedule-group/{group}"),
        }
    }
    statements = [
        policies.allow("lambda:InvokeFunction", [att(function, "Arn") for function in functions]),
        policies.allow("sqs:SendMessage", scope.shared("ScheduleDeadLetterArn")),
        *policies.encryption(scope),
    ]
    return policies.role(scope, "scheduler", statements, condition)


def tls_only(bucket: str) -> Value:
    """A policy that refuses whatever comes unencrypted."""
    name = f"arn:${{AWS::Partition}}:s3:::${{{bucket}}}"
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [sub(name), sub(f"{name}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {"Bucket": ref(bucket), "PolicyDocument": policies.document([statement])},
    }


def private_bucket(key: str | None) -> Value:
    """The properties of every bucket: nobody else's, encrypted, owned by the account."""
    algorithm = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    rule: Value = {"ServerSideEncryptionByDefault": algorithm, **({"BucketKeyEnabled": True} if key else {})}
    blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
    }


def _ledger(scope: Scope) -> Value:
    """The table; nothing that happens to the stack deletes it."""
    names = [("pk", "HASH"), ("sk", "RANGE")]
    key = scope.settings.kms_key
    properties: Value = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in names],
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in names],
        "TimeToLiveSpecification": {"AttributeName": "exp", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": scope.settings.protect,
        "Tags": scope.tags,
    }
    if key:
        properties["SSESpecification"] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _bucket(scope: Scope) -> Value:
    """The bucket of payloads that are too large for a message."""
    days = round(scope.settings.horizon / _DAY) + _MARGIN
    rules = [
        {"Id": "expire", "Status": "Enabled", "ExpirationInDays": days},
        {"Id": "tidy", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]
    properties = {
        **private_bucket(scope.settings.kms_key),
        "LifecycleConfiguration": {"Rules": rules},
        "Tags": scope.tags,
    }
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def _alarm_topic(scope: Scope) -> Value:
    """A standard topic, since CloudWatch sends no deduplication id, and an address hears no FIFO one."""
    told = [{"Protocol": "email", "Endpoint": address} for address in scope.settings.alarms_email]
    properties = {
        **({"Subscription": told} if told else {}),
        **encrypted(scope, "KmsMasterKeyId"),
        "Tags": scope.tags,
    }
    return {"Type": "AWS::SNS::Topic", "Properties": properties}
