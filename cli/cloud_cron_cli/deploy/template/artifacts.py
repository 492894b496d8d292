"""The stack that must be there before any other: where images and large templates come from, and deploys are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.names import stack_name
from cloud_cron_cli.deploy.template.assembly import FORMAT, Part
from cloud_cron_cli.deploy.template.intrinsics import ref
from cloud_cron_cli.deploy.template.repository import given, repository
from cloud_cron_cli.deploy.template.scope import Scope
from cloud_cron_cli.deploy.template.shared import private_bucket, tls_only

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

KEY: Final = "artifacts"
_KEPT: Final = 365


def artifacts(model: AppModel, settings: Settings, *, leaving: bool = False) -> Part:
    """A bucket, and a repository of ECR unless an existing one is given; while it is `leaving`, ours is there too."""
    scope = Scope(model, settings, None, KEY)
    name = stack_name(model.name, settings.stage, KEY)
    existing = settings.image.get("repository")
    own = repository(scope, name) if existing is None or leaving else None
    told = given(existing) if existing else {}
    template = {
        "AWSTemplateFormatVersion": FORMAT,
        "Description": f"cloud-cron app {model.name}, stage {settings.stage}, artifacts",
        "Resources": {
            "Bucket": _bucket(scope),
            "BucketPolicy": tls_only("Bucket"),
            **(own.resources if own else {}),
        },
        "Outputs": {"BucketName": {"Value": ref("Bucket")}, **(own.outputs if own else {}), **told},
    }
    return Part(KEY, name, template, {})


def _bucket(scope: Scope) -> dict[str, Any]:
    rules = [
        {"Id": "expire", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": _KEPT}},
        {"Id": "tidy", "Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    ]
    properties = {
        **private_bucket(scope.settings.kms_key),
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": rules},
        "Tags": scope.tags,
    }
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
