"""An evening of alerts in milliseconds: the clock is virtual, and the file of alerts belongs to the test."""

import json
from datetime import date, timedelta

import pytest

from rota import ROTA, on_call, weeks

DISK = {"id": "db-2/disk", "says": "the disk of db-2 is full", "acknowledged": False}


@pytest.fixture
def alerts(tmp_path, monkeypatch):
    """Writes the file of alerts; there are none at first."""
    file = tmp_path / "alerts.json"
    monkeypatch.setattr("app.ALERTS", file)

    def write(*some):
        file.write_text(json.dumps(some), encoding="utf-8")

    write()
    return write


def texted(cron):
    """Who was texted, in order."""
    names = {person.number: person.name for person in ROTA}
    return [names[sent.recipient] for sent in cron.outbox if sent.channel == "sms"]


def test_everybody_is_on_call_in_turn_and_from_monday_to_sunday():
    monday = date(2029, 12, 31)

    assert len({on_call(monday + timedelta(days=day)) for day in range(7)}) == 1
    assert {on_call(monday + timedelta(weeks=number))[0] for number in range(3)} == set(ROTA)


def test_nobody_has_two_weeks_in_a_row_after_a_week_53():
    found = weeks(date(2026, 12, 24), 4)

    assert [week["number"] for week in found] == ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]
    assert [week["first"] for week in found[1:]] == [week["second"] for week in found[:-1]]


def test_an_alert_is_texted_once_while_there_is_time_to_acknowledge_it(cron, alerts):
    alerts(DISK)
    cron.advance("15 minutes")

    assert texted(cron) == [on_call(cron.now)[0].name]


def test_the_second_is_texted_when_nobody_acknowledges(cron, alerts):
    alerts(DISK)
    cron.advance("20 minutes")

    assert texted(cron) == [person.name for person in on_call(cron.now)[:2]]


def test_an_acknowledged_alert_goes_no_further(cron, alerts):
    alerts(DISK)
    cron.advance("10 minutes")
    alerts({**DISK, "acknowledged": True})
    cron.advance("2 hours")

    assert len(texted(cron)) == 1


def test_everybody_is_texted_once_and_nobody_twice(cron, alerts):
    alerts(DISK)
    cron.advance("3 hours")

    assert texted(cron) == [person.name for person in on_call(cron.now)]


def test_an_alert_that_comes_back_begins_with_the_first(cron, alerts):
    for some in ([DISK], [], [DISK]):
        alerts(*some)
        cron.advance("5 minutes")

    assert texted(cron) == [on_call(cron.now)[0].name] * 2


def test_a_text_fits_into_one_sms_and_says_what_to_do(cron, alerts):
    alerts({**DISK, "says": "x" * 500})
    cron.advance("5 minutes")

    sms = next(sent.content for sent in cron.outbox if sent.channel == "sms")
    assert sms.segments == 1
    assert sms.text.endswith(" (db-2/disk)")


def test_the_handover_names_who_begins(cron):
    cron.run("handover", at="2030-01-07T09:02")
    (sent,) = cron.deliver()

    assert sent.content.subject == f"2030-W02: {on_call(date(2030, 1, 7))[0].name} is on call"


def test_no_crash_loses_an_alert(cron, alerts):
    alerts(DISK)
    report = cron.crash_everywhere("watch")

    assert report.lost == 0
    assert report.max_acceptances <= 2
