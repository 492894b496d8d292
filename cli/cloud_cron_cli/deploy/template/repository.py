"""The repository of images: who may pull from it, and which images stay."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.config.settings import listed
from cloud_cron_cli.deploy.images.options import KEPT
from cloud_cron_cli.deploy.template.intrinsics import arn, att, ref, sub
from cloud_cron_cli.deploy.template.policies import document
from cloud_cron_cli.deploy.template.scope import Piece

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.deploy.template.intrinsics import Value
    from cloud_cron_cli.deploy.template.scope import Scope

LIVE: Final = "live-"
"""What the tags of images begin with that functions run, or ran a few deploys ago."""
_MANY: Final = 100_000
"""More images than a repository holds (ECR User Guide, "Service quotas")."""
_PULL: Final = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_ECR: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>.+)"
)


def repository(scope: Scope, name: str) -> Piece:
    """A repository of images by tags that never move; `protect` keeps it when the stack is deleted."""
    key = scope.settings.kms_key
    properties = {
        "RepositoryName": name,
        "ImageTagMutability": "IMMUTABLE",
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": key} if key else {"EncryptionType": "AES256"},
        "LifecyclePolicy": {"LifecyclePolicyText": json.dumps(lifecycle(scope.settings.image.get("keep", KEPT)))},
        "RepositoryPolicyText": document(_pulls(listed(scope.settings.image.get("pull_accounts", ())))),
        "EmptyOnDelete": not scope.settings.protect,
        "Tags": scope.tags,
    }
    resource = {
        "Type": "AWS::ECR::Repository",
        "DeletionPolicy": "Retain" if scope.settings.protect else "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
    outputs = {
        "RepositoryName": {"Value": ref("Repository")},
        "RepositoryUri": {"Value": att("Repository", "RepositoryUri")},
        "RepositoryArn": {"Value": att("Repository", "Arn")},
    }
    return Piece({"Repository": resource}, outputs)


def given(repository: str) -> dict[str, Value]:
    """The outputs that tell of an existing repository: a URI, or the name of one of this account and region."""
    found = _ECR.fullmatch(repository)
    if found:
        there = f"ecr:{found['region']}:{found['account']}:repository/{found['name']}"
        return {
            "RepositoryUri": {"Value": repository},
            "RepositoryArn": {"Value": sub(f"arn:${{AWS::Partition}}:{there}")},
        }
    if has_registry(repository):
        return {"RepositoryUri": {"Value": repository}}
    uri = f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{repository}"
    return {"RepositoryUri": {"Value": sub(uri)}, "RepositoryArn": {"Value": arn("ecr", f"repository/{repository}")}}


def has_registry(repository: str) -> bool:
    """Whether a repository is named with its registry, as Docker tells it from a path."""
    first, _, rest = repository.partition("/")
    return bool(rest) and ("." in first or ":" in first or first == "localhost")


def lifecycle(keep: int) -> dict[str, Any]:
    """Untagged images go after a day, and others beyond the newest `keep`; those that functions run never do.

    An image that matches the tags of a rule cannot be expired by a rule of lower priority, and the first one expires
    nothing (ECR User Guide, "Automate the cleanup of images by using lifecycle policies").
    """
    live = {"tagStatus": "tagged", "tagPrefixList": [LIVE], "countType": "imageCountMoreThan", "countNumber": _MANY}
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    others = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep}
    described = (("functions run them", live), ("never tagged", untagged), (f"the newest {keep} stay", others))
    return {
        "rules": [
            {"rulePriority": number, "description": text, "selection": selection, "action": {"type": "expire"}}
            for number, (text, selection) in enumerate(described, 1)
        ]
    }


def _pulls(accounts: Sequence[str]) -> list[Value]:
    """Lambda may pull, and other accounts with their functions (Lambda Developer Guide, "Amazon ECR permissions").

    Lambda would add the first statement itself, and the stack would no longer be what its template says.
    """
    lambdas = {"Service": "lambda.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
    statements = [_statement("LambdaReadsImages", lambdas, _PULL, own)]
    if accounts:
        roots: Value = {"AWS": [sub(f"arn:${{AWS::Partition}}:iam::{account}:root") for account in accounts]}
        there = [sub(f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:{account}:function:*") for account in accounts]
        pull = (*_PULL, "ecr:BatchCheckLayerAvailability", "ecr:DescribeImages")
        statements.append(_statement("OtherAccountsPull", roots, pull, None))
        statements.append(_statement("TheirLambdaReadsImages", lambdas, _PULL, {"ArnLike": {"aws:SourceArn": there}}))
    return statements


def _statement(name: str, principal: Value, actions: Sequence[str], condition: Value | None) -> Value:
    statement: Value = {"Sid": name, "Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return {**statement, "Condition": condition} if condition else statement
