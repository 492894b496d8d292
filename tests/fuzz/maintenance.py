"""What maintenance finds in its queues: records of Lambda and of Scheduler, and dead letters of notifiers."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws import failures
from cloud_cron.runtime import watching
from tests.fuzz.target import Target, json_of
from tests.maintenance.support import EVENT, Stage, failure, letter

if TYPE_CHECKING:
    from cloud_cron.ports import Received

URL: Final = "https://sqs.example.org/1/queue"
FUNCTION: Final = "shop-dev-export"


def check(data: bytes) -> None:
    """Whatever lies in a queue, it is read or left there, and keeps nobody from what lies behind it."""
    try:
        found = json_of(data)
    except ValueError:
        return
    if not isinstance(found, dict):
        return
    stage = Stage()
    stage.hands.failed = [*_read(found, "lambda"), failure(handle="behind")]
    stage.hands.lost = [*_read(found, "scheduler"), failure(request="", handle="behind")]
    dead = letter()._replace(body=json.dumps(found))
    stage.hands.dead = {"tell": [dead]}
    with closing(stage.ledger._store):
        stage.round()
    assert "behind" not in {each.handle for each in [*stage.hands.failed, *stage.hands.lost]}
    assert_told(dead)
    for payload in stage.told():
        assert payload["kind"] in {"failed", "missed", "abandoned", "dead"}


def assert_told(dead: Received) -> None:
    """A dead letter can be told of, whatever is in it."""
    payload = watching.letters("tell", dead, 1)
    assert json.loads(json.dumps(payload)) == payload


def _read(body: Any, source: str) -> list[Any]:
    """The message as the adapter of AWS reads it."""
    code = {"StringValue": "AccessDenied"}
    message = {"Body": json.dumps(body), "ReceiptHandle": "handle", "MessageAttributes": {"ERROR_CODE": code}}
    read = (
        failures.given_up(URL, message, {FUNCTION: "export"})
        if source == "lambda"
        else failures.unstarted(URL, message)
    )
    return [read] if read else []


def _lambda(**changes: Any) -> dict[str, Any]:
    context = {"requestId": "r9", "functionArn": f"arn:aws:lambda:x:1:function:{FUNCTION}:$LATEST"}
    return {
        "version": "1.0",
        "timestamp": "2030-01-01T00:00:00Z",
        "requestContext": {**context, "condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": EVENT,
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "responsePayload": {"errorType": "ValueError", "errorMessage": "boom"},
        **changes,
    }


_SEEDS: Final[tuple[Any, ...]] = (
    EVENT,
    _lambda(),
    _lambda(requestPayload={"input": {"x": 1}}, responsePayload=None),
    _lambda(requestPayload={**EVENT, "scheduled_at": "0001-01-01T00:00:00+14:00"}),
    {**EVENT, "scheduled_at": "9999-12-31T23:59:59-14:00", "trigger": "backfill"},
    {**EVENT, "input": {"deep": [[[]]]}, "again": 3},
    json.loads(letter().body),
    {**json.loads(letter().body), "scheduled_at": "0001-01-01T00:00:00+14:00"},
)

TARGET: Final = Target(
    "maintenance",
    check,
    seeds=tuple(map(json.dumps, _SEEDS)),
    modules=("cloud_cron.runtime.maintenance.failed", "cloud_cron.runtime.maintenance.letters"),
    words=("export", "2030-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", FUNCTION, "backfill", "tell"),
    is_json=True,
)
