from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from cloud_cron import schedules
from cloud_cron.errors import ScheduleError
from cloud_cron.schedules import Schedule

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
EXPRESSIONS = ["rate(7 minutes)", "cron(0/20 9,17 ? * MON-FRI *)", "cron(0 0 L * ? *)", "at(2027-01-01T00:00:30)"]


def test_a_schedule_is_a_frozen_value():
    one = Schedule("rate(1 hour)", "Europe/Madrid", NEW_YEAR)
    assert one == Schedule("rate(1 hour)", "Europe/Madrid", NEW_YEAR)
    assert one != Schedule("rate(1 hour)", "Europe/Madrid")
    assert len({one, Schedule("rate(1 hour)", "Europe/Madrid", NEW_YEAR)}) == 1
    assert repr(one) == f"Schedule(expression='rate(1 hour)', timezone='Europe/Madrid', start={NEW_YEAR!r}, end=None)"
    with pytest.raises(FrozenInstanceError):
        one.timezone = "UTC"  # type: ignore[misc]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_schedule_survives_pickle_and_copy(expression):
    schedule = Schedule(expression, "Europe/Madrid")
    for same in (pickle.loads(pickle.dumps(schedule)), copy.deepcopy(schedule)):  # noqa: S301 - our own bytes
        assert same == schedule
        assert same.next(datetime(2026, 1, 1, tzinfo=UTC)) == schedule.next(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_next_and_previous_are_strict(expression):
    schedule = Schedule(expression)
    fire = schedule.next(datetime(2026, 12, 30, tzinfo=UTC))
    assert fire
    tick = timedelta(microseconds=1)
    assert schedule.is_fire(fire)
    assert not schedule.is_fire(fire + tick)
    assert not schedule.is_fire(fire - tick)
    assert schedule.next(fire - tick) == fire
    assert schedule.next(fire) != fire
    assert schedule.previous(fire + tick) == fire
    assert schedule.previous(fire) != fire


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_start_and_end_are_included(expression):
    fire = Schedule(expression).next(datetime(2026, 12, 30, tzinfo=UTC))
    assert fire
    only = Schedule(expression, start=fire, end=fire)
    assert list(only.fires(datetime(2020, 1, 1, tzinfo=UTC))) == [fire]
    assert only.next(fire - timedelta(days=400)) == fire
    assert only.previous(fire + timedelta(days=400)) == fire
    assert only.next(fire) is None
    assert only.previous(fire) is None
    assert only.is_fire(fire)


def test_nothing_fires_outside_of_start_and_end():
    schedule = Schedule("cron(0 12 * * ? *)", start=NEW_YEAR, end=NEW_YEAR + timedelta(days=2))
    assert [fire.day for fire in schedule.fires(datetime(2020, 1, 1, tzinfo=UTC))] == [1, 2]
    assert not schedule.is_fire(datetime(2026, 12, 31, 12, tzinfo=UTC))
    assert not schedule.is_fire(datetime(2027, 1, 3, 12, tzinfo=UTC))
    assert schedule.next(datetime(2027, 1, 3, 13, tzinfo=UTC)) is None
    assert schedule.previous(datetime(2026, 12, 31, 13, tzinfo=UTC)) is None


def test_start_and_end_may_stand_in_any_zone():
    start = datetime(2027, 1, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert Schedule("cron(0 * * * ? *)", start=start).next(datetime(2020, 1, 1, tzinfo=UTC)) == NEW_YEAR


def test_fires_includes_until_and_excludes_after():
    schedule = Schedule("rate(1 hour)")
    fires = list(schedule.fires(NEW_YEAR, NEW_YEAR + timedelta(hours=3)))
    assert fires == [NEW_YEAR + timedelta(hours=hour) for hour in (1, 2, 3)]
    assert list(schedule.fires(NEW_YEAR, NEW_YEAR)) == []
    assert list(schedule.fires(NEW_YEAR, NEW_YEAR - timedelta(days=1))) == []


def test_rates_count_from_the_epoch():
    fires = list(islice(Schedule("rate(7 minutes)").fires(datetime(1970, 1, 1, tzinfo=UTC)), 3))
    assert [fire.minute for fire in fires] == [7, 14, 21]
    assert Schedule("rate(7 days)").next(NEW_YEAR) == datetime(2027, 1, 7, tzinfo=UTC)  # a Thursday, as the epoch was


def test_rates_count_from_start():
    start = datetime(2026, 12, 29, 3, 20, tzinfo=UTC)
    fires = list(islice(Schedule("rate(2 days)", start=start).fires(datetime(2020, 1, 1, tzinfo=UTC)), 3))
    assert fires == [start, start + timedelta(days=2), start + timedelta(days=4)]


def test_a_start_within_a_minute_counts_from_the_next_one():
    start = datetime(2026, 12, 29, 3, 20, 0, 1, tzinfo=UTC)
    assert Schedule("rate(5 minutes)", start=start).next(start) == datetime(2026, 12, 29, 3, 21, tzinfo=UTC)


def test_days_of_a_rate_are_24_hours():
    fires = Schedule("rate(1 day)", "Europe/Berlin").fires(
        datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC)
    )
    assert [fire.isoformat() for fire in fires] == ["2027-03-28T01:00:00+01:00", "2027-03-29T02:00:00+02:00"]


def test_at_fires_once_in_its_zone():
    schedule = Schedule("at(2027-07-01T09:00:30)", "Europe/Madrid")
    fire = datetime(2027, 7, 1, 7, 0, 30, tzinfo=UTC)
    assert list(schedule.fires(datetime(1990, 1, 1, tzinfo=UTC))) == [fire]
    assert schedule.is_fire(fire)
    assert schedule.previous(fire + timedelta(days=900)) == fire
    assert schedule.next(fire) is None


def test_a_past_at_is_accepted():
    schedule = Schedule("at(2001-01-01T00:00:00)")
    assert schedule.next(NEW_YEAR) is None
    assert schedule.previous(NEW_YEAR) == datetime(2001, 1, 1, tzinfo=UTC)


def test_an_at_in_the_gap_is_skipped_and_a_repeated_one_is_its_first_instance():
    gap = Schedule("at(2027-03-28T02:30:00)", "Europe/Berlin")
    assert gap.next(datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert gap.previous(datetime(2030, 1, 1, tzinfo=UTC)) is None
    assert not gap.is_fire(datetime(2027, 3, 28, 1, 30, tzinfo=UTC))
    twice = Schedule("at(2026-10-25T02:30:00)", "Europe/Berlin")
    fire = twice.next(datetime(2020, 1, 1, tzinfo=UTC))
    assert fire
    assert fire.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


FAR = [datetime.min, datetime.max, datetime(1, 1, 2), datetime(9999, 12, 30)]  # noqa: DTZ001, DTZ901 - zones follow
OFFSETS = [
    UTC,
    timezone(timedelta(hours=14)),
    timezone(timedelta(hours=-14)),
    ZoneInfo("Asia/Tokyo"),
    ZoneInfo("America/Lima"),
]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "Asia/Manila"])
@pytest.mark.parametrize("expression", [*EXPRESSIONS, "cron(* * * * ? *)", "rate(84000 days)"])
def test_the_ends_of_time_are_no_obstacle(expression, zone):
    schedule = Schedule(expression, zone)
    for extreme in FAR:
        for offset in OFFSETS:
            instant = extreme.replace(tzinfo=offset)
            assert not schedule.is_fire(instant)
            assert (schedule.next(instant) is None) is (instant.year > 5000)
            assert (schedule.previous(instant) is None) is (instant.year < 5000)
            bounded = Schedule(expression, zone, **{"start" if instant.year < 5000 else "end": instant})
            assert bounded.next(NEW_YEAR - timedelta(days=9))


def test_a_start_beyond_the_calendar_never_fires():
    start = datetime(9000, 1, 1, tzinfo=UTC)
    for expression in EXPRESSIONS:
        schedule = Schedule(expression, start=start)
        assert schedule.next(NEW_YEAR) is None
        assert schedule.previous(datetime.max.replace(tzinfo=UTC)) is None
        assert list(schedule.fires(start)) == []


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_calendar_begins_in_1970_and_ends_with_2199(zone):
    schedule = Schedule("cron(* * * * ? *)", zone)
    first, last = schedule.next(datetime(1900, 1, 1, tzinfo=UTC)), schedule.previous(datetime(2300, 1, 1, tzinfo=UTC))
    assert first
    assert last
    assert f"{first:%Y-%m-%d %H:%M}" == "1970-01-01 00:00"
    assert f"{last:%Y-%m-%d %H:%M}" == "2199-12-31 23:59"
    assert schedule.next(last) is None
    assert schedule.previous(first) is None
    rate = Schedule("rate(1 minute)", zone)
    assert rate.next(datetime(1900, 1, 1, tzinfo=UTC)) == datetime(1970, 1, 1, tzinfo=UTC)
    assert rate.previous(datetime(2300, 1, 1, tzinfo=UTC)) == datetime(2199, 12, 31, 23, 59, tzinfo=UTC)
    assert rate.next(datetime(2199, 12, 31, 23, 59, tzinfo=UTC)) is None
    assert rate.previous(datetime(1970, 1, 1, tzinfo=UTC)) is None
    assert rate.is_fire(datetime(1970, 1, 1, tzinfo=UTC))
    assert not rate.is_fire(datetime(1969, 12, 31, 23, 59, tzinfo=UTC))
    assert not rate.is_fire(datetime(2200, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("method", ["next", "previous", "fires", "is_fire"])
def test_a_naive_argument_is_refused_at_once(method):
    with pytest.raises(ValueError, match="naive"):
        getattr(Schedule("rate(1 hour)"), method)(datetime(2027, 1, 1))  # noqa: DTZ001 - the mistake


@pytest.mark.parametrize("method", ["next", "previous", "fires", "is_fire"])
@pytest.mark.parametrize("value", [None, "2027-01-01", date(2027, 1, 1), 5])
def test_another_type_is_refused(method, value):
    with pytest.raises(TypeError, match="datetime is needed"):
        getattr(Schedule("rate(1 hour)"), method)(value)


def test_a_naive_until_is_refused_at_once():
    with pytest.raises(ValueError, match="naive"):
        Schedule("rate(1 hour)").fires(NEW_YEAR, datetime(2027, 1, 1))  # noqa: DTZ001 - the mistake


@pytest.mark.parametrize("name", ["start", "end"])
@pytest.mark.parametrize("value", [datetime(2027, 1, 1), date(2027, 1, 1), "2027-01-01T00:00:00Z", 5])  # noqa: DTZ001
def test_start_and_end_must_be_aware_datetimes(name, value):
    with pytest.raises(ScheduleError, match=f"CC105 {name}=") as error:
        Schedule("rate(1 hour)", **{name: value})
    assert error.value.hint == f"such as {name}=datetime(2030, 1, 1, tzinfo=UTC)"


def test_end_before_start_is_refused():
    with pytest.raises(ScheduleError, match=r"CC105 end 2026-12-31T00:00:00.* is before start 2027-01-01T00:00:00"):
        Schedule("rate(1 hour)", start=NEW_YEAR, end=NEW_YEAR - timedelta(days=1))
    Schedule("rate(1 hour)", start=NEW_YEAR, end=NEW_YEAR)


def test_the_public_names():
    assert schedules.__all__ == sorted(schedules.__all__)
    assert set(schedules.__all__) <= set(dir(schedules))
    for name in schedules.__all__:
        assert getattr(schedules, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = schedules.nonsense


def test_a_schedule_loads_nothing_but_what_it_needs():
    program = (
        "import sys, cloud_cron.schedules as s; s.Schedule('cron(0 9 * * ? *)');"
        "print(*(name for name in sys.modules if name.startswith(('cloud_cron.schedules.', 'zoneinfo', 'difflib'))))"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = {name.removeprefix("cloud_cron.schedules.") for name in ran.stdout.split()}
    needed = {"cron", "dayfields", "days", "expression", "fields", "once", "rate", "refusal", "schedule", "zones"}
    assert loaded == needed
