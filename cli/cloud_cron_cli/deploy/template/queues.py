"""Queues, which outlive whatever removes or replaces them: the deploy engine deletes them once nothing is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.template import policies
from cloud_cron_cli.deploy.template.intrinsics import att, ref
from cloud_cron_cli.deploy.template.scope import encrypted

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

RETENTION: Final = 14 * 86_400


def standard(scope: Scope, own: Value | None = None) -> Value:
    """A standard queue with these properties of its own."""
    properties = {
        "MessageRetentionPeriod": RETENTION,
        **(own or {}),
        **(encrypted(scope, "KmsMasterKeyId") or {"SqsManagedSseEnabled": True}),
        "Tags": scope.tags,
    }
    return {
        "Type": "AWS::SQS::Queue",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def fifo(scope: Scope, own: Value | None = None) -> Value:
    """A FIFO queue in which groups do not slow each other down (SQS Developer Guide, "High throughput for FIFO")."""
    groups = {
        "FifoQueue": True,
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
    }
    return standard(scope, {**groups, **(own or {})})


def fed_by(queue: str, topics: list[Value | str]) -> Value:
    """The policy by which topics reach a queue of this stack; without it nothing is delivered, and nothing says so.

    SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic".
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": att(queue, "Arn"),
        "Condition": {
            "ArnEquals": {"aws:SourceArn": topics},
            "StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")},
        },
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": [ref(queue)], "PolicyDocument": policies.document([statement])},
    }
