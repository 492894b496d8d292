"""Where a resource is written: the app, the stage, and the stack that it will stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.aws.names import group_name, resource_name, topic_prefix
from cloud_cron_cli.deploy.template.intrinsics import arn, att, ref, sub

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.template.intrinsics import Value

MAIN: Final = "main"

SHARED: Final[dict[str, Value]] = {
    "Ledger": ref("Ledger"),
    "PayloadBucket": ref("PayloadBucket"),
    "FailureQueueArn": att("FailureQueue", "Arn"),
    "ScheduleDeadLetterArn": att("ScheduleDeadLetters", "Arn"),
    "AlarmTopicArn": ref("AlarmTopic"),
    "MaintenanceRole": ref("MaintenanceRole"),
}


class Piece(NamedTuple):
    """The resources and outputs of one task, notifier or topic, and the names in `SHARED` that they use."""

    resources: dict[str, Value]
    outputs: dict[str, Value]
    uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Scope:
    """One stack. `pieces` are those that stand in it: `topic:<name>`, `notifier:<name>`, `task:<name>`.

    `ses_templates` are the parts of those that SES is given, by the notifier's name.
    """

    model: AppModel
    settings: Settings
    image: str | None
    part: str = MAIN
    pieces: Collection[str] = ()
    retiring: Collection[str] = ()
    ses_templates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        """The stage."""
        return self.settings.stage

    @cached_property
    def tags(self) -> list[dict[str, str]]:
        """The tags of everything that can carry some."""
        return [{"Key": key, "Value": value} for key, value in tags(self.model, self.settings).items()]

    def name(self, kind: str, name: str) -> str:
        """The fixed name of a function, log group or schedule."""
        return resource_name(self.model.name, self.stage, kind, name)

    def shared(self, name: str) -> Value:
        """A value of the main stack: itself there, a parameter elsewhere."""
        return SHARED[name] if self.part == MAIN else ref(name)

    def group(self) -> Value | str:
        """The name of the schedule group; a stack beside the main one knows it by its rule."""
        return ref("ScheduleGroup") if self.part == MAIN else group_name(self.model.name, self.stage)

    def topic_arns(self, topic: str) -> list[Value | str]:
        """What the topic is published to: the given one, or our own; our own too while it retires.

        A topic of this very stack is referred to, so that whoever uses it comes after it.
        """
        given = self.settings.topics.get(topic)
        own = ref(logical("Topic", topic)) if f"topic:{topic}" in self.pieces else self._rule(topic)
        return ([given] if given else []) + ([own] if not given or topic in self.retiring else [])

    def topic_rule(self, topic: str) -> Value | str:
        """The ARN that the topic is published to, by its rule: for whoever need not come after it."""
        return self.settings.topics.get(topic) or self._rule(topic)

    def _rule(self, topic: str) -> Value:
        return arn("sns", f"{topic_prefix(self.model.name, self.stage)}{topic}.fifo")


def tags(model: AppModel, settings: Settings) -> dict[str, str]:
    """The tags of a stage: the user's, and those by which we know what is ours."""
    return {**settings.tags, "managed_by": "cloud-cron", "app": model.name, "stage": settings.stage}


@cache
def logical(kind: str, name: str) -> str:
    """What the logical ids of a task, notifier or topic begin with: readable, and told apart by a hash.

    Logical ids are letters and digits alone (CloudFormation User Guide, "Resources"), names are not.
    """
    letters = "".join(character for character in name if character.isalnum())
    return f"{kind}{letters[:1].upper()}{letters[1:60]}{sha256(f'{kind}|{name}'.encode()).hexdigest()[:6]}"


def encrypted(scope: Scope, key: str) -> dict[str, Any]:
    """The property that encrypts with the user's own key, if there is one."""
    return {key: scope.settings.kms_key} if scope.settings.kms_key else {}


def bucket_arn(rest: str = "") -> Value:
    """The ARN of the payload bucket, or of objects in it: `PayloadBucket` is a resource here, a parameter elsewhere."""
    return sub(f"arn:${{AWS::Partition}}:s3:::${{PayloadBucket}}{rest}")


def table_arn() -> Value:
    """The ARN of the ledger, likewise."""
    return arn("dynamodb", "table/${Ledger}")
