"""What CloudFormation asks of AWS in the name of whoever deploys: the handlers' permissions in its own schemas.

The schemas come with cfn-lint (CloudFormation CLI User Guide, "Resource type schema", `handlers`). A handler names what
it may ever need; what it needs for properties that no template of ours sets is left out, and so is what lists.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import pytest

REGION = "us-east-1"

UNSET: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": {
        "ContributorInsightsSpecification": ("dynamodb:UpdateContributorInsights",),
        "ImportSourceSpecification": ("dynamodb:ImportTable", "dynamodb:DescribeImport", "s3:*", "logs:*"),
        "KinesisStreamSpecification": (
            *(f"dynamodb:{verb}KinesisStreamingDestination" for verb in ("Disable", "Enable", "Update")),
            "kinesis:*",
        ),
        "ResourcePolicy": ("dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"),
        "StreamSpecification": (  # which every replica needs
            *(f"dynamodb:{verb}Item" for verb in ("BatchWrite", "Delete", "Get", "Put", "Update")),
            *("dynamodb:Query", "dynamodb:Scan", "dynamodb:*TableReplica", "iam:CreateServiceLinkedRole"),
        ),
    },
    "AWS::IAM::ManagedPolicy": {
        "Groups": ("iam:AttachGroupPolicy", "iam:DetachGroupPolicy"),
        "Users": ("iam:AttachUserPolicy", "iam:DetachUserPolicy"),
    },
    "AWS::Lambda::EventSourceMapping": {"KmsKeyArn": ("kms:*",)},
    "AWS::Lambda::Function": {
        "CapacityProviderConfig": ("lambda:PassCapacityProvider",),
        "CodeSigningConfigArn": (
            *("lambda:GetCodeSigningConfig", "lambda:PutFunctionCodeSigningConfig"),
            "lambda:DeleteFunctionCodeSigningConfig",
        ),
        "FileSystemConfigs": ("elasticfilesystem:*", "s3files:*"),
        "FunctionScalingConfig": ("lambda:PutFunctionScalingConfig",),
        "Layers": ("lambda:GetLayerVersion",),
        "PublishToLatestPublished": ("lambda:PublishVersion",),
        "RecursiveLoop": ("lambda:PutFunctionRecursionConfig",),
        "Runtime": ("s3:GetObject", "s3:GetObjectVersion"),  # which every zip file needs
        "RuntimeManagementConfig": ("lambda:PutRuntimeManagementConfig", "lambda:AssociateRuntimeAlias"),
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": ("logs:PutBearerTokenAuthentication",),
        "DataProtectionPolicy": (
            *("logs:PutDataProtectionPolicy", "logs:CreateLogDelivery", "firehose:TagDeliveryStream"),
            "s3:REST.PUT.OBJECT",
        ),
        "DeletionProtectionEnabled": ("logs:PutLogGroupDeletionProtection",),
        "FieldIndexPolicies": ("logs:PutIndexPolicy", "logs:DeleteIndexPolicy"),
        "ResourcePolicyDocument": ("logs:PutResourcePolicy", "logs:DeleteResourcePolicy"),
    },
    "AWS::S3::Bucket": {
        "AbacStatus": ("s3:PutBucketAbac",),
        "AccelerateConfiguration": ("s3:PutAccelerateConfiguration",),
        "AccessControl": ("s3:PutBucketAcl", "s3:PutObjectAcl", "s3:GetBucketAcl"),
        "AnalyticsConfigurations": ("s3:PutAnalyticsConfiguration", "s3:DeleteBucketAnalyticsConfiguration"),
        "CorsConfiguration": ("s3:PutBucketCORS", "s3:DeleteBucketCors"),
        "IntelligentTieringConfigurations": ("s3:PutIntelligentTieringConfiguration",),
        "InventoryConfigurations": ("s3:PutInventoryConfiguration",),
        "LoggingConfiguration": ("s3:PutBucketLogging",),
        "MetadataConfiguration": ("s3:UpdateBucketMetadata*",),
        "MetadataTableConfiguration": ("s3:[CDU]*BucketMetadataTableConfiguration", "s3tables:*"),
        "MetricsConfigurations": ("s3:PutMetricsConfiguration", "s3:DeleteBucketMetricsConfiguration"),
        "NotificationConfiguration": ("s3:PutBucketNotification",),
        "ObjectLockConfiguration": ("s3:PutBucketObjectLockConfiguration", "s3:PutObjectLockConfiguration"),
        "ReplicationConfiguration": (
            *("s3:PutReplicationConfiguration", "s3:PutBucketReplication", "s3:DeleteBucketReplication"),
            "iam:PassRole",
        ),
        "WebsiteConfiguration": ("s3:PutBucketWebsite", "s3:DeleteBucketWebsite"),
    },
    "AWS::SES::ConfigurationSet": {
        f"{option}Options": (f"ses:PutConfigurationSet{option}Options",)
        for option in ("Archiving", "Delivery", "Reputation", "Sending", "Suppression", "Tracking", "Vdm")
    },
    "AWS::SES::ConfigurationSetEventDestination": {"KinesisFirehoseDestination": ("iam:PassRole",)},
    "AWS::SES::EmailIdentity": {
        "ConfigurationSetAttributes": ("ses:PutEmailIdentityConfigurationSetAttributes",),
        "DkimAttributes": ("ses:PutEmailIdentityDkimAttributes",),
        "DkimSigningAttributes": ("ses:PutEmailIdentityDkimSigningAttributes",),
        "FeedbackAttributes": ("ses:PutEmailIdentityFeedbackAttributes",),
        "MailFromAttributes": ("ses:PutEmailIdentityMailFromAttributes",),
    },
    "AWS::SNS::Subscription": {"SubscriptionRoleArn": ("iam:GetRole", "iam:PassRole")},
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ("sns:PutDataProtectionPolicy",),
        "DeliveryStatusLogging": ("iam:GetRole", "iam:PassRole"),
    },
}
"""Properties that no template of ours sets, and the permissions that a handler has for their sake."""


def schema(kind: str) -> dict[str, Any]:
    """The schema of a type."""
    manager = pytest.importorskip("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    found: dict[str, Any] = manager.get_resource_schema(REGION, kind).schema
    return found


@cache
def permissions(kind: str) -> frozenset[str]:
    """Everything that the handlers of a type may need, but for listing."""
    handlers = schema(kind)["handlers"]
    return frozenset(action for name, each in handlers.items() if name != "list" for action in each["permissions"])


def needed(kind: str) -> frozenset[str]:
    """What the handlers of a type need for templates of ours."""
    return frozenset(action for action in permissions(kind) if not _is_needless(kind, action))


def _is_needless(kind: str, action: str) -> bool:
    return any(fnmatchcase(action, pattern) for several in UNSET.get(kind, {}).values() for pattern in several)
