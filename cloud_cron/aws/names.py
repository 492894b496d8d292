"""Names of what is deployed: readable, within AWS's limits, and told apart by a hash where they were cut."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import DeclarationError

if TYPE_CHECKING:
    from cloud_cron.model import AppModel

LIMIT: Final = 64
_HASH: Final = 6
_KEPT: Final = 20


def resource_name(app: str, stage: str, kind: str, name: str) -> str:
    """The name of a function, log group or schedule: `<app>-<stage>-<name>-<six hex>`, at most 64 characters.

    64 is Lambda's limit and Scheduler's (API references: FunctionName, Schedule Name). `kind` is `task` or `notifier`.
    """
    digest = sha256(f"{app}|{stage}|{kind}|{name}".encode()).hexdigest()[:_HASH]
    return f"{f'{app}-{stage}-{name}'[: LIMIT - _HASH - 1]}-{digest}"


def stack_name(app: str, stage: str, part: str = "") -> str:
    """The name of a stack: `<app>-<stage>`, and `<app>-<stage>-<part>` for a part beside it or `artifacts`."""
    return "-".join(filter(None, (app, stage, part)))


def generated_prefix(stack: str) -> str:
    """What the names of queues and buckets begin with that CloudFormation makes for a stage, by its main stack.

    Those of other stages may begin so, too: CloudFormation keeps less of a stack's name where all of it is too long for
    a queue (80 characters) or a bucket (63). It says so nowhere; these first ones leave room enough for the rest.
    """
    return f"{stack}-"[:_KEPT]


def group_name(app: str, stage: str) -> str:
    """The name of the schedule group: as `resource_name`, without a name of its own."""
    return f"{app}-{stage}-{sha256(f'{app}|{stage}|group|'.encode()).hexdigest()[:_HASH]}"


def topic_prefix(app: str, stage: str) -> str:
    """What the name of every topic of a stage begins with; `.fifo` ends it (SNS API reference, CreateTopic)."""
    return f"{app}-{stage}-"


def check_names(model: AppModel, stage: str) -> None:
    """Refuse two parts that would be deployed under one name: `DeclarationError` CC111, both lines shown."""
    parts = [("task", task.name, task.where) for task in model.tasks]
    parts += [("notifier", notifier.name, notifier.where) for notifier in model.notifiers]
    seen: dict[str, tuple[str, str]] = {}
    for kind, name, where in parts:
        deployed = resource_name(model.name, stage, kind, name)
        if deployed in seen:
            twin, place = seen[deployed]
            message = f"{name!r} and {twin!r} (at {place}) would both be deployed as {deployed}"
            raise DeclarationError("CC111", message, where=where, hint="rename one of them")
        seen[deployed] = (name, where)
