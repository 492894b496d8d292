from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.schedules import Schedule
from cloud_cron.schedules.coincidence import DAYS, Meeting, fire_bits, meetings

ORIGIN = datetime(2026, 10, 24, 22, 17, tzinfo=UTC)
YEAR = timedelta(days=DAYS)


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("cron(0/30 * * * ? *)", "Europe/Berlin"),
        Schedule("cron(17 0/5 ? * SAT,SUN *)", "Australia/Lord_Howe"),
        Schedule("cron(30 0-2 * * ? *)", "America/New_York"),
        Schedule("cron(0 0 * * ? *)", "Africa/Cairo"),
        Schedule("cron(15 12 LW * ? *)", "Asia/Kathmandu"),
        Schedule("cron(0 6 1 1 ? 2027)"),
        Schedule("cron(0 6 1 1 ? 2031)"),
        Schedule("rate(97 minutes)"),
        Schedule("rate(300 days)"),
        Schedule("rate(1 hour)", start=ORIGIN + timedelta(days=3, seconds=1), end=ORIGIN + timedelta(days=9)),
        Schedule("cron(0 * * * ? *)", "Europe/London", ORIGIN + timedelta(hours=3), ORIGIN + timedelta(hours=8)),
        Schedule("at(2027-01-01T00:00:30)"),
        Schedule("at(2026-10-24T22:17:30)"),
        Schedule("at(2020-01-01T00:00:00)"),
    ],
    ids=lambda schedule: f"{schedule.expression} {schedule.timezone}",
)
@pytest.mark.parametrize("origin", [ORIGIN, datetime(2026, 10, 25, 1, 20, tzinfo=UTC)])
def test_the_bits_are_the_fire_times(schedule, origin):
    expected = bytearray(DAYS * 1440)
    for fire in schedule.fires(origin - timedelta(microseconds=1), origin + YEAR - timedelta(microseconds=1)):
        expected[(fire.astimezone(UTC) - origin) // timedelta(minutes=1)] = True
    assert f"{fire_bits(schedule, origin):0{DAYS * 1440}b}"[::-1] == expected.translate(b"01" + bytes(254)).decode()


def test_every_pair_is_in_the_meeting_of_its_first_common_minute():
    schedules = {
        "morning": [Schedule("cron(0 8 * * ? *)")],
        "twice": [Schedule("cron(0 8,20 * * ? *)")],
        "evening": [Schedule("cron(0 20 * * ? *)"), Schedule("cron(1 1 * * ? *)")],
        "night": [Schedule("cron(2 2 * * ? *)")],
    }
    assert meetings(schedules, datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)) == [
        Meeting(("twice", "evening"), datetime(2026, 11, 23, 20, tzinfo=UTC), 366),
        Meeting(("morning", "twice"), datetime(2026, 11, 24, 8, tzinfo=UTC), 366),
    ]


def test_zones_meet_as_instants():
    schedules = {"berlin": [Schedule("cron(0 9 ? * MON *)", "Europe/Berlin")], "utc": [Schedule("cron(0 8 ? * MON *)")]}
    (meeting,) = meetings(schedules, datetime(2026, 11, 23, tzinfo=UTC))
    assert meeting.first == datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert 20 < meeting.times < 25  # in winter only


def test_a_task_that_is_always_busy_is_left_out():
    schedules = {"busy": [Schedule("rate(1 minute)")], "daily": [Schedule("rate(1 day)")]}
    assert meetings(schedules, ORIGIN) == []


def test_two_expressions_of_one_task_are_no_meeting():
    schedules = {"one": [Schedule("cron(0 8 * * ? *)"), Schedule("cron(0 8 ? * MON *)")]}
    assert meetings(schedules, ORIGIN) == []
