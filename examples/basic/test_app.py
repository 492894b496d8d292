"""What tests of an app look like: no cloud, no waiting, nothing sent. Run `pytest` in this folder."""

from datetime import UTC, datetime

from app import LIMITS, judged
from cloud_cron import Retry
from machine import Figures, Gauge, measured

FULL = Figures(
    host="db-2",
    checked_at=datetime(2030, 1, 1, 8, tzinfo=UTC),
    gauges=(Gauge("disk", 97, "485.2 of 500.1 GB"), Gauge("memory", 44, "29.6 of 67.2 GB")),
)
CALM = {"disk": 1_000, "memory": 1_000, "load": 100_000}  # limits that no machine passes
TIGHT = {**CALM, "disk": -1}  # the disk passes this one, whatever is on it


# A task is a function. What it decides is tested without any fixture.


def test_a_limit_that_is_passed_is_an_alert():
    result = judged(FULL, LIMITS)

    assert result["reports"]["passed"] == ["disk"]
    assert [(alert["name"], alert["percent"], alert["limit"]) for alert in result["alerts"]] == [("disk", 97, 90)]


def test_figures_at_their_limits_pass_none():
    assert judged(FULL, {"disk": 97, "memory": 44})["alerts"] == []


def test_this_machine_has_a_disk():
    disk = measured().gauges[0]

    assert disk.name == "disk"
    assert 0 <= disk.percent <= 100


# What is published, rendered and delivered is tested with `cron`: the app on an engine in memory, its clock virtual.


def test_a_calm_hour_is_reported_and_alerts_nobody(cron):
    cron.run("hourly", input=CALM)

    assert cron.published("alerts") == []
    assert {(sent.notifier, sent.recipient) for sent in cron.deliver()} == {
        ("report", "ops@example.com"),
        ("console", "stdout"),
    }


def test_the_report_says_at_once_what_is_wrong(cron):
    cron.run("hourly", input=TIGHT)
    cron.deliver()

    mail = next(sent.content for sent in cron.outbox if sent.notifier == "report")
    assert mail.subject.endswith(": disk over the limit")
    assert "(limit -1 %)" in mail.text
    assert "Disk over the limit" in mail.html


def test_an_alert_fits_into_one_sms(cron):
    cron.run("hourly", input=TIGHT)
    cron.deliver()

    sms = next(sent.content for sent in cron.outbox if sent.notifier == "alert")
    assert ": disk at " in sms.text
    assert sms.segments == 1


def test_a_report_every_hour(cron):
    cron.advance("1 day")

    assert len(cron.published("reports")) == 24


def test_a_busy_provider_delays_an_alert_and_does_not_double_it(cron):
    cron.answer("alert", Retry("come back later", after=60))
    cron.run("hourly", input=TIGHT)

    assert "alert" not in [sent.notifier for sent in cron.deliver()]
    cron.advance("10 minutes")
    assert [sent.notifier for sent in cron.outbox].count("alert") == 1


def test_no_crash_loses_a_message(cron):
    report = cron.crash_everywhere("hourly", input=TIGHT)  # dies before and after every single step, once each

    assert report.crashes > 30
    assert report.lost == 0
    assert report.max_acceptances <= 2
