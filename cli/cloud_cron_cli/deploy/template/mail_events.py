"""What Amazon SES tells of mails, on its way into the ledger: configuration set, topic, queue, and one function.

SES publishes to no FIFO topic, and an event may come late or twice: everything here is a standard one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron import channels
from cloud_cron.aws.ses_events import TYPES
from cloud_cron.runtime.function import EVENTS
from cloud_cron.values import replace
from cloud_cron_cli.deploy.template import alarms, policies, queues
from cloud_cron_cli.deploy.template.functions import Wanted, function, options_of_ours, told
from cloud_cron_cli.deploy.template.intrinsics import arn, att, json_text, ref
from cloud_cron_cli.deploy.template.scope import MAIN, Piece, encrypted, logical
from cloud_cron_cli.deploy.template.tasks import topic_resources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

_OWN: Final = "Events"
_SET: Final = f"{_OWN}ConfigurationSet"
_TIMEOUT: Final = 30
_MEMORY: Final = 256
_TRIES: Final = 20
"""How often an event is heard in vain; with the queue's visibility, for an hour."""
_FIXED: Final = 12


def asks(notifier: NotifierModel) -> bool:
    """Whether the mails of a notifier are to be told of."""
    if notifier.channel != "email":
        return False
    options = channels.options_of(channels.find("email"), notifier.options)
    return bool(options.events and options.sender)


def weight(model: AppModel) -> int:
    """How many resources listening to the mails of an app gives."""
    sets = _sets(model)
    return _FIXED + len(sets) + (None in sets) if sets else 0


def applied(scope: Scope, notifier: NotifierModel) -> NotifierModel:
    """The notifier as it sends: by the stage's own configuration set when it asks for events and names none."""
    if not asks(notifier) or notifier.options.get("configuration_set"):
        return notifier
    return replace(notifier, options={**notifier.options, "configuration_set": _name(scope)})


def resources_of(scope: Scope, notifier: NotifierModel) -> dict[str, Any]:
    """What the function of a notifier is told: the stage's own set, after which it comes when that is in its stack."""
    if not asks(notifier) or notifier.options.get("configuration_set"):
        return {}
    return {"configuration_set": f"${{{_SET}}}" if scope.part == MAIN else _name(scope)}


def listening(scope: Scope) -> Piece:
    """Everything that is needed once some notifier asks for it; it stands in the main stack."""
    sets = _sets(scope.model)
    if not sets:
        return Piece({}, {})
    wanted = _wanted(scope)
    resources = {
        **({_SET: _configuration_set(scope)} if None in sets else {}),
        **{_destination_id(name): _destination(scope, name) for name in sets},
        f"{_OWN}Topic": {
            "Type": "AWS::SNS::Topic",
            "Properties": {**encrypted(scope, "KmsMasterKeyId"), "Tags": scope.tags},
        },
        f"{_OWN}TopicPolicy": _topic_policy(scope, sets),
        **_queues(scope),
        **function(scope, wanted),
        f"{_OWN}Mapping": _mapping(scope),
        f"{_OWN}DeadLetterAlarm": alarms.depth(scope, "Mail events could not be recorded", f"{_OWN}DeadLetters"),
    }
    queues_said = {
        "queue_arn": f"${{{_OWN}Queue.Arn}}",
        "dead_letter_url": f"${{{_OWN}DeadLetters}}",
        "dead_letter_arn": f"${{{_OWN}DeadLetters.Arn}}",
    }
    said = {"kind": "events", "name": "events", **told(wanted), **queues_said}
    return Piece(resources, {_OWN: {"Value": json_text(said)}})


def _sets(model: AppModel) -> list[str | None]:
    """The configuration sets by which mails are sent that are to be told of, each once; None is the stage's own."""
    asking = [notifier for notifier in model.notifiers if asks(notifier)]
    return list(dict.fromkeys(notifier.options.get("configuration_set") for notifier in asking))


def _name(scope: Scope) -> str:
    return scope.name("events", "events")


def _configuration_set(scope: Scope) -> Value:
    return {"Type": "AWS::SES::ConfigurationSet", "Properties": {"Name": _name(scope), "Tags": scope.tags}}


def _destination_id(name: str | None) -> str:
    return f"{_OWN}Destination" if name is None else logical(f"{_OWN}Destination", name)


def _destination(scope: Scope, name: str | None) -> Value:
    """What SES tells of; it publishes once when this is made, for which the policy must be there.

    SES Developer Guide, "Set up an Amazon SNS event destination for event publishing".
    """
    destination = {
        "Name": _name(scope),
        "Enabled": True,
        "MatchingEventTypes": list(TYPES),
        "SnsDestination": {"TopicARN": ref(f"{_OWN}Topic")},
    }
    return {
        "Type": "AWS::SES::ConfigurationSetEventDestination",
        "DependsOn": [f"{_OWN}TopicPolicy", f"{_OWN}Subscription"],
        "Properties": {"ConfigurationSetName": name or ref(_SET), "EventDestination": destination},
    }


def _topic_policy(scope: Scope, sets: list[str | None]) -> Value:
    """SES alone may publish, of this account's mails by these configuration sets."""
    names = [arn("ses", f"configuration-set/{name or _name(scope)}") for name in sets]
    condition = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}, "ArnEquals": {"aws:SourceArn": names}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": ref(f"{_OWN}Topic"),
        "Condition": condition,
    }
    properties = {"Topics": [ref(f"{_OWN}Topic")], "PolicyDocument": policies.document([statement])}
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}


def _queues(scope: Scope) -> dict[str, Value]:
    """The queue, where what nobody can hear goes, and the subscription, which says by which topic an event came."""
    dead, topics = att(f"{_OWN}DeadLetters", "Arn"), list[Any]([ref(f"{_OWN}Topic")])
    seen = {
        "VisibilityTimeout": 6 * _TIMEOUT,
        "RedrivePolicy": {"deadLetterTargetArn": dead, "maxReceiveCount": _TRIES},
    }
    return {
        f"{_OWN}Queue": _with_its_stack(queues.standard(scope, seen)),
        f"{_OWN}DeadLetters": _with_its_stack(queues.standard(scope)),
        f"{_OWN}QueuePolicy": queues.fed_by(f"{_OWN}Queue", topics),
        f"{_OWN}DeadLettersPolicy": queues.fed_by(f"{_OWN}DeadLetters", topics),
        f"{_OWN}Subscription": {
            "Type": "AWS::SNS::Subscription",
            "DependsOn": [f"{_OWN}QueuePolicy", f"{_OWN}DeadLettersPolicy"],
            "Properties": {
                "TopicArn": ref(f"{_OWN}Topic"),
                "Protocol": "sqs",
                "Endpoint": att(f"{_OWN}Queue", "Arn"),
                "RedrivePolicy": {"deadLetterTargetArn": dead},
            },
        },
    }


def _with_its_stack(queue: Value) -> Value:
    """A queue that goes when it is asked for no more: what is in it was told of mails, and is nobody's message."""
    return {**queue, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}


def _wanted(scope: Scope) -> Wanted:
    watched = scope.settings.watch
    resources = {
        "queue": f"${{{_OWN}Queue.Arn}}",
        "events_topic": f"${{{_OWN}Topic}}",
        "table": "${Ledger}",
        **(topic_resources(scope, (watched,)) if watched else {}),
    }
    return Wanted(
        _OWN,
        scope.name("events", "events"),
        EVENTS,
        _TIMEOUT,
        _MEMORY,
        list(_statements(scope)),
        resources,
        {},
        options_of_ours(scope),
        f"Mail events of {scope.model.name}, stage {scope.stage}",
    )


def _statements(scope: Scope) -> Iterator[Value]:
    """What it may do: its queue, the records of deliveries, what it counts, and the topic that is told of it."""
    yield policies.allow(
        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], att(f"{_OWN}Queue", "Arn")
    )
    yield policies.ledger(policies.EVENT_RECORDS, ["E#*", "B#*"])
    if scope.settings.watch:
        yield policies.allow("sns:Publish", scope.topic_rule(scope.settings.watch))


def _mapping(scope: Scope) -> Value:
    properties = {
        "EventSourceArn": att(f"{_OWN}Queue", "Arn"),
        "FunctionName": ref(f"{_OWN}Function"),
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "Enabled": True,
        "Tags": scope.tags,
    }
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
