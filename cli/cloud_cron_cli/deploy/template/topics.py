"""A topic of our own. Ids are explicit and compared within a group, so that equal payloads are two messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_cron.aws.names import topic_prefix
from cloud_cron_cli.deploy.template.intrinsics import json_text
from cloud_cron_cli.deploy.template.scope import Piece, encrypted, logical

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.template.scope import Scope


def topic(scope: Scope, name: str) -> Piece:
    """The FIFO topic, unless an existing one is given, which we neither tag nor delete."""
    given = scope.settings.topics.get(name)
    own = logical("Topic", name)
    if given and name not in scope.retiring:
        said = {"kind": "topic", "name": name, "arn": given, "topic_name": given.rpartition(":")[2], "own": False}
        return Piece({}, {own: {"Value": json_text(said)}})
    properties = {
        "TopicName": f"{topic_prefix(scope.model.name, scope.stage)}{name}.fifo",
        "FifoTopic": True,
        "ContentBasedDeduplication": False,
        "FifoThroughputScope": "MessageGroup",
        **encrypted(scope, "KmsMasterKeyId"),
        "Tags": scope.tags,
    }
    said = {"kind": "topic", "name": name, "arn": f"${{{own}}}", "topic_name": f"${{{own}.TopicName}}", "own": True}
    return Piece({own: {"Type": "AWS::SNS::Topic", "Properties": properties}}, {own: {"Value": json_text(said)}})
