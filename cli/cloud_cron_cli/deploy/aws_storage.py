"""The port `Storage` on S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.aws_session import AwsSession


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
        """The names of the account's buckets that begin so."""
        with asking("s3:ListAllMyBuckets"):
            answer = self._session.client("s3").list_buckets()
        return [each["Name"] for each in answer.get("Buckets", []) if each["Name"].startswith(prefix)]

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
