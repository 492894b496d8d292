"""The function that finishes what others left undone, and tells what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.template import alarms, policies
from cloud_cron_cli.deploy.template.functions import Wanted, function, told
from cloud_cron_cli.deploy.template.intrinsics import arn, att, json_text, ref
from cloud_cron_cli.deploy.template.scope import Piece
from cloud_cron_cli.deploy.template.tasks import keeps_records, target, topic_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

HANDLER: Final = "@maintenance"
_OWN: Final = "Maintenance"
_TIMEOUT: Final = 240
_MEMORY: Final = 256
_SCHEDULE: Final = "cron(0/5 * * * ? *)"


def maintenance(scope: Scope) -> Piece:
    """The function and its schedule; it is idempotent, so that an event of it is never worth a retry."""
    wanted = Wanted(
        _OWN,
        scope.name("maintenance", "maintenance"),
        HANDLER,
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
    return Piece(resources, {_OWN: {"Value": json_text({"kind": "maintenance", **told(wanted)})}})


def _resources(scope: Scope) -> dict[str, Any]:
    return {
        "table": "${Ledger}",
        "bucket": "${PayloadBucket}",
        "failures_url": "${FailureQueue}",
        "schedules_url": "${ScheduleDeadLetters}",
        **topic_resources(scope, scope.model.topics),
    }


def _statements(scope: Scope) -> Iterator[Value]:
    """Publishing what is recorded, invoking what waits, reading what failed."""
    model = scope.model
    yield policies.ledger(policies.TASK_RECORDS, ["R#*", "L#*", "O#*", "W#*"])
    yield policies.payloads("GetObject", "PutObject")
    failures = [att("FailureQueue", "Arn"), att("ScheduleDeadLetters", "Arn")]
    yield policies.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], failures)
    topics = [topic for topic in model.topics if any(topic in task.topics for task in model.tasks)]
    watch = [scope.settings.watch] if scope.settings.watch and scope.settings.watch not in topics else []
    if topics or watch:
        yield policies.allow("sns:Publish", [item for topic in topics + watch for item in scope.topic_arns(topic)[:1]])
    waiting = [task for task in model.tasks if keeps_records(task, scope.settings)]
    if waiting:
        functions = [arn("lambda", f"function:{scope.name('task', task.name)}") for task in waiting]
        yield policies.allow("lambda:InvokeFunction", functions)
