"""What CloudFormation named, as a function finds it in its environment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "CLOUD_CRON_RESOURCES"


@dataclass(frozen=True)
class Resources:
    """Where one function publishes to and is fed from.

    `topics` maps a topic's name to its ARN; the URLs are those of a notifier's queue and dead-letter queue, and empty
    for a task.
    """

    topics: Mapping[str, str]
    queue_url: str = ""
    dead_letter_url: str = ""


def parse_resources(text: str) -> Resources:
    """Read the JSON of `CLOUD_CRON_RESOURCES`; members that others need (table, bucket) are left to them.

    Raises:
        ConfigError: the text is not a JSON object of the right shape.
    """
    try:
        value: Any = json.loads(text)
    except ValueError as error:
        raise _refused(f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _refused("is not a JSON object")
    topics = value.get("topics", {})
    if not isinstance(topics, dict) or not all(isinstance(arn, str) for arn in topics.values()):
        raise _refused("must map topic names to ARNs under 'topics'")
    urls = [value.get(name, "") for name in ("queue_url", "dead_letter_url")]
    if not all(isinstance(url, str) for url in urls):
        raise _refused("must hold URLs under 'queue_url' and 'dead_letter_url'")
    return Resources(topics, *urls)


def _refused(why: str) -> ConfigError:
    return ConfigError(
        "CC520", f"{VARIABLE} {why}", where=VARIABLE, hint="deploy again; this variable is written by the template"
    )
