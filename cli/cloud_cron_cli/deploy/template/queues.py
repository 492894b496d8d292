"""Queues, which outlive whatever removes or replaces them: the deploy engine deletes them once nothing is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
