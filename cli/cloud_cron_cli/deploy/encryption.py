"""What the policy of a user's own key must allow, and which of it a given policy lacks.

Roles of ours have their permissions in themselves; these are the services that use the key in their own name (SNS
Developer Guide, "Configuring Amazon SNS encryption with Amazon SQS queue"; CloudWatch Logs User Guide, "Encrypt log
data"; CloudWatch User Guide, "Notify users on alarm changes"; SES Developer Guide, "Receiving Amazon SES
notifications using Amazon SNS").
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TWO: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_LOGS: Final = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def missing(policy: Mapping[str, Any], region: str, account: str, *, events: bool = False) -> list[dict[str, Any]]:
    """The statements that a key's policy lacks, ready to be added to it; `events`: SES tells of mails."""
    return [
        statement
        for statement in _needed(region, account, events=events)
        if not all(_allowed(policy, statement["Principal"]["Service"], action) for action in statement["Action"])
    ]


def _needed(region: str, account: str, *, events: bool) -> Iterator[dict[str, Any]]:
    """One statement for each service, for what is done in this account alone."""
    services = {
        "sns.amazonaws.com": _TWO,
        "cloudwatch.amazonaws.com": _TWO,
        **({"ses.amazonaws.com": _TWO} if events else {}),
        f"logs.{region}.amazonaws.com": _LOGS,
    }
    for service, actions in services.items():
        condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": account}}
        if service.startswith("logs."):
            arn = f"arn:*:logs:{region}:{account}:log-group:/aws/lambda/*"
            condition = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}}
        yield {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": list(actions),
            "Resource": "*",
            "Condition": condition,
        }


def _allowed(policy: Mapping[str, Any], service: str, action: str) -> bool:
    """Whether some statement allows a service an action; its condition is its author's business."""
    return any(
        statement.get("Effect") == "Allow"
        and service in _services(statement.get("Principal"))
        and any(fnmatchcase(action, pattern) for pattern in _listed(statement.get("Action", ())))
        for statement in _listed(policy.get("Statement", ()))
    )


def _services(principal: Any) -> list[str]:  # noqa: ANN401 - JSON
    return _listed(principal.get("Service", ())) if isinstance(principal, dict) else []


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return [value] if isinstance(value, (str, dict)) else list(value)
