"""What a deploy would change, from two templates: the deployed one and the one of the app as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron_cli.deploy import renames, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Template = dict[str, Any]

ADD: Final = "add"
CHANGE: Final = "change"
REPLACE: Final = "replace"
REMOVE: Final = "remove"

_CREATE_ONLY: Final = {
    "AWS::Lambda::Function": {"FunctionName", "PackageType"},
    "AWS::SQS::Queue": {"QueueName", "FifoQueue"},
    "AWS::SNS::Topic": {"TopicName", "FifoTopic"},
    "AWS::SNS::Subscription": {"TopicArn", "Protocol", "Endpoint"},
    "AWS::Lambda::EventSourceMapping": {"EventSourceArn"},
    "AWS::Lambda::EventInvokeConfig": {"FunctionName", "Qualifier"},
    "AWS::Scheduler::Schedule": {"Name"},
    "AWS::Scheduler::ScheduleGroup": {"Name"},
    "AWS::IAM::Role": {"RoleName", "Path"},
    "AWS::Logs::LogGroup": {"LogGroupName"},
    "AWS::CloudWatch::Alarm": {"AlarmName"},
    "AWS::DynamoDB::Table": {"TableName"},
    "AWS::S3::Bucket": {"BucketName"},
    "AWS::ECR::Repository": {"RepositoryName", "EncryptionConfiguration"},
}
"""Properties whose change makes a new resource (CloudFormation Template Reference, "Update requires: Replacement")."""


class Difference(NamedTuple):
    """What would become of one resource; `details` says it in words."""

    stack: str
    action: str
    logical: str
    kind: str
    details: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The shape that `plan --json` prints."""
        return {**self._asdict(), "details": list(self.details)}


class Plan(NamedTuple):
    """Every difference, and what looks like a rename: (kind, old name, new name)."""

    differences: tuple[Difference, ...]
    renames: tuple[renames.Rename, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether a deploy would change nothing."""
        return not self.differences and not self.notes

    def to_json(self) -> dict[str, Any]:
        """The shape that `plan --json` prints."""
        return {
            "changes": [each.to_json() for each in self.differences],
            "renames": [each._asdict() for each in self.renames],
            "notes": list(self.notes),
        }


def compare(stack: str, before: Template | None, after: Template | None) -> list[Difference]:
    """Resource by resource; None is a stack that is not there."""
    was: Mapping[str, Any] = (before or {}).get("Resources", {})
    shall: Mapping[str, Any] = (after or {}).get("Resources", {})
    found = [
        Difference(stack, ADD, name, shall[name]["Type"], words.of(None, shall[name]))
        for name in shall.keys() - was.keys()
    ]
    found += [
        Difference(stack, REMOVE, name, was[name]["Type"], words.of(was[name], None))
        for name in was.keys() - shall.keys()
    ]
    for name in was.keys() & shall.keys():
        if was[name] != shall[name]:
            found.append(_changed(stack, name, was[name], shall[name]))
    order = [ADD, CHANGE, REPLACE, REMOVE]
    return sorted(found, key=lambda each: (order.index(each.action), each.logical))


def _changed(stack: str, name: str, was: Template, shall: Template) -> Difference:
    """A change, or a replacement where a property can only be given at creation."""
    kind = shall["Type"]
    properties = list(differing(was.get("Properties", {}), shall.get("Properties", {})))
    fixed = _CREATE_ONLY.get(kind, set())
    action = REPLACE if was["Type"] != kind or fixed & set(properties) else CHANGE
    return Difference(stack, action, name, kind, words.of(was, shall))


def differing(was: Mapping[str, Any], shall: Mapping[str, Any]) -> Iterator[str]:
    """The names of the properties that are not equal."""
    for name in sorted(was.keys() | shall.keys()):
        if was.get(name) != shall.get(name):
            yield name
