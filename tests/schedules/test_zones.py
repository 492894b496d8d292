from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cloud_cron.schedules import Schedule, zones

ODD = [
    ("Europe/Berlin", datetime(2027, 3, 28, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("Europe/London", datetime(2027, 10, 31, tzinfo=UTC)),
    ("America/New_York", datetime(2027, 3, 14, 6, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("America/St_Johns", datetime(2006, 10, 29, tzinfo=UTC)),  # at one minute past midnight
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, tzinfo=UTC)),  # half an hour forward
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, tzinfo=UTC)),  # half an hour back
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a day that was not
    ("Pacific/Kwajalein", datetime(1993, 8, 21, 12, tzinfo=UTC)),  # the same
    ("Pacific/Kiritimati", datetime(1994, 12, 31, 10, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2027, 2, 7, 2, tzinfo=UTC)),  # back for Ramadan
    ("Africa/Casablanca", datetime(2027, 3, 14, 2, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2027, 4, 29, 22, tzinfo=UTC)),  # midnight does not exist
    ("America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2026, 10, 25, tzinfo=UTC)),  # winter is its daylight saving time
    ("Antarctica/Troll", datetime(2027, 3, 28, tzinfo=UTC)),  # two hours
    ("Antarctica/Troll", datetime(2026, 10, 25, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 1, 1, tzinfo=UTC)),
    ("Asia/Pyongyang", datetime(2018, 5, 4, 15, tzinfo=UTC)),
    ("America/Caracas", datetime(2016, 5, 1, 7, tzinfo=UTC)),
]
EXPRESSIONS = ["cron(0/15 * * * ? *)", "cron(30 2 * * ? *)", "cron(0 0 * * ? *)", "cron(10 0-3 ? * SUN,MON,FRI,SAT *)"]


@pytest.mark.parametrize(("zone", "around"), ODD)
def test_every_minute_around_a_change_agrees_with_the_oracle(oracle, zone, around):
    start, end = around - timedelta(hours=20), around + timedelta(hours=30)
    for expression in EXPRESSIONS:
        schedule = Schedule(expression, zone)
        expected = oracle.fires(expression, zone, start, end)
        fires = [fire.astimezone(UTC) for fire in schedule.fires(start - timedelta(seconds=1), end)]
        assert fires == expected
        back = []
        before = end + timedelta(seconds=1)
        while (fire := schedule.previous(before)) and fire.astimezone(UTC) >= start:
            before = fire.astimezone(UTC)
            back.append(before)
        assert back[::-1] == expected


@pytest.mark.parametrize(("zone", "around"), ODD)
def test_next_and_previous_from_every_few_minutes_around_a_change(zone, around):
    schedule = Schedule("cron(0/10 * * * ? *)", zone)
    fires = [
        fire.astimezone(UTC) for fire in schedule.fires(around - timedelta(hours=60), around + timedelta(hours=60))
    ]
    instant = around - timedelta(hours=30)
    while instant < around + timedelta(hours=30):
        after, before = schedule.next(instant), schedule.previous(instant)
        assert after
        assert before
        assert after.astimezone(UTC) == fires[bisect_right(fires, instant)]
        assert before.astimezone(UTC) == fires[bisect_left(fires, instant) - 1]
        assert schedule.is_fire(instant) == (instant in fires)
        instant += timedelta(minutes=5)


def test_a_time_in_the_gap_is_skipped_that_day():
    fires = Schedule("cron(30 2 * * ? *)", "Europe/Berlin").fires(
        datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC)
    )
    assert [fire.isoformat() for fire in fires] == ["2027-03-27T02:30:00+01:00", "2027-03-29T02:30:00+02:00"]


def test_a_repeated_time_runs_once_at_its_first_instance():
    fires = list(
        Schedule("cron(30 2 * * ? *)", "Europe/Berlin").fires(
            datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)
        )
    )
    assert [fire.isoformat() for fire in fires] == ["2026-10-25T02:30:00+02:00"]
    assert fires[0].fold == 0


def test_the_second_pass_is_no_fire_time():
    schedule = Schedule("cron(30 2 * * ? *)", "Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert schedule.is_fire(first)
    assert not schedule.is_fire(first + timedelta(hours=1))
    assert schedule.previous(first + timedelta(hours=1)) == datetime(
        2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")
    )


def test_a_day_that_a_zone_skips_has_no_fire_times():
    fires = Schedule("cron(0 12 * * ? *)", "Pacific/Apia").fires(
        datetime(2011, 12, 29, tzinfo=UTC), datetime(2011, 12, 31, 12, tzinfo=UTC)
    )
    assert [fire.date().isoformat() for fire in fires] == ["2011-12-29", "2011-12-31"]


def test_what_fires_only_in_a_gap_never_fires():
    schedule = Schedule("cron(30 2 28 3 ? 2027)", "Europe/Berlin")
    assert schedule.next(datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert schedule.previous(datetime(2028, 1, 1, tzinfo=UTC)) is None


def test_an_argument_may_stand_in_another_zone_or_in_a_gap():
    schedule = Schedule("cron(0 3 * * ? *)", "Europe/Berlin")
    expected = datetime(2027, 3, 28, 1, tzinfo=UTC)
    in_gap = datetime(2027, 3, 28, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))  # reads as 01:30 UTC: after the fire time
    assert schedule.previous(in_gap) == expected
    assert schedule.next(datetime(2027, 3, 28, 5, tzinfo=ZoneInfo("Asia/Tokyo"))) == expected


def test_utc_never_adjusts():
    fires = Schedule("cron(30 2 * * ? *)").fires(
        datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 3, 30, tzinfo=UTC)
    )
    assert [fire.day for fire in fires] == [27, 28, 29]


def test_results_are_in_the_zone_of_the_schedule():
    fire = Schedule("rate(1 hour)", "Asia/Kathmandu").next(datetime(2026, 1, 1, tzinfo=UTC))
    assert fire
    assert fire.isoformat() == "2026-01-01T06:45:00+05:45"
    assert fire.tzinfo is ZoneInfo("Asia/Kathmandu")
    utc = Schedule("rate(1 hour)").next(datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Kathmandu")))
    assert utc
    assert utc.tzinfo is UTC


def test_every_listed_name_is_a_zone():
    assert {"UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Etc/GMT+5"} <= zones.names()
    assert "Factory" not in zones.names()
    for name in sorted(zones.names())[::25]:
        assert Schedule("rate(1 hour)", name).zone.utcoffset(datetime(2026, 1, 1, tzinfo=UTC)) is not None
