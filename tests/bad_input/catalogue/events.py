"""What Lambda hands a function: refused loudly as a whole, or dead-lettered while the batch goes on."""

from __future__ import annotations

import json
from typing import Any, Final

from cloud_cron.messages import Reference, envelope
from tests.bad_input.row import Row
from tests.bad_input.ways.invocations import delivered, good, invoked, record
from tests.runtime.support import message

S3: Final = {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]}
API: Final = {"version": "2.0", "routeKey": "$default", "body": "{}"}
FIRE: Final = {"task": "morning", "scheduled_at": "2030-01-01T08:00:00Z", "attempt": "1", "schedule": "arn"}
_BODY: Final[dict[str, Any]] = json.loads(envelope("weather", "dev", message(9, payload={"text": "bad"})))
_FOREIGN: Final = envelope("weather", "dev", message(9), Reference("theirs", "payloads/x", "0" * 64, 300_000))
_WRAPPED: Final = {"Type": "Notification", "TopicArn": "arn", "Message": json.dumps(_BODY)}
_OTHER: Final = {"topic": {"stringValue": "alerts", "dataType": "String"}}


def _whole(number: str, given: str, event: Any, code: str, says: str, fix: str, handler: str = "show") -> Row:
    """An event that is refused as a whole."""
    return Row(number, given, invoked(handler, event), code, says, fix=fix, exit=1)


def _parked(number: str, given: str, body: Any, code: str, says: str, **changes: Any) -> Row:
    """A record that is dead-lettered."""
    return Row(number, given, delivered(record(9, body, **changes)), code, says, exit=0)


def _damaged(number: str, given: str, says: str, **changes: Any) -> Row:
    event = {"Records": [good(1, "hello"), record(9, _BODY, **changes)]}
    return _whole(number, given, event, "CC602", says, "the event source must be an SQS FIFO queue")


def _fire(number: str, given: str, event: Any, code: str, says: str, fix: str) -> Row:
    return _whole(number, given, event, code, says, fix, "morning")


ROWS: Final = (
    Row(
        "49",
        "another payload under the id of an earlier message",
        delivered({**good(1, "other"), "messageId": "sqs-9"}),
        "CC203",
        "another payload came under the id of one that was seen before; the first one counts",
        exit=0,
    ),
    _whole(
        "71",
        "an empty event for a notifier",
        {},
        "CC601",
        "notifier 'show' was called with an empty event",
        "only its SQS queue calls it",
    ),
    _whole(
        "72",
        "an event of S3 for a notifier",
        S3,
        "CC601",
        "notifier 'show' was called with an event from aws:s3",
        "only its SQS queue calls it",
    ),
    _whole(
        "72b",
        "an event of an API for a notifier",
        API,
        "CC601",
        "notifier 'show' was called with an event with the keys ['body', 'routeKey', 'version']",
        "only its SQS queue calls it",
    ),
    _fire(
        "72c",
        "an event of S3 for a task",
        S3,
        "CC624",
        "task 'morning' was called with an event from aws:s3",
        "to run it on demand",
    ),
    Row("73", "a message that SNS wrapped", delivered(record(9, _WRAPPED)), None, "sends 'bad'", exit=0),
    _parked(
        "74",
        "a record of another queue",
        _BODY,
        "CC603",
        "a record from arn:aws:sqs:x:1:o.fifo reached the queue arn:aws:sqs:eu-central-1:111122223333:mail.fifo",
        eventSourceARN="arn:aws:sqs:x:1:o.fifo",
    ),
    _damaged("75", "a record without its id", "a record for notifier 'show' has no messageId", messageId=""),
    _damaged("75b", "a record without its group", "a record for notifier 'show' has no MessageGroupId", attributes={}),
    _parked("76", "a body that is not JSON", "not json", "CC604", "the body is not JSON"),
    _parked("76b", "a body that is a list", "[1]", "CC606", "the body is a JSON list, not an object"),
    _parked(
        "76c",
        "an attribute that names another topic",
        _BODY,
        "CC605",
        "the attribute says topic 'alerts', the envelope 'reports'",
        messageAttributes=_OTHER,
    ),
    _parked("77", "an envelope of version 99", {**_BODY, "cloud_cron": 99}, "CC610", "envelope version 99 is not 1"),
    _parked(
        "78",
        "a message issued 40 days ago",
        {**_BODY, "issued_at": "2029-11-22T00:00:00Z"},
        "CC611",
        "issued 40 days ago, beyond the ledger's horizon",
    ),
    _parked("79", "a payload in another bucket", _FOREIGN, "CC612", "…lies in theirs/payloads/x…"),
    _fire(
        "80",
        "an event of another task",
        {**FIRE, "task": "evening"},
        "CC620",
        "an event for task 'evening' reached task 'morning'",
        "known: morning",
    ),
    _whole(
        "80b",
        "a function of an unknown task",
        FIRE,
        "CC620",
        "app 'weather' has no handler 'evening'",
        "known: morning, show",
        "evening",
    ),
    _fire(
        "81",
        "an event of a schedule without its time",
        {"task": "morning"},
        "CC621",
        "the schedule's event for 'morning' has no scheduled_at",
        "deploy again",
    ),
    _fire(
        "81b",
        "a time in words",
        {**FIRE, "scheduled_at": "soon"},
        "CC621",
        "scheduled_at 'soon' is not a time with its offset",
        "such as 2030-",
    ),
    _fire(
        "82",
        "`<aws.scheduler.scheduled-time>` as it is written",
        {**FIRE, "scheduled_at": "<aws.scheduler.scheduled-time>"},
        "CC622",
        "scheduled_at is the unreplaced keyword <aws.scheduler.scheduled-time>",
        "Scheduler fills it in",
    ),
    _fire(
        "83",
        "a time two days ahead",
        {**FIRE, "scheduled_at": "2030-01-03T00:00:01Z"},
        "CC623",
        "scheduled_at 2030-01-03T00:00:01Z is more than two days ahead of 2030-01-01T00:00:00Z",
        "clock",
    ),
)
