"""What AWS would refuse although every other host takes it: found in the model, before anything is begun.

Numbers are those of the Lambda Developer Guide, "Lambda quotas", "Error handling for asynchronous invocation" and
"Environment variables", and of the API reference, FunctionConfiguration.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cloud_cron import channels
from cloud_cron.aws.names import check_names
from cloud_cron.errors import CloudCronError, ConfigError, DeclarationError, RecipientError
from cloud_cron_cli.deploy.template import alarms
from cloud_cron_cli.deploy.template.retention import LOG_RETENTION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel, NotifierModel, TaskModel

LONGEST_TIMEOUT: Final = 900
MOST_RETRIES: Final = 2
ENVIRONMENT: Final = 4_096
_OURS: Final = 1_200
"""Room for what the template adds to an environment: names, a handler, the ARNs and URLs of resources."""
_RESERVED: Final = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
_STACKS: Final = re.compile(r"artifacts|p[0-9]+")
_ECR: Final = re.compile(r"[0-9]{12}\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.")
_TOPIC: Final = re.compile(r"arn:aws[a-z-]*:sns:(?P<region>[^:]+):(?P<account>[0-9]+):.+")


def check(model: AppModel, settings: Settings) -> None:
    """Refuse the first thing that could not be deployed.

    Raises:
        DeclarationError: CC111 names that collide, CC850 to CC853, CC856 a value out of AWS's range.
        ConfigError: CC508 a secret kept where no function can read it, CC855 a stage whose stack would be another's.
        RecipientError: CC302 a notifier that tells nobody, and what a channel says of one that it must not tell.
        UnsupportedError: CC140 a channel that no function could send through.
    """
    if _STACKS.fullmatch(settings.stage):
        message = f"stage {settings.stage!r} is the name of a stack that belongs to another stage"
        raise ConfigError("CC855", message, hint="call the stage something else than artifacts, p1, p2, ...")
    check_names(model, settings.stage)
    if settings.heartbeat:
        secret("heartbeat", settings.heartbeat, None, "watch")
    for task in model.tasks:
        _function(task)
        _task(task, settings)
    for notifier in model.notifiers:
        _function(notifier)
        _notifier(notifier, settings)
    _one_architecture(model)


def check_topics(settings: Settings, region: str, account: str) -> None:
    """Refuse a given topic of another region or account: `ConfigError` CC854.

    A queue of ours could hear it, and nothing of ours may change whom it trusts.
    """
    for name, arn in settings.topics.items():
        found = _TOPIC.fullmatch(arn)
        if found and (found["region"], found["account"]) != (region, account):
            place = settings.place("topics", name)
            there = f"{found['region']} of account {found['account']}"
            message = f"topic {name!r} is in {there}, and the stack in {region} of account {account}"
            hint = "map it to a topic of the same region and account"
            raise ConfigError("CC854", message, where=place.where if place else None, hint=hint)


def check_repository(settings: Settings, region: str) -> None:
    """Refuse an existing repository of another region: `ConfigError` CC813; Lambda pulls from its own alone."""
    repository = settings.image.get("repository", "")
    found = _ECR.match(repository)
    if found and found["region"] != region:
        message = f"[image] repository is in {found['region']}, and the app is deployed to {region}"
        raise ConfigError("CC813", message, hint="name one of the same region, or leave it out: then we make one")


def _function(part: TaskModel | NotifierModel) -> None:
    """What tasks and notifiers have in common."""
    where = part.where
    if part.timeout > LONGEST_TIMEOUT:
        message = f"timeout={part.timeout} of {part.name!r} is longer than Lambda's {LONGEST_TIMEOUT} seconds"
        hint = "split the work into smaller runs, or run this app on one machine: cloud-cron serve"
        raise DeclarationError("CC850", message, where=where, hint=hint)
    for name, reference in part.secrets.items():
        secret(name, reference, where)
    for name in part.env:
        if name in _RESERVED or name.startswith("AWS_LAMBDA_"):
            raise DeclarationError("CC852", f"env {name!r} is set by Lambda itself", where=where, hint="rename it")
    size = sum(len(name.encode()) + len(value.encode()) for name, value in part.env.items())
    if size > ENVIRONMENT - _OURS:
        message = f"env of {part.name!r} has {size:,} bytes, and Lambda takes {ENVIRONMENT - _OURS:,} beside our own"
        raise DeclarationError("CC852", message, where=where, hint="put the rest into a file beside app.py")
    options(part.function, where)


def secret(name: str, reference: str, where: str | None, table: str = "secrets") -> None:
    """Refuse a reference that only one machine can follow: `ConfigError` CC508; `table` is where to write another."""
    if reference.startswith(("env:", "file:")):
        message = f"secret {name!r} is kept in {reference.partition(':')[0]}:, which no function on AWS can read"
        hint = f'write {name} = "secretsmanager:..." under [stages.<stage>.{table}]'
        raise ConfigError("CC508", message, where=where, hint=hint)


def options(given: Mapping[str, Any], where: str) -> None:
    """Refuse a value of `function` that Lambda or CloudWatch Logs would: `DeclarationError` CC853."""
    checks = {
        "architecture": lambda value: value in {"arm64", "x86_64"},
        "ephemeral_storage": lambda value: _whole(value, 512, 10_240),
        "subnets": lambda value: _words(value, "subnet-"),
        "security_groups": lambda value: _words(value, "sg-"),
        "tracing": lambda value: isinstance(value, bool),
        "reserved_concurrency": lambda value: _whole(value, 0, 10_000),
        "log_retention": lambda value: value in LOG_RETENTION,
        "kms_key": lambda value: isinstance(value, str) and value.startswith("arn:"),
    }
    meanings = {
        "architecture": "arm64 or x86_64",
        "ephemeral_storage": "512 to 10,240 MiB",
        "subnets": "a list of ids, subnet-...",
        "security_groups": "a list of ids, sg-...",
        "tracing": "true or false",
        "reserved_concurrency": "0 to 10,000",
        "log_retention": f"a number of days out of {', '.join(map(str, LOG_RETENTION))}",
        "kms_key": "the ARN of a key",
    }
    for name, value in given.items():
        if not checks[name](value):
            message = f"function option {name}={value!r} must be {meanings[name]}"
            raise DeclarationError("CC853", message, where=where)
    if bool(given.get("subnets")) != bool(given.get("security_groups")):
        message = "subnets and security_groups need each other"
        raise DeclarationError("CC853", message, where=where, hint="give both, or neither")


def _task(task: TaskModel, settings: Settings) -> None:
    if task.retries > MOST_RETRIES:
        message = f"retries={task.retries} of {task.name!r} is more than Lambda's {MOST_RETRIES}"
        hint = "lower it for this stage, or run this app on one machine: cloud-cron serve"
        raise DeclarationError("CC851", message, where=task.where, hint=hint)
    if "missed" in alarms.chosen(task, settings) and alarms.calendar_period(task) is None:
        message = f"no alarm of CloudWatch can tell that {task.name!r} was missed: it is not due in every week"
        hint = "name a topic under [watch]: that tells missed runs of any schedule"
        raise DeclarationError("CC856", message, where=task.where, hint=hint)


def _notifier(notifier: NotifierModel, settings: Settings) -> None:
    if notifier.enabled and not notifier.recipients and not notifier.allow_recipients:
        message = f"notifier {notifier.name!r} has no recipients at stage {settings.stage!r}"
        hint = f"write recipients under [notifiers.{notifier.name}] or [channels.{notifier.channel}]"
        raise RecipientError("CC302", message, where=notifier.where, hint=hint)
    if notifier.enabled:
        _can_send(notifier)
    limit = settings.notifiers.get(notifier.name, {}).get("max_concurrency")
    if limit is not None and not _whole(limit, 2, 1_000):
        message = f"max_concurrency={limit} of {notifier.name!r} must be 2 to 1,000"
        place = settings.place("notifiers", notifier.name)
        hint = "one at a time is what a FIFO group does: order='task'"
        raise ConfigError("CC853", message, where=place.where if place else notifier.where, hint=hint)


class _Aws:
    """As much of a function's ports as a channel looks at before it sends: there is an AWS, and it is not asked."""

    def __getattr__(self, name: str) -> _Aws:
        return self

    def get(self, service: str) -> _Aws:  # noqa: ARG002 - whatever is asked for is there
        """Something that stands for a client."""
        return self


def _can_send(notifier: NotifierModel) -> None:
    """Refuse a channel that a function could not send through, or not to somebody: what the channel says."""
    channel = channels.find(notifier.channel)
    ports: Any = _Aws()
    given = channels.options_of(channel, notifier.options)
    try:
        channel.sender(ports, given)
        for address in notifier.recipients:
            channel.vet(address, notifier)
    except CloudCronError as error:
        raise error.at(notifier.where) from None
    for name, reference in channel.secrets(given).items():
        secret(name, reference, notifier.where, f"channels.{notifier.channel}")
    for reference in channel.references(notifier.recipients):
        secret("recipients", reference, notifier.where, f"notifiers.{notifier.name}")
    for reference in channel.references((notifier.redirect_to,) if notifier.redirect_to else ()):
        secret("redirect_to", reference, notifier.where, f"channels.{notifier.channel}")


def _one_architecture(model: AppModel) -> None:
    """One image is of one architecture: CC853."""
    seen: dict[str, TaskModel | NotifierModel] = {}
    for part in model.functions:
        seen.setdefault(part.function.get("architecture", "x86_64"), part)
    if len(seen) > 1:
        names = " and ".join(f"{part.name!r} wants {architecture}" for architecture, part in seen.items())
        message = f"{names}, and the app has one image"
        raise DeclarationError("CC853", message, hint='set architecture = "arm64" at the top of cloud-cron.toml alone')


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _words(value: object, prefix: str) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) and item.startswith(prefix) for item in value)
