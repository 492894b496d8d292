"""The port `Storage` on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.aws_session import AwsSession

_OLD_NAMES: Final = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}
"""What GetBucketLocation calls two regions."""


class S3Storage:
    """Buckets of one account."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    def put(self, bucket: str, key: str, text: str) -> str:
        """PutObject; the URL names the bucket in its path, which CloudFormation takes too."""
        client = self._session.client("s3")
        with asking(f"s3:PutObject of {bucket}/{key}"):
            client.put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType="application/json")
        return f"{client.meta.endpoint_url.rstrip('/')}/{bucket}/{key}"

    def empty(self, bucket: str) -> None:
        """DeleteObjects of every version and delete marker, a thousand at a time."""
        client = self._session.client("s3")
        with asking(f"s3:DeleteObjectVersion of {bucket}"):
            try:
                for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
                    _delete(client, bucket, [*page.get("Versions", []), *page.get("DeleteMarkers", [])])
            except client.exceptions.NoSuchBucket:
                return

    def buckets(self, prefix: str) -> list[str]:
        """The names of the buckets of this region that begin so: the account's list is one for all regions."""
        with asking("s3:ListAllMyBuckets"):
            answer = self._session.client("s3").list_buckets()
        named = [each["Name"] for each in answer.get("Buckets", []) if each["Name"].startswith(prefix)]
        return [name for name in named if self._region_of(name) == self._session.region]

    def _region_of(self, bucket: str) -> str | None:
        """Where a bucket is; None when it is not there (S3 API reference, GetBucketLocation)."""
        client = self._session.client("s3")
        with asking(f"s3:GetBucketLocation of {bucket}"):
            try:
                found: str | None = client.get_bucket_location(Bucket=bucket).get("LocationConstraint")
            except client.exceptions.NoSuchBucket:
                return None
        return _OLD_NAMES.get(found, found)

    def tags(self, bucket: str) -> dict[str, str]:
        """The tags of a bucket; none when it has none, or is not there."""
        client = self._session.client("s3")
        with asking(f"s3:GetBucketTagging of {bucket}"):
            try:
                answer = client.get_bucket_tagging(Bucket=bucket)
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in {"NoSuchTagSet", "NoSuchBucket"}:
                    return {}
                raise
        return {each["Key"]: each["Value"] for each in answer["TagSet"]}

    def remove(self, bucket: str) -> None:
        """Empty and delete a bucket."""
        self.empty(bucket)
        client = self._session.client("s3")
        with asking(f"s3:DeleteBucket of {bucket}"):
            try:
                client.delete_bucket(Bucket=bucket)
            except client.exceptions.NoSuchBucket:
                return


def _delete(client: Any, bucket: str, found: list[Any]) -> None:  # noqa: ANN401 - botocore's
    objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
    if objects:
        client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
