"""What `doctor` finds on AWS alone: what is switched off, and what waits, by CloudWatch and by the log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron_cli.operating.doctor import examine
from cloud_cron_cli.pausing import pause
from tests.operating.app import message_of
from tests.operating.test_letters_contract import body

pytestmark = pytest.mark.moto


def only(aws):
    [finding] = examine(aws.project, aws.again()).findings
    return finding


def aged(aws, seconds):
    """What CloudWatch says of the oldest message of the queue."""
    aws.session.client("cloudwatch").put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": "queue.fifo"}],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                "Value": seconds,
            }
        ],
    )


def logged(aws, *lines):
    aws.log("mail", *((9 - number, line) for number, line in enumerate(lines)))


def line(**fields):
    return json.dumps({"event": "delivery", "status": "retry", "notifier": "mail", **fields})


def test_what_waits_too_long_is_told_with_the_reason_of_the_last_attempt(aws):
    aws.put("queue", body(message_of(1)))
    assert examine(aws.project, aws.again()).findings == []
    aged(aws, 7200.0)
    logged(aws, line(reason="first"), line(reason="421 try later"), line(status="sent"), "START RequestId: x")
    finding = only(aws)
    assert (finding.kind, finding.severity, finding.total) == ("stuck", "error", 1)
    assert finding.message == "1 message kept by mail, the oldest since 2 h ago: 421 try later"
    assert finding.commands == ("cloud-cron logs mail",)


def test_a_channel_that_is_out_of_order_is_told_by_the_log(aws):
    aws.put("queue", body(message_of(1)))
    logged(aws, line(reason="the account is paused", code="channel-down"))
    finding = only(aws)
    assert finding.kind == "channel-down"
    assert "the account is paused; 1 message kept until then" in finding.message


def test_what_is_paused_is_good_to_know(aws):
    aws.deploy()
    pause(aws.project, aws.again(), [])
    findings = examine(aws.project, aws.again()).findings
    assert [(each.kind, each.severity, each.name) for each in findings] == [
        ("paused", "note", "export"),
        ("paused", "note", "mail"),
    ]


def test_what_sns_could_not_deliver(aws):
    aws.put("lost", body(message_of(1)), "own", ErrorCode="AccessDenied", ErrorMessage="not authorized")
    finding = only(aws)
    assert (finding.kind, finding.commands[0]) == ("undelivered", "cloud-cron dlq redrive mail")
    assert finding.message == "1 message never reached the queue of mail, and nobody was told: not authorized"


def test_letters_of_nobody(aws):
    aws.not_start("{}", function="shop-dev-maintenance")
    finding = only(aws)
    assert (finding.kind, finding.severity, finding.name) == ("stray", "error", None)
    assert finding.message == (
        "1 letter of hop scheduler asks for no run of this app: AccessDeniedException: not authorized"
    )
    assert finding.commands[1].endswith(" --drop")
