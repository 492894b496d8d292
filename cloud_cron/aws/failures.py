"""Messages of SQS as those who look for failures read them: records of Lambda, letters of Scheduler, dead letters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cloud_cron.ports import Received
from cloud_cron.runtime.maintenance.hands import Failure
from cloud_cron.runtime.wording import line

if TYPE_CHECKING:
    from collections.abc import Mapping


def given_up(url: str, message: Mapping[str, Any], tasks: Mapping[str, str]) -> Failure | None:
    """What Lambda says of an event that it gave up; None for a message of another kind.

    A run on demand has no task in its event: the function is the task, by its name in `tasks`. Shape: Lambda Developer
    Guide, "Capturing records of asynchronous invocations".
    """
    match _parsed(message):
        case {"requestContext": {"functionArn": str(arn), **context}, "requestPayload": dict(event), **rest}:
            response: Any = rest.get("responsePayload")
            error = response if isinstance(response, dict) else {}
            code = str(error.get("errorType") or context.get("condition") or "failed")
            reason = str(error.get("errorMessage") or f"Lambda gave it up: {context.get('condition')}")
            task = tasks.get("".join(arn.split(":")[6:7]), "")
            request, handle = str(context.get("requestId", "")), f"{url} {message['ReceiptHandle']}"
            return Failure(task, event, line(request), line(code), line(reason), handle)
        case _:
            return None


def unstarted(url: str, message: Mapping[str, Any]) -> Failure | None:
    """What Scheduler says of an event that it could not hand over; None for a message of another kind.

    Shape: EventBridge Scheduler User Guide, "Configuring a dead-letter queue".
    """
    event = _parsed(message)
    attributes = message.get("MessageAttributes", {})
    code = attributes.get("ERROR_CODE", {}).get("StringValue")
    if not isinstance(event, dict) or not code:
        return None
    reason = attributes.get("ERROR_MESSAGE", {}).get("StringValue", "")
    return Failure(str(event.get("task", "")), event, "", code, line(reason), f"{url} {message['ReceiptHandle']}")


def received(url: str, message: Mapping[str, Any]) -> Received:
    """A message as the ports describe it; its queue is called by the URL that it was asked for at."""
    system = message.get("Attributes", {})
    given = {name: value.get("StringValue", "") for name, value in message.get("MessageAttributes", {}).items()}
    return Received(
        id=message["MessageId"],
        handle=message["ReceiptHandle"],
        body=message["Body"],
        group=system.get("MessageGroupId", ""),
        dedup=system.get("MessageDeduplicationId", ""),
        receives=int(system.get("ApproximateReceiveCount", 1)),
        sent_at=int(system.get("SentTimestamp", 0)) / 1000,
        attributes=given,
        queue=url,
    )


def _parsed(message: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(message["Body"])
    except ValueError:
        return None
