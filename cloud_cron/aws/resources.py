"""What CloudFormation named, as a function finds it in its environment."""

from __future__ import annotations

import json

from cloud_cron.errors import ConfigError
from cloud_cron.freezing import NOTHING
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

VARIABLE: Final = "CLOUD_CRON_RESOURCES"


@value(frozen=True)
class Resources:
    """Where one function publishes to, is fed from, and keeps its records; what it does not use is empty.

    `topics` maps a topic's name to its ARN; any other topic's ARN is `topic_prefix`, its name, and `.fifo`. `queue` is
    the ARN of a notifier's queue, the URLs are those of that queue and its dead-letter queue. `table` is the ledger,
    `bucket` that of large payloads. `failures_url` and `schedules_url` are the queues that maintenance reads.
    `configuration_set` is the one that the stack made for mails, `events_topic` the ARN that their events come by.
    """

    topics: Mapping[str, str] = NOTHING
    queue_url: str = ""
    dead_letter_url: str = ""
    queue: str = ""
    topic_prefix: str = ""
    table: str = ""
    bucket: str = ""
    failures_url: str = ""
    schedules_url: str = ""
    configuration_set: str = ""
    events_topic: str = ""

    def topic(self, name: str) -> str | None:
        """The ARN of a topic, or None when nothing is known of it."""
        known = self.topics.get(name)
        return known or (f"{self.topic_prefix}{name}.fifo" if self.topic_prefix else None)


_NAMES: Final = tuple(Resources.__annotations__)


def parse_resources(text: str) -> Resources:
    """Read the JSON of `CLOUD_CRON_RESOURCES`; members that nobody knows are left alone.

    Raises:
        ConfigError: CC520, the text is not a JSON object of the right shape.
    """
    try:
        given: Any = json.loads(text)
    except ValueError as error:
        raise _refused(f"is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise _refused("is not a JSON object")
    topics = given.get("topics", {})
    if not isinstance(topics, dict) or not all(isinstance(arn, str) for arn in topics.values()):
        raise _refused("must map topic names to ARNs under 'topics'")
    known = {name: given[name] for name in _NAMES if name in given}
    wrong = [name for name, found in known.items() if name != "topics" and not isinstance(found, str)]
    if wrong:
        raise _refused(f"must hold text under {wrong[0]!r}")
    return Resources(**known)


def _refused(why: str) -> ConfigError:
    return ConfigError(
        "CC520", f"{VARIABLE} {why}", where=VARIABLE, hint="deploy again; this variable is written by the template"
    )
