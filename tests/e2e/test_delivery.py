"""A deployed app at work: from a task to the mail, and to the dead letters."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests import aws_cli
from tests.e2e.stage import said
from tests.loopback import until
from tests.pages import Page

pytestmark = pytest.mark.e2e

CALM = {"disk": 1_000, "memory": 1_000, "load": 100_000}
TIGHT = {**CALM, "disk": -1}


def test_a_report_comes_out_as_mail_and_who_was_busy_gets_it_later(stage, mail):
    answer = stage.invoke("hourly", {"input": CALM})

    assert answer["published"] == 1
    (report,) = until("the mail", lambda: mail.to("ops@example.com", answer["run"]))
    assert report["Subject"].endswith("all well")
    assert report["From"] == "machines@example.com"
    until("the mail to whom was busy", lambda: mail.to("busy@example.com", answer["run"]))
    assert mail.refused.count("busy@example.com") == 1
    assert len(mail.to("ops@example.com", answer["run"])) == 1


def test_who_is_not_there_is_a_dead_letter_that_says_why(stage, mail):
    url = stage.parts["notifier", "report"]["dead_letter_url"]
    answer = stage.invoke("hourly", {"input": CALM})

    letters = until("the dead letter", lambda: [each for each in stage.taken(url) if answer["run"] in each["Body"]])

    assert said(letters[0])["cc_error_code"] == "permanent"
    assert "no such user" in said(letters[0])["cc_error"]


def test_a_message_that_a_notifier_fails_on_is_tried_again_and_then_a_dead_letter(stage):
    picky = stage.parts["notifier", "picky"]

    assert stage.invoke("hourly", {"input": TIGHT})["published"] == 2
    (letter,) = until("the dead letter", lambda: stage.taken(picky["dead_letter_url"]))

    assert said(letter).items() >= {"cc_error_code": "attempts", "cc_attempts": "2"}.items()
    assert "no words for disk" in said(letter)["cc_error"]
    assert json.loads(letter["Body"])["payload"]["name"] == "disk"
    until("the queue is empty", lambda: not stage.waiting(picky["queue_url"]))


def test_a_disabled_notifier_keeps_its_messages(stage):
    url = stage.parts["notifier", "alert"]["queue_url"]
    before = stage.waiting(url)

    stage.invoke("hourly", {"input": TIGHT})

    until("the message", lambda: stage.waiting(url) == before + 1)


def test_a_schedule_that_fires_twice_for_one_time_publishes_once(stage, mail):
    event = stage.scheduled("hourly", f"{datetime.now(UTC):%Y-%m-%dT%H:00:00Z}")

    first, second = stage.invoke("hourly", event), stage.invoke("hourly", event)

    assert (second["state"], second["run"]) == ("duplicate", first["run"])
    until("the mail", lambda: mail.to("busy@example.com", first["run"]))
    assert len(mail.to("ops@example.com", first["run"])) == 1


def test_a_task_that_fails_is_tried_again_and_then_maintenance_tells_of_it(stage, localstack):
    url = stage.outputs["FailureQueueUrl"]
    stage.begin("hourly", {**stage.scheduled("hourly", "2026-01-01T08:00:00Z"), "input": {"disk": "much"}})
    until("the failure", lambda: stage.waiting(url))

    assert stage.call("maintenance", "maintenance")["failed"] == 1

    until("what is told", lambda: b"trouble: failed hourly, TypeError" in localstack.log.read_bytes())
    assert stage.waiting(url) == 0


def test_maintenance_tells_of_dead_letters(stage, localstack):
    url = stage.parts["notifier", "report"]["dead_letter_url"]
    stage.invoke("hourly", {"input": CALM})
    until("the dead letter", lambda: stage.waiting(url))

    stage.call("maintenance", "maintenance")

    until("what is told", lambda: b"trouble: dead report, permanent" in localstack.log.read_bytes())


def test_a_run_that_lambda_cuts_off_is_taken_over_by_its_retry(stage, localstack):
    stage.begin("slow", {})

    until("the message", lambda: b"late: db-2 has disk 7 %" in localstack.log.read_bytes())


def test_what_is_too_large_for_a_message_goes_through_the_bucket(stage, localstack):
    stage.invoke("large", {})

    until("the message", lambda: b"late: db-3 has memory 8 %" in localstack.log.read_bytes())
    kept = stage.account.client("s3").list_objects_v2(Bucket=stage.outputs["PayloadBucket"])["Contents"]
    assert all(each["Size"] > 300_000 for each in kept)


def test_what_the_readme_publishes_by_hand_is_mailed_printed_and_kept_for_who_is_off(project, stage, mail, localstack):
    url = stage.parts["notifier", "alert"]["queue_url"]
    before = stage.waiting(url)

    for call in aws_cli.calls(Page("examples/basic/README.md")):
        if call.operation == "Publish":
            topic = call.parameters["MessageAttributes"]["topic"]["StringValue"]
            wanted = {**call.read(project.folder), "TopicArn": stage.parts["topic", topic]["arn"]}
            stage.account.client("sns").publish(**wanted)

    (report,) = until("the mail", lambda: mail.to("ops@example.com", "Run None"))
    assert report["Subject"] == "web-1: all well"
    lines = {b"reports: web-1 has disk 62 %", b"alerts: db-2 has disk 97 %"}
    until("the lines", lambda: all(line in localstack.log.read_bytes() for line in lines))
    until("the alert", lambda: stage.waiting(url) == before + 1)
