"""Events of Amazon SES that nobody could record: in the dead-letter queue of the function that hears them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud_cron.aws import ses_events
from cloud_cron.errors import EventError
from cloud_cron_cli.operating.findings import command
from cloud_cron_cli.operating.place import Unheard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_cron_cli.deploy.aws_shelf import Shelf


def of(shelf: Shelf, said: Mapping[str, Any]) -> Unheard | None:
    """What lies there, if anything does; `said` is what the stack says of the function. Raises as `asking` does.

    One that is an event can be heard after all, when whatever stood in the way is gone. One that is none never can be.
    """
    url = said["dead_letter_url"]
    seen, unseen = shelf.look(url)
    if not seen and not unseen:
        return None
    problems = list(map(_problem, seen))
    total = len(seen) + unseen
    if problems and all(problems):
        look = f"aws sqs receive-message --queue-url {url}"
        return Unheard(total, str(problems[0]), (look, f"aws sqs purge-queue --queue-url {url}"))
    source, target = said["dead_letter_arn"], said["queue_arn"]
    move = f"aws sqs start-message-move-task --source-arn {source} --destination-arn {target}"
    reason = "the function that hears them failed for an hour, and its log says why"
    return Unheard(total, reason, (command("logs", "@events"), move))


def _problem(raw: Mapping[str, Any]) -> str | None:
    """Why a letter is no event, in the words of whoever reads them; None for one that is."""
    try:
        around = json.loads(raw["Body"])
        ses_events.read(raw["Body"], str(around.get("TopicArn")))
    except EventError as error:
        return f"{error.code}: {error.message}"
    except (AttributeError, ValueError):
        return "CC630: the body holds no event of SES"
    return None
