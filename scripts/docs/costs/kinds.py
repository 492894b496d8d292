"""What resources of each type are for, and what is paid for them.

A type without a row here, or a row without a type, is an error of the tests: `TYPES` must be all that templates hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scripts.docs.costs.prices import PRICES

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(NamedTuple):
    """A type of resource: what it is for, what its price depends on, and the names of its prices; free without any."""

    purpose: str
    formula: str
    prices: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether nothing is paid for it."""
        return not self.prices


_FREE: Final = "free"

TYPES: Final[Mapping[str, Kind]] = {
    "AWS::CloudWatch::Alarm": Kind(
        "says that something needs a person", "their number, each with one metric", ("alarm",)
    ),
    "AWS::DynamoDB::Table": Kind(
        "the ledger: runs, deliveries, locks",
        "units written and read, GB kept, and the same for recovery",
        ("dynamodb-write", "dynamodb-read", "dynamodb-storage", "dynamodb-recovery"),
    ),
    "AWS::ECR::Repository": Kind("the app's images; layers that they share are kept once", "GB kept", ("ecr",)),
    "AWS::IAM::ManagedPolicy": Kind("what maintenance may do, however large the app is", _FREE),
    "AWS::IAM::Role": Kind("one for each function, and one for Scheduler", _FREE),
    "AWS::Lambda::EventInvokeConfig": Kind("retries of a task, and the queue of what is given up", _FREE),
    "AWS::Lambda::EventSourceMapping": Kind(
        "feeds a notifier from its queue, which Lambda asks all the time",
        "requests to the queue, `pollers * 3 * 43,800` a month",
        ("sqs-fifo", "sqs-standard"),
    ),
    "AWS::Lambda::Function": Kind(
        "a task, a notifier, maintenance, or what listens to mail events",
        "calls, and `calls * seconds * MiB / 1,024`",
        ("lambda-request", "lambda-x86", "lambda-arm", "lambda-tmp"),
    ),
    "AWS::Logs::LogGroup": Kind("the log of one function", "GB written, and GB kept", ("logs-in", "logs-kept")),
    "AWS::S3::Bucket": Kind(
        "payloads that no message holds; templates and records of deploys",
        "GB kept, and requests",
        ("s3-storage", "s3-put", "s3-get"),
    ),
    "AWS::S3::BucketPolicy": Kind("nothing without TLS", _FREE),
    "AWS::SES::ConfigurationSet": Kind("by which mails are sent that SES is to tell of", _FREE),
    "AWS::SES::ConfigurationSetEventDestination": Kind("what SES tells of, and where", _FREE),
    "AWS::SES::EmailIdentity": Kind("the sender, with `create_identity`", _FREE),
    "AWS::SES::Template": Kind("the parts of a mail that SES renders", _FREE),
    "AWS::SNS::Subscription": Kind(
        "a notifier on a topic, or an address of `[alarms] email`",
        "messages and GB, each for every subscription, and mails of alarms",
        ("sns-deliver", "sns-out", "sns-mail"),
    ),
    "AWS::SNS::Topic": Kind(
        "one for each topic of the app; one for alarms, one for mail events",
        "messages and GB published",
        ("sns-publish", "sns-in"),
    ),
    "AWS::SNS::TopicPolicy": Kind("lets SES publish mail events", _FREE),
    "AWS::SQS::Queue": Kind(
        "what waits for a notifier, and what could not be delivered",
        "requests, two for each message beside those of the mapping",
        ("sqs-fifo", "sqs-standard"),
    ),
    "AWS::SQS::QueuePolicy": Kind("lets its topics send to a queue", _FREE),
    "AWS::Scheduler::Schedule": Kind("an expression of a task, or maintenance", "fire times", ("scheduler",)),
    "AWS::Scheduler::ScheduleGroup": Kind("holds the schedules together", _FREE),
}

BESIDE: Final[Mapping[str, Kind]] = {
    "Amazon SES": Kind(
        "mails, from whatever identity", "one for each recipient", ("ses-essentials", "ses-single", "ses-attachments")
    ),
    "Key of KMS": Kind("`kms_key`, which you made", "keys, and uses", ("kms-key", "kms-request")),
    "Secrets Manager": Kind("what `secretsmanager:` refers to", "secrets, and reading them", ("secret", "secret-call")),
    "Twilio": Kind("texts", "segments", ("text",)),
}
"""What is paid for and is no resource of a template."""


def said(kind: Kind) -> str:
    """What is paid for a kind: what it depends on, and each price."""
    prices = "; ".join(f"{PRICES[name].what} {PRICES[name].text}" for name in kind.prices)
    return f"{kind.formula}: {prices}" if prices else kind.formula
