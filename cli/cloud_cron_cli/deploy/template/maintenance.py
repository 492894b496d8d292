"""The function that finishes what others left undone, and tells what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.runtime.function import MAINTENANCE
from cloud_cron_cli.deploy.template import alarms, policies
from cloud_cron_cli.deploy.template.functions import Wanted, function, told
from cloud_cron_cli.deploy.template.intrinsics import arn, att, json_text, ref
from cloud_cron_cli.deploy.template.scope import Piece, logical
from cloud_cron_cli.deploy.template.tasks import target, topic_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

_OWN: Final = "Maintenance"
_TIMEOUT: Final = 240
_MEMORY: Final = 256
_SCHEDULE: Final = "cron(0/5 * * * ? *)"


def maintenance(scope: Scope) -> Piece:
    """The function and its schedule; it is idempotent, so that an event of it is never worth a retry."""
    wanted = Wanted(
        _OWN,
        scope.name("maintenance", "maintenance"),
        MAINTENANCE,
        _TIMEOUT,
        _MEMORY,
        list(_statements(scope)),
        _resources(scope),
        {},
        scope.settings.function,
        f"Maintenance of {scope.model.name}, stage {scope.stage}",
    )
    resources = {
        **function(scope, wanted),
        f"{_OWN}InvokeConfig": {
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {
                "FunctionName": ref(f"{_OWN}Function"),
                "Qualifier": "$LATEST",
                "MaximumRetryAttempts": 0,
                "MaximumEventAgeInSeconds": 300,
            },
        },
        f"{_OWN}Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "DependsOn": [f"{_OWN}InvokeConfig"],
            "Properties": {
                "Name": scope.name("maintenance", "maintenance"),
                "GroupName": scope.group(),
                "ScheduleExpression": _SCHEDULE,
                "State": "ENABLED",
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": target(scope, _OWN, "{}"),
            },
        },
        f"{_OWN}ErrorAlarm": alarms.errors(scope, "Maintenance failed", f"{_OWN}Function"),
    }
    said = {"kind": "maintenance", "name": "maintenance", **told(wanted)}
    return Piece(resources, {_OWN: {"Value": json_text(said)}})


def _resources(scope: Scope) -> dict[str, Any]:
    return {
        "table": "${Ledger}",
        "bucket": "${PayloadBucket}",
        "failures_url": "${FailureQueue}",
        "schedules_url": "${ScheduleDeadLetters}",
        **topic_resources(scope, scope.model.topics),
    }


def _statements(scope: Scope) -> Iterator[Value]:
    """Publishing what is recorded, calling what waits, reading what failed."""
    model, watched = scope.model, scope.settings.watch
    yield policies.ledger(policies.MAINTENANCE_RECORDS, ["R#*", "L#*", "O#*", "W#*"])
    yield from policies.payloads("GetObject", "PutObject")
    topics = [topic for topic in model.topics if topic == watched or any(topic in task.topics for task in model.tasks)]
    if watched and watched not in topics:
        topics.append(watched)
    if topics:
        yield policies.allow("sns:Publish", [arn for topic in topics for arn in scope.topic_arns(topic)[:1]])
    waiting = [task for task in model.tasks if task.overlap == "queue"]
    if waiting:
        yield policies.allow("lambda:InvokeFunction", [_function(scope, "task", task.name) for task in waiting])
    if watched:
        failures = [att("FailureQueue", "Arn"), att("ScheduleDeadLetters", "Arn")]
        yield policies.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], failures)
        yield from letters(scope)


def letters(scope: Scope) -> Iterator[Value]:
    """Counting the dead letters of the notifiers that stand in a stack."""
    own = [notifier for notifier in scope.model.notifiers if f"notifier:{notifier.name}" in scope.pieces]
    if own and scope.settings.watch:
        queues = [att(f"{logical('Notifier', notifier.name)}DeadLetters", "Arn") for notifier in own]
        yield policies.allow(["sqs:GetQueueAttributes", "sqs:ReceiveMessage"], queues)
        functions = [_function(scope, "notifier", notifier.name) for notifier in own]
        yield policies.allow("lambda:GetFunctionConfiguration", functions)


def beside(scope: Scope) -> Piece:
    """What maintenance may do in a stack beside the main one, which gives its queues their names."""
    statements = list(letters(scope))
    if not statements:
        return Piece({}, {})
    properties = {
        "RoleName": scope.shared("MaintenanceRole"),
        "PolicyName": scope.part,
        "PolicyDocument": policies.document(statements),
    }
    policy = {"Type": "AWS::IAM::RolePolicy", "Properties": properties}
    return Piece({"MaintenancePolicy": policy}, {}, frozenset({"MaintenanceRole"}))


def _function(scope: Scope, kind: str, name: str) -> Value:
    return arn("lambda", f"function:{scope.name(kind, name)}")
