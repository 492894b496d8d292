"""The journal on Lambda: a line a report, whatever is in it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from cloud_cron.errors import ResultError
from cloud_cron.messages import Message
from cloud_cron.runtime.lambda_log import LambdaLog
from cloud_cron.runtime.logs import hashed
from cloud_cron.runtime.reports import Delivery, RunReport
from tests.runtime.support import START
from tests.test_runs import a_run

HOSTILE = 'no\r\n{"level": "INFO"}\x1b[31m\x00\u2028\ud800"'


@pytest.fixture
def noted(monkeypatch):
    """Note reports; the lines that come of them."""

    def note(*reports: RunReport | Delivery, request: str = "") -> list[dict[str, Any]]:
        monkeypatch.setattr("sys.stdout", written := io.StringIO())
        log = LambdaLog()
        log.request_id = request
        for report in reports:
            log.note(report)
        assert written.getvalue().isascii()
        assert all(char == "\n" or char.isprintable() for char in written.getvalue())
        return [json.loads(line) for line in written.getvalue().splitlines()]

    return note


def delivery(**changes: Any) -> Delivery:
    message = Message("reports", {"secret": "payload"}, "m1", run_id="morning@x", issued_at=START)
    return Delivery(
        **{
            "notifier": "mail",
            "channel": "email",
            "recipient": "ada@example.com",
            "status": "sent",
            "message": message,
            **changes,
        }
    )


def test_a_run_is_a_line_with_its_request(noted):
    [line] = noted(RunReport(a_run(), "done"), request="r1")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "INFO", "message": "run done", "logger": "cloud_cron", "requestId": "r1", "event": "run",
        "task": "morning", "run_id": "morning@2030-07-01T06:00:00Z", "status": "done", "attempt": 1,
    }  # fmt: skip


def test_a_delivery_tells_neither_payload_nor_address(noted):
    [line] = noted(delivery())
    assert (line["message_id"], line["run_id"], line["recipient"]) == ("m1", "morning@x", hashed("ada@example.com"))
    assert "payload" not in str(line)
    assert "ada@" not in str(line)


def test_a_delivery_tells_what_the_provider_calls_it(noted):
    assert noted(delivery(provider_id="SM1"))[0]["provider_id"] == "SM1"
    assert "provider_id" not in noted(delivery())[0]


def test_what_could_look_like_another_line_is_escaped(noted):
    [line] = noted(RunReport(a_run(), "failed", reason=HOSTILE))
    assert (line["level"], line["reason"]) == ("ERROR", HOSTILE)


def test_levels_are_those_that_lambda_knows(noted):
    lines = noted(*(RunReport(a_run(), state) for state in ("done", "retry", "failed", "duplicate")))
    assert [line["level"] for line in lines] == ["INFO", "WARN", "ERROR"]


def test_a_duplicate_is_told_where_somebody_wants_to_know(noted):
    logger = logging.getLogger("cloud_cron")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        [line] = noted(RunReport(a_run(), "duplicate"))
    finally:
        logger.setLevel(before)
    assert line["level"] == "DEBUG"


def test_what_a_notifier_raised_comes_with_its_traceback_and_our_own_refusals_without(noted):
    try:
        _ = 1 / 0
    except ZeroDivisionError as error:
        users = error
    theirs, ours = noted(delivery(error=users), delivery(error=ResultError("CC231", "returned None")))
    assert (theirs["errorType"], "1 / 0" in theirs["stackTrace"][-1]) == ("ZeroDivisionError", True)
    assert "stackTrace" not in ours


def test_a_log_that_cannot_be_written_fails_nobody(monkeypatch):
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Broken())
    LambdaLog().note(RunReport(a_run(), "done"))
