"""Queues and topics, as far as a deploy looks after them itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.aws_errors import asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_session import AwsSession

_COUNTS: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)

_PAGE: Final = 1000
_ABSENT: Final = frozenset({"ResourceNotFound", "ResourceNotFoundException", "NotFound"})
"""What SNS says of a topic that is not there."""


class Queues:
    """Queues of one account and region."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    @property
    def _client(self) -> Any:  # noqa: ANN401 - botocore's
        return self._session.client("sqs")

    def urls(self, prefix: str) -> list[str]:
        """The URLs of queues whose names begin so; without a size of pages, SQS tells of the first thousand alone."""
        with asking("sqs:ListQueues"):
            pages = self._client.get_paginator("list_queues").paginate(
                QueueNamePrefix=prefix, PaginationConfig={"PageSize": _PAGE}
            )
            return [url for page in pages for url in page.get("QueueUrls", [])]

    def tags(self, url: str) -> Mapping[str, str]:
        """The tags of a queue; none when it is not there."""
        client = self._client
        with asking(f"sqs:ListQueueTags of {url}"):
            try:
                found: Mapping[str, str] = client.list_queue_tags(QueueUrl=url).get("Tags", {})
            except client.exceptions.QueueDoesNotExist:
                return {}
        return found

    def depth(self, url: str) -> int:
        """How many messages it holds, hidden and delayed ones included; none when it is not there."""
        client = self._client
        with asking(f"sqs:GetQueueAttributes of {url}"):
            try:
                answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))
            except client.exceptions.QueueDoesNotExist:
                return 0
        return sum(int(answer.get("Attributes", {}).get(name, 0)) for name in _COUNTS)

    def remove(self, url: str) -> None:
        """Delete it with its messages."""
        client = self._client
        with asking(f"sqs:DeleteQueue of {url}"):
            try:
                client.delete_queue(QueueUrl=url)
            except client.exceptions.QueueDoesNotExist:
                return


class Topics:
    """Topics of one account and region, by their ARN."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    def tags(self, arn: str) -> Mapping[str, str] | None:
        """The tags of a topic; None when there is no such topic, which an emulator may not say of its tags."""
        client = self._session.client("sns")
        with asking(f"sns:ListTagsForResource of {arn}"):
            try:
                answer = client.list_tags_for_resource(ResourceArn=arn)
                if not answer["Tags"]:
                    client.get_topic_attributes(TopicArn=arn)
            except client.exceptions.ClientError as error:
                if error.response["Error"]["Code"] in _ABSENT:
                    return None
                raise
        return {each["Key"]: each["Value"] for each in answer["Tags"]}

    def may_be(self, arn: str) -> bool:
        """Whether a topic may be there: whoever may not look at it leaves that to its owner."""
        client = self._session.client("sns")
        with asking(f"sns:GetTopicAttributes of {arn}"):
            try:
                client.get_topic_attributes(TopicArn=arn)
            except client.exceptions.ClientError as error:
                return error.response["Error"]["Code"] not in _ABSENT
        return True
