"""A notifier: its queue, its dead letters, its subscriptions, and the function that the queue feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron import channels
from cloud_cron.model import thawed
from cloud_cron_cli.deploy.template import alarms, mail_events, policies, queues, ses_templates
from cloud_cron_cli.deploy.template.functions import Wanted, function, told
from cloud_cron_cli.deploy.template.intrinsics import att, json_text, ref, replaced
from cloud_cron_cli.deploy.template.scope import Piece, logical

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import NotifierModel
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

_TRIES: Final = 10 * 86_400
_FIXED: Final = 9


def notifier(scope: Scope, notifier: NotifierModel) -> Piece:
    """Everything of one notifier."""
    own = logical("Notifier", notifier.name)
    wanted = _wanted(scope, notifier, own)
    resources = {
        **_queues(scope, notifier, own),
        **_subscribed(scope, notifier, own),
        **function(scope, wanted),
        **ses_templates.resources(scope, notifier, own),
        f"{own}Mapping": _mapping(scope, notifier, own),
        **alarms.of_notifier(scope, notifier, own),
    }
    said = {"kind": "notifier", "name": notifier.name, **told(wanted), **_told(own), "topics": list(notifier.topics)}
    heard = {"events": True} if mail_events.asks(notifier) else {}
    uses = {"Ledger", "PayloadBucket"} | ({"AlarmTopicArn"} if alarms.own_topic(scope.settings) else set())
    return Piece(resources, {own: {"Value": json_text({**said, **heard})}}, frozenset(uses))


def weight(notifier: NotifierModel, settings: Settings) -> int:
    """How many resources `notifier` gives, and one more for each topic that may retire."""
    given = sum(topic in settings.topics for topic in notifier.topics)
    return _FIXED + len(notifier.topics) + given + alarms.OF_NOTIFIER + ses_templates.is_made(notifier)


def visibility(timeout: int) -> int:
    """Six times the function's timeout (Lambda Developer Guide, "Configuring a queue to use with Lambda")."""
    return 6 * timeout


def tries(timeout: int) -> int:
    """How often a queue hands a message out: a net far behind the runtime's own limits, and within retention."""
    return max(5, min(1000, _TRIES // visibility(timeout)))


def subscriptions(scope: Scope, notifier: NotifierModel, topic: str) -> list[str]:
    """The logical ids of a notifier's subscriptions to one topic: two while our own one retires."""
    own = f"{logical('Notifier', notifier.name)}On{logical('', topic)}"
    return [own, f"{own}Retiring"][: len(scope.topic_arns(topic))]


def _wanted(scope: Scope, notifier: NotifierModel, own: str) -> Wanted:
    channel = channels.find(notifier.channel)
    options = channels.options_of(channel, mail_events.applied(scope, notifier).options)
    receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    secrets = {**notifier.secrets, **channels.secrets_of(channel, notifier)}
    statements = [
        policies.allow(receive, att(f"{own}Queue", "Arn")),
        policies.allow("sqs:SendMessage", att(f"{own}DeadLetters", "Arn")),
        policies.ledger(policies.NOTIFIER_RECORDS, [f"E#{notifier.name}#*", *channel.partitions(options)]),
        *policies.payloads("GetObject"),
        *(replaced({"Effect": "Allow", **statement}) for statement in channel.permissions(options)),
        *ses_templates.statements(scope, notifier),
        *policies.author(notifier, secrets),
    ]
    resources: dict[str, Any] = {
        "queue": f"${{{own}Queue.Arn}}",
        "queue_url": f"${{{own}Queue}}",
        "dead_letter_url": f"${{{own}DeadLetters}}",
        "table": "${Ledger}",
        "bucket": "${PayloadBucket}",
        **mail_events.resources_of(scope, notifier),
    }
    return Wanted(
        own,
        scope.name("notifier", notifier.name),
        notifier.name,
        notifier.timeout,
        notifier.memory,
        statements,
        resources,
        notifier.env,
        notifier.function,
        f"Notifier {notifier.name} of {scope.model.name}, stage {scope.stage}",
    )


def _queues(scope: Scope, notifier: NotifierModel, own: str) -> dict[str, Value]:
    """The queue and the two that catch what it, or its subscriptions, cannot deliver."""
    redrive = {
        "deadLetterTargetArn": att(f"{own}DeadLetters", "Arn"),
        "maxReceiveCount": tries(notifier.timeout),
    }
    seen = {"VisibilityTimeout": visibility(notifier.timeout), "RedrivePolicy": redrive}
    return {
        f"{own}Queue": queues.fifo(scope, seen),
        f"{own}DeadLetters": queues.fifo(scope),
        f"{own}SubscriptionDeadLetters": queues.fifo(scope),
    }


def _subscribed(scope: Scope, notifier: NotifierModel, own: str) -> dict[str, Value]:
    """Subscriptions, and before them the policies without which nothing is delivered, and nothing says so.

    SNS Developer Guide, "Subscribing an Amazon SQS queue to an Amazon SNS topic".
    """
    arns = [arn for topic in notifier.topics for arn in scope.topic_arns(topic)]
    heard = {
        identity: arn
        for topic in notifier.topics
        for identity, arn in zip(subscriptions(scope, notifier, topic), scope.topic_arns(topic), strict=True)
    }
    resources = {
        f"{own}QueuePolicy": queues.fed_by(f"{own}Queue", arns),
        f"{own}SubscriptionDeadLettersPolicy": queues.fed_by(f"{own}SubscriptionDeadLetters", arns),
    }
    for identity, arn in heard.items():
        resources[identity] = {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": [f"{own}QueuePolicy", f"{own}SubscriptionDeadLettersPolicy"],
            "Properties": {
                "TopicArn": arn,
                "Protocol": "sqs",
                "Endpoint": att(f"{own}Queue", "Arn"),
                "RawMessageDelivery": True,
                "RedrivePolicy": {"deadLetterTargetArn": att(f"{own}SubscriptionDeadLetters", "Arn")},
            },
        }
    return resources


def _mapping(scope: Scope, notifier: NotifierModel, own: str) -> Value:
    """What feeds the function. A limit of concurrency switches off Lambda's scaling down: only on request."""
    properties: Value = {
        "EventSourceArn": att(f"{own}Queue", "Arn"),
        "FunctionName": ref(f"{own}Function"),
        "BatchSize": notifier.batch_size,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "Enabled": notifier.enabled,
        "Tags": scope.tags,
    }
    limit = scope.settings.notifiers.get(notifier.name, {}).get("max_concurrency")
    if limit is not None:
        properties["ScalingConfig"] = {"MaximumConcurrency": thawed(limit)}
    before = list(ses_templates.resources(scope, notifier, own))
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        **({"DependsOn": before} if before else {}),
        "Properties": properties,
    }


def _told(own: str) -> dict[str, str]:
    return {
        "queue_name": f"${{{own}Queue.QueueName}}",
        "queue_arn": f"${{{own}Queue.Arn}}",
        "queue_url": f"${{{own}Queue}}",
        "dead_letter_name": f"${{{own}DeadLetters.QueueName}}",
        "dead_letter_arn": f"${{{own}DeadLetters.Arn}}",
        "dead_letter_url": f"${{{own}DeadLetters}}",
        "subscription_dead_letter_url": f"${{{own}SubscriptionDeadLetters}}",
    }
