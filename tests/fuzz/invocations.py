"""What a task is called with: an event of Scheduler's, one on demand, or any other."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cloud_cron.encoding import dumps
from cloud_cron.errors import EventError
from cloud_cron.runs import BACKFILL, MANUAL, instant
from cloud_cron.runtime.invocations import Invocation, invocation
from cloud_cron.values import replace
from tests.bad_input.catalogue.events import API, FIRE, S3
from tests.fuzz.target import Target, assert_well_said, json_of

NOW: Final = datetime(2030, 1, 1, tzinfo=UTC)
_CODES: Final = frozenset(
    {
        *("CC620", "CC621", "CC622", "CC623", "CC624"),
        *("CC210", "CC211", "CC212", "CC213", "CC214", "CC215", "CC216", "CC217"),
    }
)


def check(data: bytes) -> None:
    """What is read is what another event says, which is read the same."""
    try:
        event = json_of(data)
    except ValueError:
        return
    try:
        found = invocation(event, "morning", NOW, ["morning", "evening"])
    except EventError as error:
        assert_well_said(error, _CODES)
        return
    for time in (found.scheduled_at, found.as_of):
        assert time is None or time.utcoffset() == timedelta(0)
    assert (found.trigger == MANUAL) == (found.scheduled_at is None)
    assert found.again >= 0
    dumps(found.input)
    assert invocation(_event(found), "morning", NOW) == _in_whole_seconds(found)


def _in_whole_seconds(asked: Invocation) -> Invocation:
    """As ids and keys have it."""
    due, as_of = (time and time.replace(microsecond=0) for time in (asked.scheduled_at, asked.as_of))
    return replace(asked, scheduled_at=due, as_of=as_of)


def _event(asked: Invocation) -> dict[str, Any]:
    """An event that asks for the same run."""
    if asked.scheduled_at is None:
        as_of = instant(asked.as_of) if asked.as_of else None
        return {"input": asked.input, "as_of": as_of, "request": asked.request}
    kind = {"trigger": BACKFILL} if asked.trigger == BACKFILL else {}
    when = instant(asked.scheduled_at)
    return {"task": "morning", "scheduled_at": when, "input": asked.input, "again": asked.again, **kind}


TARGET: Final = Target(
    "invocations",
    check,
    seeds=(
        *map(json.dumps, (FIRE, S3, API)),
        "{}",
        '{"task": "morning", "scheduled_at": "2029-12-31T23:59:59.5+05:30", "trigger": "backfill", "again": 2}',
        '{"task": "evening", "scheduled_at": "2030-01-01T08:00:00Z"}',
        '{"task": "morning"}',
        '{"task": "morning", "scheduled_at": "<aws.scheduler.scheduled-time>"}',
        '{"task": "morning", "scheduled_at": "2030-01-03T00:00:01Z"}',
        '{"input": {"x": [1, null, "a"]}, "as_of": "2029-01-01T00:00:00Z", "request": "5d6f"}',
        '{"input": NaN}',
        '{"id": "x", "detail-type": "Scheduled Event", "source": "aws.events", "time": "2030-01-01T08:00:00Z"}',
    ),
    words=("morning", "2030-01-01T08:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "backfill"),
    is_json=True,
)
