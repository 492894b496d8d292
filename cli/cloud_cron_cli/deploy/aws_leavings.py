"""The port `Leavings`: what outlives its stack in SQS, DynamoDB and S3; and topics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.aws.names import generated_prefix
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.aws_queues import Queues, Topics
from cloud_cron_cli.deploy.aws_storage import S3Storage
from cloud_cron_cli.deploy.ports import BUCKET, QUEUE, TABLE, Left

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_account import AwsAccount
    from cloud_cron_cli.deploy.aws_session import AwsSession


class AwsLeavings:
    """Queues, tables and buckets of one account and region, found by name and tags."""

    def __init__(self, session: AwsSession, account: AwsAccount) -> None:
        """No call is made yet."""
        self._session = session
        self._account = account
        self._queues = Queues(session)
        self._topics = Topics(session)
        self._storage = S3Storage(session)

    def found(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        """Queues, tables and buckets; CloudFormation writes the names of buckets in lower case."""
        tables = [Left(TABLE, name) for name in self._tables(f"{stack}-") if _has(self._table_tags(name), tags)]
        named = self._storage.buckets(generated_prefix(stack).lower())
        buckets = [Left(BUCKET, name) for name in named if _has(self._storage.tags(name), tags)]
        return [*self.queues(stack, tags), *tables, *buckets]

    def queues(self, stack: str, tags: Mapping[str, str]) -> list[Left]:
        """The queues among them."""
        urls = self._queues.urls(generated_prefix(stack))
        return [Left(QUEUE, url) for url in urls if _has(self._queues.tags(url), tags)]

    def depth(self, url: str) -> int:
        """How many messages are in a queue."""
        return self._queues.depth(url)

    def remove(self, left: Left) -> None:
        """Delete it with all it holds."""
        match left.kind:
            case "queue":
                self._queues.remove(left.id)
            case "table":
                self._remove_table(left.id)
            case "bucket":
                self._storage.remove(left.id)
            case _:
                message = f"nothing is known of a {left.kind}"
                raise ValueError(message)

    def topic_tags(self, name: str) -> Mapping[str, str] | None:
        """The tags of a topic of this account and region."""
        return self._topics.tags(f"{self._account.arn('sns')}:{name}")

    def has_topic(self, arn: str) -> bool:
        """Whether a topic may be there."""
        return self._topics.may_be(arn)

    def _tables(self, prefix: str) -> list[str]:
        with asking("dynamodb:ListTables"):
            pages = self._session.client("dynamodb").get_paginator("list_tables").paginate()
            return [name for page in pages for name in page["TableNames"] if name.startswith(prefix)]

    def _table_tags(self, name: str) -> dict[str, str]:
        client = self._session.client("dynamodb")
        with asking(f"dynamodb:ListTagsOfResource of {name}"):
            try:
                answer = client.list_tags_of_resource(ResourceArn=f"{self._account.arn('dynamodb')}:table/{name}")
            except client.exceptions.ResourceNotFoundException:
                return {}
        return {each["Key"]: each["Value"] for each in answer["Tags"]}

    def _remove_table(self, name: str) -> None:
        client = self._session.client("dynamodb")
        with asking(f"dynamodb:DeleteTable of {name}"):
            try:
                client.delete_table(TableName=name)
            except (client.exceptions.ResourceNotFoundException, client.exceptions.ResourceInUseException) as error:
                if not _is_going(error):
                    raise


def _has(found: Mapping[str, str], tags: Mapping[str, str]) -> bool:
    return all(found.get(name) == value for name, value in tags.items())


def _is_going(error: Any) -> bool:  # noqa: ANN401 - botocore's
    """Whether the table is gone, or being deleted."""
    told = error.response["Error"]
    return told["Code"] == "ResourceNotFoundException" or "being deleted" in told.get("Message", "")
