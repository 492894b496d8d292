"""The function that finishes what others left undone, and tells what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.checks import SECRET_SCHEMES
from cloud_cron.runtime.function import MAINTENANCE
from cloud_cron_cli.deploy.template import alarms, policies
from cloud_cron_cli.deploy.template.functions import Wanted, function, options_of_ours, told
from cloud_cron_cli.deploy.template.intrinsics import arn, att, json_text, ref
from cloud_cron_cli.deploy.template.managed import Grant, managed
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
        options_of_ours(scope),
        f"Maintenance of {scope.model.name}, stage {scope.stage}",
    )
    grown = managed(ref(f"{_OWN}Role"), _grants(scope))
    resources = {
        **function(scope, wanted),
        **grown,
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
            "DependsOn": [f"{_OWN}InvokeConfig", *grown],
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
    """What it may do however large the app is: records, payloads, the queues of what failed, and one secret."""
    yield policies.ledger(policies.MAINTENANCE_RECORDS, ["R#*", "L#*", "O#*", "W#*"])
    yield from policies.payloads("GetObject", "PutObject")
    if scope.settings.watch:
        failures = [att("FailureQueue", "Arn"), att("ScheduleDeadLetters", "Arn")]
        yield policies.allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], failures)
    heartbeat = scope.settings.heartbeat or ""
    if heartbeat.startswith(SECRET_SCHEMES):
        yield policies.secret(heartbeat)


def _grants(scope: Scope) -> Iterator[Grant]:
    """Publishing what is recorded, to each topic; calling what waits, of each task; and what `_letters` gives."""
    model, watched = scope.model, scope.settings.watch
    published = {topic for task in model.tasks for topic in task.topics}
    for topic in dict.fromkeys([*model.topics, *([watched] if watched else [])]):
        if topic in published or topic == watched:
            yield Grant(("sns:Publish",), scope.topic_rule(topic))
    for task in model.tasks:
        if task.overlap == "queue":
            yield Grant(("lambda:InvokeFunction",), _function(scope, "task", task.name))
    yield from _letters(scope)


def _letters(scope: Scope) -> Iterator[Grant]:
    """Counting the dead letters of the notifiers that stand in a stack, and asking their functions where these are."""
    own = [notifier for notifier in scope.model.notifiers if f"notifier:{notifier.name}" in scope.pieces]
    for notifier in own if scope.settings.watch else []:
        queue = att(f"{logical('Notifier', notifier.name)}DeadLetters", "Arn")
        yield Grant(("sqs:GetQueueAttributes", "sqs:ReceiveMessage"), queue)
    for notifier in own if scope.settings.watch else []:
        yield Grant(("lambda:GetFunctionConfiguration",), _function(scope, "notifier", notifier.name))


def beside(scope: Scope) -> Piece:
    """What maintenance may do in a stack beside the main one, which gives its queues their names."""
    found = managed(scope.shared("MaintenanceRole"), _letters(scope))
    return Piece(found, {}, frozenset({"MaintenanceRole"} if found else ()))


def _function(scope: Scope, kind: str, name: str) -> Value:
    return arn("lambda", f"function:{scope.name(kind, name)}")
