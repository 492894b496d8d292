"""Everything that a deploy makes, by kind, as the account's own lists tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.emulator import Account

_LISTS = {
    "stack": ("cloudformation", "list_stacks", "StackSummaries", "StackName"),
    "queue": ("sqs", "list_queues", "QueueUrls", ""),
    "topic": ("sns", "list_topics", "Topics", "TopicArn"),
    "subscription": ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "table": ("dynamodb", "list_tables", "TableNames", ""),
    "bucket": ("s3", "list_buckets", "Buckets", "Name"),
    "function": ("lambda", "list_functions", "Functions", "FunctionName"),
    "mapping": ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "role": ("iam", "list_roles", "Roles", "RoleName"),
    "log group": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "schedule": ("scheduler", "list_schedules", "Schedules", "Name"),
    "schedule group": ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    "alarm": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
}
_GONE = {"DELETE_COMPLETE", "Deleting"}
"""As a stack says, and a mapping: one that was disabled says so for ever here."""


def inventory(account: Account) -> set[tuple[str, str]]:
    """Kind and name of whatever there is; what was deleted is not, though a list may still have it."""
    return {(kind, name) for kind in _LISTS for name in _names(account, *_LISTS[kind])}


def _names(account: Account, service: str, call: str, member: str, key: str) -> list[str]:
    client: Any = account.client(service)
    pages = client.get_paginator(call).paginate() if client.can_paginate(call) else [getattr(client, call)()]
    found = [each for page in pages for each in page.get(member, [])]
    if not key:
        return found
    return [each[key] for each in found if not {each.get("StackStatus"), each.get("State")} & _GONE]
