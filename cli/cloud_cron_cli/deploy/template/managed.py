"""Permissions that grow with the app, cut into managed policies: a role's own policies hold too few of them.

IAM User Guide, "IAM and AWS STS quotas": 10,240 characters for all inline policies of a role, 6,144 for a managed
policy, ten managed policies for a role.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.template import policies

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cloud_cron_cli.deploy.template.intrinsics import Value

LONGEST: Final = 6_144
MOST: Final = 10
_FRAME: Final = 60
"""Characters around the statements of a policy, and of a statement around its actions and resources."""
_NAMED_BY_AWS: Final = 130
"""The longest ARN of a queue whose name CloudFormation makes up (SQS API reference, CreateQueue: 80 characters)."""


class Grant(NamedTuple):
    """Some actions on one resource."""

    actions: tuple[str, ...]
    resource: Value | str


def managed(role: Value, grants: Iterable[Grant]) -> dict[str, Value]:
    """The managed policies of a role, by their logical ids, each as full as it may be."""
    documents: list[dict[tuple[str, ...], list[Value | str]]] = []
    room = 0
    for grant in grants:
        size = _length(grant.resource)
        known = bool(documents) and grant.actions in documents[-1]
        needed = size if known else size + _head(grant.actions)
        if not documents or needed > room:
            documents.append({})
            needed, room = size + _head(grant.actions), LONGEST - _FRAME
        room -= needed
        documents[-1].setdefault(grant.actions, []).append(grant.resource)
    return {
        f"MaintenancePolicy{number if number > 1 else ''}": _policy(role, document)
        for number, document in enumerate(documents, 1)
    }


def check(templates: Sequence[dict[str, Any]]) -> None:
    """Refuse more managed policies than one role takes: `ConfigError` CC857."""
    resources = [resource for template in templates for resource in template["Resources"].values()]
    count = sum(resource["Type"] == "AWS::IAM::ManagedPolicy" for resource in resources)
    if count > MOST:
        message = f"maintenance would need {count} managed policies, and a role takes {MOST}"
        hint = "divide the app: it has too many notifiers, topics, and tasks with overlap='queue' for one stage"
        raise ConfigError("CC857", message, hint=hint)


def _policy(role: Value, document: dict[tuple[str, ...], list[Value | str]]) -> Value:
    statements = [policies.allow(list(actions), resources) for actions, resources in document.items()]
    properties = {"Roles": [role], "PolicyDocument": policies.document(statements)}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


def _head(actions: tuple[str, ...]) -> int:
    return _FRAME + sum(len(action) + 3 for action in actions)


def _length(resource: Value | str) -> int:
    """Characters of an ARN at most, with its quotes and a comma; pseudo parameters are longer than what they are."""
    match resource:
        case str():
            return len(resource) + 3
        case {"Fn::Sub": str(text)}:
            return len(text) + 3
        case _:
            return _NAMED_BY_AWS + 3
