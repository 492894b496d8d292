"""One function with its role and its log group: what a task, a notifier and maintenance have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.model import thawed
from cloud_cron_cli.deploy.entrypoint import ENTRYPOINT
from cloud_cron_cli.deploy.images.options import architecture_of
from cloud_cron_cli.deploy.template import policies
from cloud_cron_cli.deploy.template.intrinsics import att, json_text, ref
from cloud_cron_cli.deploy.template.scope import encrypted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

RETENTION: Final = 30
_OF_THE_APPS: Final = frozenset({"subnets", "security_groups", "tracing"})
IMAGE: Final = "ImageUri"
"""The parameter that stands for an image which is not known yet."""


class Wanted(NamedTuple):
    """A function: `logical` begins its ids, `name` is its own and its log group's, `handler` what it answers to.

    `resources` is what CLOUD_CRON_RESOURCES says, `env` the author's variables; `options` are those of `function`.
    """

    logical: str
    name: str
    handler: str
    timeout: int
    memory: int
    statements: Sequence[Value]
    resources: Mapping[str, Any]
    env: Mapping[str, str]
    options: Mapping[str, Any]
    description: str


def function(scope: Scope, wanted: Wanted) -> dict[str, Value]:
    """Function, role and log group, by their logical ids."""
    group = f"/aws/lambda/{wanted.name}"
    own = [policies.logs(group), *wanted.statements, *policies.encryption(scope)]
    return {
        f"{wanted.logical}Function": _function(scope, wanted),
        f"{wanted.logical}Role": policies.role(scope, "lambda", own),
        f"{wanted.logical}LogGroup": {
            "Type": "AWS::Logs::LogGroup",
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
            "Properties": {
                "LogGroupName": group,
                "RetentionInDays": wanted.options.get("log_retention", RETENTION),
                **encrypted(scope, "KmsKeyId"),
                "Tags": scope.tags,
            },
        },
    }


def options_of_ours(scope: Scope) -> dict[str, Any]:
    """The options of a function that does none of the app's own work: it stands outside of subnets, and is not traced.

    What it calls is AWS and the heartbeat's address, and its role may neither make an interface nor write traces.
    """
    general = {name: value for name, value in scope.settings.function.items() if name not in _OF_THE_APPS}
    return {**general, "architecture": architecture_of(scope.model, scope.settings)}


def told(wanted: Wanted) -> dict[str, str]:
    """Names and ARNs of a function, its role and its log group, for an output."""
    own = wanted.logical
    return {
        "function_name": f"${{{own}Function}}",
        "function_arn": f"${{{own}Function.Arn}}",
        "role_name": f"${{{own}Role}}",
        "role_arn": f"${{{own}Role.Arn}}",
        "log_group_name": f"${{{own}LogGroup}}",
        "log_group_arn": f"${{{own}LogGroup.Arn}}",
    }


def _function(scope: Scope, wanted: Wanted) -> Value:
    """The function. Its log level is INFO, so that what tasks log is kept (Lambda Developer Guide, "Log levels")."""
    properties: Value = {
        "FunctionName": wanted.name,
        "PackageType": "Image",
        "Code": {"ImageUri": scope.image or ref(IMAGE)},
        "ImageConfig": {"Command": [ENTRYPOINT]},
        "Role": att(f"{wanted.logical}Role", "Arn"),
        "Timeout": wanted.timeout,
        "MemorySize": wanted.memory,
        "Architectures": [wanted.options.get("architecture", "x86_64")],
        "Environment": {"Variables": _environment(scope, wanted)},
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "LogGroup": ref(f"{wanted.logical}LogGroup"),
        },
        "Description": wanted.description[:256],
        **_options(scope, wanted.options),
        "Tags": scope.tags,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def _environment(scope: Scope, wanted: Wanted) -> Value:
    variables: Value = {
        **wanted.env,
        "CLOUD_CRON_APP": scope.settings.entry or "app",
        "CLOUD_CRON_STAGE": scope.stage,
        "CLOUD_CRON_HANDLER": wanted.handler,
    }
    if wanted.resources:
        variables["CLOUD_CRON_RESOURCES"] = json_text(dict(wanted.resources))
    return variables


def _options(scope: Scope, options: Mapping[str, Any]) -> Value:
    """The properties that options of a function ask for; what nobody asked for is left to Lambda's defaults."""
    properties: Value = {}
    if options.get("ephemeral_storage"):
        properties["EphemeralStorage"] = {"Size": options["ephemeral_storage"]}
    if options.get("subnets"):
        properties["VpcConfig"] = {
            "SubnetIds": thawed(options["subnets"]),
            "SecurityGroupIds": thawed(options.get("security_groups", ())),
        }
    if options.get("tracing"):
        properties["TracingConfig"] = {"Mode": "Active"}
    if options.get("reserved_concurrency") is not None:
        properties["ReservedConcurrentExecutions"] = options["reserved_concurrency"]
    key = options.get("kms_key", scope.settings.kms_key)
    if key:
        properties["KmsKeyArn"] = key
    return properties
