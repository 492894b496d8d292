"""The stack that must be there before any other: where images and large templates come from, and deploys are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.names import stack_name
from cloud_cron_cli.deploy.template.assembly import FORMAT, Part
from cloud_cron_cli.deploy.template.intrinsics import ref
from cloud_cron_cli.deploy.template.policies import document
from cloud_cron_cli.deploy.template.scope import Scope
from cloud_cron_cli.deploy.template.shared import private_bucket, tls_only

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

KEY: Final = "artifacts"
_KEPT: Final = 365


def artifacts(model: AppModel, settings: Settings) -> Part:
    """A bucket and an ECR repository; `protect` keeps the repository when the stack is deleted."""
    scope = Scope(model, settings, None, KEY)
    name = stack_name(model.name, settings.stage, KEY)
    template = {
        "AWSTemplateFormatVersion": FORMAT,
        "Description": f"cloud-cron app {model.name}, stage {settings.stage}, artifacts",
        "Resources": {
            "Bucket": _bucket(scope),
            "BucketPolicy": tls_only("Bucket"),
            "Repository": _repository(scope, name),
        },
        "Outputs": {
            "BucketName": {"Value": ref("Bucket")},
            "RepositoryName": {"Value": ref("Repository")},
            "RepositoryUri": {"Value": {"Fn::GetAtt": ["Repository", "RepositoryUri"]}},
        },
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


def _repository(scope: Scope, name: str) -> dict[str, Any]:
    """Images by tags that never move; Lambda may read them (Lambda Developer Guide, "Amazon ECR permissions")."""
    key = scope.settings.kms_key
    statement = {
        "Sid": "LambdaReadsImages",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }
    properties = {
        "RepositoryName": name,
        "ImageTagMutability": "IMMUTABLE",
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": key} if key else {"EncryptionType": "AES256"},
        "RepositoryPolicyText": document([statement]),
        "EmptyOnDelete": not scope.settings.protect,
        "Tags": scope.tags,
    }
    kept = "Retain" if scope.settings.protect else "Delete"
    return {
        "Type": "AWS::ECR::Repository",
        "DeletionPolicy": kept,
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }
