"""Alarms of CloudWatch, which need nothing of the app's own code: few, because each is paid for.

Dead letters and old messages of every notifier; failures and missed runs of the tasks that ask for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from cloud_cron.config.settings import listed
from cloud_cron.timetable import Timetable
from cloud_cron_cli.deploy.template.intrinsics import att, ref

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import NotifierModel, TaskModel
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

OF_NOTIFIER: Final = 3
OLD: Final = 3_600
_CALENDAR: Final = {
    300: timedelta(minutes=5),
    3_600: timedelta(hours=1),
    86_400: timedelta(days=1),
    604_800: timedelta(weeks=1),
}
_CYCLES: Final = {300: 2_016, 3_600: 168, 86_400: 366, 604_800: 104}
_FIRST: Final = datetime(2029, 1, 1)  # noqa: DTZ001 - midnight of a Monday, in whatever zone


def chosen(task: TaskModel, settings: Settings) -> tuple[str, ...]:
    """What CloudWatch watches of a task: `errors`, `missed`. A task that is switched off misses nothing."""
    words = listed(settings.tasks.get(task.name, {}).get("alarms", settings.alarms_tasks))
    return tuple(word for word in words if word == "errors" or (task.schedules and task.enabled))


def own_topic(settings: Settings) -> bool:
    """Whether alarms are told to a topic of ours; it has no use when only existing ones are given."""
    return bool(settings.alarms_email) or not settings.alarms_arns


def of_task(scope: Scope, task: TaskModel, own: str) -> dict[str, Value]:
    """The alarms that a task asks for."""
    found = {}
    dimensions = [{"Name": "FunctionName", "Value": ref(f"{own}Function")}]
    words = chosen(task, scope.settings)
    if "errors" in words:
        text = f"Task {task.name} failed"
        found[f"{own}ErrorAlarm"] = _alarm(scope, text, "AWS/Lambda", "Errors", dimensions, Statistic="Sum")
    if "missed" in words:
        found[f"{own}MissedAlarm"] = _missed(scope, task, dimensions)
    return found


def of_notifier(scope: Scope, notifier: NotifierModel, own: str) -> dict[str, Value]:
    """Dead letters, deliveries that SNS gave up, and a queue whose oldest message is an hour old."""
    name = notifier.name
    return {
        f"{own}DeadLetterAlarm": depth(scope, f"Notifier {name} has dead letters", f"{own}DeadLetters"),
        f"{own}SubscriptionAlarm": depth(
            scope, f"Messages did not reach notifier {name}", f"{own}SubscriptionDeadLetters"
        ),
        f"{own}AgeAlarm": _alarm(
            scope,
            f"Notifier {name} does not keep up",
            "AWS/SQS",
            "ApproximateAgeOfOldestMessage",
            [{"Name": "QueueName", "Value": att(f"{own}Queue", "QueueName")}],
            Threshold=OLD,
        ),
    }


def depth(scope: Scope, text: str, queue: str) -> Value:
    """An alarm as soon as anything is in a queue that should be empty."""
    dimensions = [{"Name": "QueueName", "Value": att(queue, "QueueName")}]
    return _alarm(scope, text, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions)


def errors(scope: Scope, text: str, function: str) -> Value:
    """An alarm as soon as a function fails."""
    dimensions = [{"Name": "FunctionName", "Value": ref(function)}]
    return _alarm(scope, text, "AWS/Lambda", "Errors", dimensions, Statistic="Sum")


def calendar_period(task: TaskModel) -> int | None:
    """The shortest period of the calendar, in seconds, in which the task is always due; None when it has none.

    Five minutes, an hour, a day or a week, from the task's own midnight (CloudWatch User Guide, "Alarm evaluation
    windows"). A period that the clocks shorten may be without a run, so that the hours of a change are left out.
    """
    table, zone = Timetable(task), ZoneInfo(task.timezone)
    for seconds, step in _CALENDAR.items():
        starts = (_FIRST + step * number for number in range(_CYCLES[seconds]))
        if all(_due(table, start.replace(tzinfo=zone), (start + step).replace(tzinfo=zone)) for start in starts):
            return seconds
    return None


def _due(table: Timetable, start: datetime, end: datetime) -> bool:
    time = table.next(start - timedelta(seconds=1))
    return time is not None and time.timestamp() < end.timestamp()


def _missed(scope: Scope, task: TaskModel, dimensions: list[Value]) -> Value:
    """An alarm for a period of the calendar without a single invocation; a function not invoked has no data at all."""
    return _alarm(
        scope,
        f"Task {task.name} did not run",
        "AWS/Lambda",
        "Invocations",
        dimensions,
        Statistic="Sum",
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
        Period=calendar_period(task),
        EvaluationWindow={"WallClockWindow": {"Timezone": task.timezone}},
        WarmUpConfiguration={"WarmUpPeriodDurationInMinutes": 2_880, "OnlyStartEvaluatingAfterWarmUpPeriodEnds": True},
    )


def _alarm(scope: Scope, text: str, namespace: str, metric: str, dimensions: list[Value], **unlike: object) -> Value:
    actions = [*scope.settings.alarms_arns, *([scope.shared("AlarmTopicArn")] if own_topic(scope.settings) else [])]
    properties = {
        "AlarmDescription": f"{text} ({scope.model.name}, stage {scope.stage})",
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": dimensions,
        "Statistic": "Maximum",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        "Period": 300,
        "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": actions,
        **unlike,
        "Tags": scope.tags,
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}
