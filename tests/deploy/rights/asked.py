"""What the command line asks of AWS, as the actions and resources that IAM decides about; nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron_cli.deploy.aws_session import AwsSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ACCOUNT, REGION = "123456789012", "eu-central-1"

ACTIONS = {
    "lambda.Invoke": ("lambda:InvokeFunction",),
    "s3.ListBuckets": ("s3:ListAllMyBuckets",),
    "s3.ListObjectVersions": ("s3:ListBucketVersions",),
    "s3.DeleteObjects": ("s3:DeleteObjectVersion",),
    "sqs.ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "dynamodb.TransactWriteItems": ("dynamodb:PutItem", "dynamodb:DeleteItem"),
    "scheduler.CreateSchedule": ("scheduler:CreateSchedule", "iam:PassRole"),
    "scheduler.UpdateSchedule": ("scheduler:UpdateSchedule", "iam:PassRole"),
    "sts.GetCallerIdentity": (),  # needs no right
}
"""Where actions are not named like the call: service authorization reference of each service."""


class Right(NamedTuple):
    """One thing that IAM decides about: an action, on a resource, with the keys that conditions are about."""

    action: str
    resource: str
    keys: tuple[tuple[str, str], ...] = ()


class Asking(AwsSession):
    """A session that takes down what is asked, and answers itself: by the name of the operation, else with nothing."""

    def __init__(self) -> None:
        super().__init__(REGION)
        self.rights: set[Right] = set()
        self.operations: set[str] = set()
        self.answers: Mapping[str, Any] = {}

    def elsewhere(self, region: str) -> AwsSession:
        """The same one: what is asked of another region is taken down, too."""
        assert region
        return self

    def _make(self, service: str, seconds: float) -> Any:
        client = super()._make(service, seconds)
        client.meta.events.register("provide-client-params", self._note)
        client.meta.events.register("before-call", self._answer)
        return client

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.operations.add(model.name)
        self.rights |= set(rights(model.service_model.service_name, model.name, params))

    def _answer(self, model: Any, **_: Any) -> tuple[Any, Any]:
        return Taken(), self.answers.get(model.name, {})


class Taken:
    """An answer over HTTP; botocore itself reads the body of one that names the region of a bucket."""

    status_code = 200
    raw = content = f"<LocationConstraint>{REGION}</LocationConstraint>".encode()


def rights(service: str, operation: str, params: dict[str, Any]) -> Iterator[Right]:
    """What one call takes."""
    for action in actions_of(service, operation):
        for resource in resources(params):
            yield Right(action, resource)


def actions_of(service: str, operation: str) -> tuple[str, ...]:
    """The actions that a call takes."""
    return ACTIONS.get(f"{service}.{operation}", (f"{service.removesuffix('v2')}:{operation}",))


def resources(params: dict[str, Any]) -> list[str]:
    """The ARNs that a call is about; `*` for one that is about all that there is."""
    if "Bucket" in params:
        keys = [each["Key"] for each in params.get("Delete", {}).get("Objects", [])]
        keys += [params["Key"]] if "Key" in params else []
        return [f"arn:aws:s3:::{params['Bucket']}/{key}" for key in keys] or [f"arn:aws:s3:::{params['Bucket']}"]
    return [arn(params[name]) for name, arn in PLACES.items() if isinstance(params.get(name), str)] or ["*"]


def here(service: str, rest: str) -> str:
    """An ARN of this account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


PLACES: dict[str, Callable[[str], str]] = {
    "StackName": lambda name: here("cloudformation", f"stack/{name.rpartition(':stack/')[2].partition('/')[0]}/id"),
    "QueueUrl": lambda url: here("sqs", url.rpartition("/")[2]),
    "repositoryName": lambda name: here("ecr", f"repository/{name}"),
    "FunctionName": lambda name: here("lambda", f"function:{name}"),
    "TableName": lambda name: here("dynamodb", f"table/{name}"),
    "EmailIdentity": lambda name: here("ses", f"identity/{name}"),
    "TemplateName": lambda name: here("ses", f"template/{name}"),
    **dict.fromkeys(("ResourceArn", "TopicArn", "KeyId"), str),
}
"""By the parameter that names it, what a call is about."""
