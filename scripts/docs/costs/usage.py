"""What a month of a deployed app takes: counted in its templates, and assumed where no template says it.

What is assumed stands in `Habits`, and is printed with every bill that it enters.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron import channels
from scripts.docs.costs.bill import Line
from scripts.docs.costs.stack import HOURS, fired, referred

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.model import AppModel
    from scripts.docs.costs.stack import Stack

POLLERS: Final = 5
"""How many ask a queue for Lambda, each three times a minute.

Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings": it says so of standard queues, of
which quiet ones go down to two, and says nothing of FIFO queues.
"""

RUN_WRITES: Final = 11
"""Units written by a run that publishes and whose lock is free: two transactions of two items, each two units, the
result, and the lock twice."""

DELIVERY_WRITES: Final = 2
"""Units written by a delivery: the claim, and the acceptance."""

ROUND_READS: Final = 8
"""Units read by a round of maintenance that finds nothing: one for each shard of open runs."""

_MIB: Final = Decimal(1024)


class Habits(NamedTuple):
    """What no template says: messages a month by topic, each for one recipient, and how large and slow things are."""

    messages: Mapping[str, int]
    seconds: Decimal = Decimal(3)
    message_kb: Decimal = Decimal(2)
    log_kb: Decimal = Decimal(2)
    image_gb: Decimal = Decimal("0.2")
    records_gb: Decimal = Decimal("0.01")


def lines(stack: Stack, habits: Habits) -> Iterator[Line]:
    """Everything that is paid for, in the order of the types' names."""
    calls = _calls(stack, habits)
    heard = sum(count for _, count in _heard(stack, habits))
    yield Line("AWS::CloudWatch::Alarm", "alarms", Decimal(len([*stack.typed("AWS::CloudWatch::Alarm")])), "alarm")
    yield from _ledger(stack, habits, heard)
    yield Line("AWS::ECR::Repository", "GB of images", habits.image_gb, "ecr")
    queues, functions = dict(stack.typed("AWS::SQS::Queue")), dict(stack.typed("AWS::Lambda::Function"))
    for _, mapping in stack.typed("AWS::Lambda::EventSourceMapping"):
        price = "sqs-fifo" if "FifoQueue" in queues[referred(mapping["EventSourceArn"])] else "sqs-standard"
        variables = functions[referred(mapping["FunctionName"])]["Environment"]["Variables"]
        yield Line(
            "AWS::Lambda::EventSourceMapping", f"asking for `{variables['CLOUD_CRON_HANDLER']}`", _polls(), price
        )
    yield from _functions(stack, habits, calls)
    yield Line("AWS::Logs::LogGroup", "GB of log", _gb(sum(calls.values()) * habits.log_kb), "logs-in")
    yield Line("AWS::S3::Bucket", "GB of templates and records", habits.records_gb, "s3-storage")
    yield from _topics(stack, habits, heard)
    yield Line("AWS::SQS::Queue", "messages sent and deleted", Decimal(2 * heard), "sqs-fifo")
    fires = sum(fired(each) for _, each in stack.typed("AWS::Scheduler::Schedule"))
    yield Line("AWS::Scheduler::Schedule", "fire times", Decimal(fires), "scheduler")


def beside(model: AppModel, habits: Habits) -> Iterator[Line]:
    """What is paid for and is no resource of a template: mails, texts, and the secrets that are read."""
    told = {"email": 0, "sms": 0}
    secrets: set[str] = set()
    reads = 0
    for notifier in model.notifiers:
        heard = sum(habits.messages.get(topic, 0) for topic in notifier.topics)
        if notifier.channel in told and not notifier.options.get("smtp"):
            told[notifier.channel] += heard * len(notifier.recipients)
        own = {*notifier.secrets.values(), *channels.secrets_of(channels.find(notifier.channel), notifier).values()}
        kept = {reference for reference in own if reference.startswith("secretsmanager:")}
        secrets, reads = secrets | kept, reads + heard * len(kept)
    yield Line("Amazon SES", "mails", Decimal(told["email"]), "ses-essentials")
    yield Line("Secrets Manager", "secrets", Decimal(len(secrets)), "secret")
    yield Line("Secrets Manager", "reading them", Decimal(reads), "secret-call")
    yield Line("Twilio", "texts of one segment", Decimal(told["sms"]), "text")


def _calls(stack: Stack, habits: Habits) -> dict[str, int]:
    """How often each function is called: by its schedules, or once for each message of its queue."""
    calls = {name: 0 for name, _ in stack.typed("AWS::Lambda::Function")}
    for _, schedule in stack.typed("AWS::Scheduler::Schedule"):
        calls[referred(schedule["Target"]["Arn"])] += fired(schedule)
    fed = {referred(each["EventSourceArn"]): each for _, each in stack.typed("AWS::Lambda::EventSourceMapping")}
    for queue, count in _heard(stack, habits):
        calls[referred(fed[queue]["FunctionName"])] += count
    return calls


def _heard(stack: Stack, habits: Habits) -> Iterator[tuple[str, int]]:
    """For each subscription of a queue of ours, that queue and how many messages come to it."""
    topics = dict(_published(stack, habits))
    for _, subscription in stack.typed("AWS::SNS::Subscription"):
        if subscription["Protocol"] == "sqs":
            yield referred(subscription["Endpoint"]), topics.get(referred(subscription["TopicArn"]), 0)


def _published(stack: Stack, habits: Habits) -> Iterator[tuple[str, int]]:
    """For each FIFO topic of ours, how many messages are published to it."""
    for name, topic in stack.typed("AWS::SNS::Topic"):
        tags = {tag["Key"]: tag["Value"] for tag in topic["Tags"]}
        own = topic.get("TopicName", "").removeprefix(f"{tags['app']}-{tags['stage']}-").removesuffix(".fifo")
        yield name, habits.messages.get(own, 0)


def _ledger(stack: Stack, habits: Habits, heard: int) -> Iterator[Line]:
    kind = "AWS::DynamoDB::Table"
    functions = dict(stack.typed("AWS::Lambda::Function"))
    rounds = runs = 0
    for name, schedule in stack.typed("AWS::Scheduler::Schedule"):
        if name == "MaintenanceSchedule":
            rounds += fired(schedule)
        elif "${Ledger}" in str(functions[referred(schedule["Target"]["Arn"])]["Environment"]):
            runs += fired(schedule)
    yield Line(kind, "units written by runs", Decimal(RUN_WRITES * runs), "dynamodb-write")
    yield Line(kind, "units written by deliveries", Decimal(DELIVERY_WRITES * heard), "dynamodb-write")
    yield Line(kind, "units read by maintenance", Decimal(ROUND_READS * rounds), "dynamodb-read")
    yield Line(kind, "GB kept", habits.records_gb, "dynamodb-storage")
    yield Line(kind, "GB for recovery", habits.records_gb, "dynamodb-recovery")


def _functions(stack: Stack, habits: Habits, calls: Mapping[str, int]) -> Iterator[Line]:
    kind = "AWS::Lambda::Function"
    yield Line(kind, "calls", Decimal(sum(calls.values())), "lambda-request")
    seconds: dict[str, Decimal] = {}
    for name, function in stack.typed(kind):
        price = "lambda-arm" if function["Architectures"] == ["arm64"] else "lambda-x86"
        used = calls[name] * habits.seconds * function["MemorySize"] / _MIB
        seconds[price] = seconds.get(price, Decimal(0)) + used
    for price, used in seconds.items():
        yield Line(kind, "GB-seconds", used, price)


def _topics(stack: Stack, habits: Habits, heard: int) -> Iterator[Line]:
    published = sum(count for _, count in _published(stack, habits))
    yield Line("AWS::SNS::Subscription", "messages, for each subscription", Decimal(heard), "sns-deliver")
    yield Line("AWS::SNS::Subscription", "GB, for each subscription", _gb(heard * habits.message_kb), "sns-out")
    yield Line("AWS::SNS::Topic", "messages", Decimal(published), "sns-publish")
    yield Line("AWS::SNS::Topic", "GB", _gb(published * habits.message_kb), "sns-in")


def _polls() -> Decimal:
    return Decimal(POLLERS * 3 * 60 * HOURS)


def _gb(kilobytes: Decimal) -> Decimal:
    return kilobytes / 1_000_000
