"""A task: its function, its schedules, and what becomes of an event that Lambda cannot get through."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.names import topic_prefix
from cloud_cron.schedules.emission import emit
from cloud_cron.timetable import Timetable
from cloud_cron_cli.deploy.template import alarms, policies
from cloud_cron_cli.deploy.template.functions import Wanted, function, told
from cloud_cron_cli.deploy.template.intrinsics import att, json_text, ref
from cloud_cron_cli.deploy.template.notifiers import subscriptions
from cloud_cron_cli.deploy.template.scope import Piece, logical
from cloud_cron_cli.deploy.template.timing import event_age

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import TaskModel
    from cloud_cron.schedules import Schedule
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

RETRY_AGE: Final = 3_600
RETRY_ATTEMPTS: Final = 10


def task(scope: Scope, task: TaskModel) -> Piece:
    """Everything of one task."""
    own = logical("Task", task.name)
    schedules = Timetable(task).schedules
    wanted = _wanted(scope, task, own)
    waits_for = [f"{own}InvokeConfig", *_heard(scope, task)]
    resources = {
        **function(scope, wanted),
        f"{own}InvokeConfig": invoke_config(own, task.retries, event_age(task, schedules), scope),
        **{
            f"{own}Schedule{_number(index)}": _schedule(scope, task, own, schedule, index, waits_for)
            for index, schedule in enumerate(schedules)
        },
    }
    watched = alarms.of_task(scope, task, own)
    said = {"kind": "task", "name": task.name, **told(wanted), "schedules": _told(scope, task, own)}
    uses = {"FailureQueueArn"}
    uses |= {"Ledger", "PayloadBucket"} if keeps_records(task, scope.settings) else set()
    uses |= {"ScheduleDeadLetterArn"} if schedules else set()
    uses |= {"AlarmTopicArn"} if watched and alarms.own_topic(scope.settings) else set()
    return Piece({**resources, **watched}, {own: {"Value": json_text(said)}}, frozenset(uses))


def weight(task: TaskModel, settings: Settings) -> int:
    """How many resources `task` gives."""
    return 4 + len(task.schedules) + len(alarms.chosen(task, settings))


def keeps_records(task: TaskModel, settings: Settings) -> bool:
    """Whether runs of the task are in the ledger: who publishes, may not overlap, or is watched."""
    return bool(task.topics) or task.overlap is not None or settings.watch is not None


def invoke_config(own: str, retries: int, age: int, scope: Scope) -> Value:
    """What Lambda does with an event that fails: the queue takes what it gives up."""
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": ref(f"{own}Function"),
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": retries,
            "MaximumEventAgeInSeconds": age,
            "DestinationConfig": {"OnFailure": {"Destination": scope.shared("FailureQueueArn")}},
        },
    }


def _wanted(scope: Scope, task: TaskModel, own: str) -> Wanted:
    statements = [policies.allow("sqs:SendMessage", scope.shared("FailureQueueArn"))]
    resources: dict[str, Any] = {}
    if task.topics:
        arns = [arn for topic in task.topics for arn in scope.topic_arns(topic)[:1]]
        statements.append(policies.allow("sns:Publish", arns))
        resources |= topic_resources(scope, task.topics)
    if keeps_records(task, scope.settings):
        partitions = [f"R#{task.name}", f"L#{task.name}", "O#*"]
        statements.append(policies.ledger(policies.TASK_RECORDS, partitions))
        statements += policies.payloads("GetObject", "PutObject")
        resources |= {"table": "${Ledger}", "bucket": "${PayloadBucket}"}
    return Wanted(
        own,
        scope.name("task", task.name),
        task.name,
        task.timeout,
        task.memory,
        [*statements, *policies.author(task, task.secrets)],
        resources,
        task.env,
        task.function,
        task.description or f"Task {task.name} of {scope.model.name}, stage {scope.stage}",
    )


def topic_resources(scope: Scope, topics: tuple[str, ...]) -> dict[str, Any]:
    """What a function knows of topics: those given by name, all others by the rule of their ARNs."""
    given = {topic: scope.settings.topics[topic] for topic in topics if topic in scope.settings.topics}
    prefix = topic_prefix(scope.model.name, scope.stage)
    rule = f"arn:${{AWS::Partition}}:sns:${{AWS::Region}}:${{AWS::AccountId}}:{prefix}"
    return {"topic_prefix": rule, **({"topics": given} if given else {})}


def _schedule(  # noqa: PLR0913, PLR0917 - everything that a schedule joins
    scope: Scope, task: TaskModel, own: str, schedule: Schedule, index: int, waits_for: list[str]
) -> Value:
    """One expression. It comes last: a first run must find its subscribers, and its failures their queue.

    No StartDate or EndDate: the runtime keeps `start` and `end`. EventBridge Scheduler replaces the words in angle
    brackets (EventBridge Scheduler User Guide, "Adding context attributes").
    """
    emitted = emit(schedule)
    window: Value = {"Mode": "OFF"}
    if task.window:
        window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": task.window}
    properties: Value = {
        "Name": scope.name("schedule", f"{task.name}{_number(index, '.')}"),
        "GroupName": scope.group(),
        "ScheduleExpression": emitted.expression,
        "ScheduleExpressionTimezone": emitted.timezone,
        "State": "ENABLED" if task.enabled else "DISABLED",
        "FlexibleTimeWindow": window,
        "Target": target(scope, own, _input(task, schedule)),
    }
    if task.description:
        properties["Description"] = task.description
    return {"Type": "AWS::Scheduler::Schedule", "DependsOn": waits_for, "Properties": properties}


def target(scope: Scope, own: str, event: str) -> Value:
    """The function of a schedule, and what happens when it cannot be reached: ten tries within the hour."""
    return {
        "Arn": att(f"{own}Function", "Arn"),
        "RoleArn": att("SchedulerRole", "Arn"),
        "Input": event,
        "RetryPolicy": {"MaximumEventAgeInSeconds": RETRY_AGE, "MaximumRetryAttempts": RETRY_ATTEMPTS},
        "DeadLetterConfig": {"Arn": scope.shared("ScheduleDeadLetterArn")},
    }


def _input(task: TaskModel, schedule: Schedule) -> str:
    return json.dumps(
        {
            "task": task.name,
            "scheduled_at": "<aws.scheduler.scheduled-time>",
            "attempt": "<aws.scheduler.attempt-number>",
            "schedule": schedule.expression,
        }
    )


def _heard(scope: Scope, task: TaskModel) -> list[str]:
    """The subscriptions of this stack on the topics that the task publishes; stacks before this one have theirs."""
    return [
        identity
        for notifier in scope.model.notifiers
        if f"notifier:{notifier.name}" in scope.pieces
        for topic in task.topics
        if topic in notifier.topics
        for identity in subscriptions(scope, notifier, topic)
    ]


def _told(scope: Scope, task: TaskModel, own: str) -> list[dict[str, str]]:
    return [
        {
            "name": scope.name("schedule", f"{task.name}{_number(index, '.')}"),
            "arn": f"${{{own}Schedule{_number(index)}.Arn}}",
        }
        for index in range(len(task.schedules))
    ]


def _number(index: int, before: str = "") -> str:
    """What tells the second schedule of a task from the first, which has no number."""
    return f"{before}{index + 1}" if index else ""
