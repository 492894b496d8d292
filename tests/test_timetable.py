"""A task's timetable: several expressions, one stream of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.errors import ScheduleError
from cloud_cron.model import TaskModel
from cloud_cron.timetable import Timetable, moment

START = datetime(2030, 1, 1, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def table(*expressions: str, **options: str) -> Timetable:
    return Timetable(TaskModel("t", schedules=expressions, **options))  # type: ignore[arg-type]


def utc(*times: datetime | None) -> list[str]:
    return [f"{time.astimezone(UTC):%m-%dT%H:%M}" for time in times if time]


def test_two_expressions_due_at_one_instant_are_one():
    both = table("rate(1 hour)", "cron(0 */2 * * ? *)", "at(2030-01-01T02:00:00)")

    assert utc(*both.fires(START, START + timedelta(hours=4))) == [f"01-01T0{hour}:00" for hour in (1, 2, 3, 4)]
    assert both.is_fire(START)
    assert not both.is_fire(START + timedelta(minutes=1))


def test_next_and_previous_leave_the_instant_itself_out():
    hourly = table("rate(1 hour)", "cron(30 * * * ? *)")

    assert utc(hourly.previous(START), hourly.next(START)) == ["12-31T23:30", "01-01T00:30"]


def test_fire_times_are_in_the_zone_of_the_task():
    morning = table("cron(0 8 * * ? *)", timezone="Europe/Berlin")
    [first] = islice(morning.fires(START), 1)

    assert (first.isoformat(), str(first.tzinfo)) == ("2030-01-01T08:00:00+01:00", "Europe/Berlin")


def test_both_passes_of_a_repeated_hour_are_kept_in_order():
    """Berlin sets its clocks back on 2030-10-27 at 01:00 UTC: 02:00 to 03:00 happens twice."""
    halves = table("rate(30 minutes)", "cron(0 2 * * ? *)", timezone="Europe/Berlin")
    after = datetime(2030, 10, 26, 23, 30, tzinfo=UTC)
    times = list(halves.fires(after, after + timedelta(hours=2.5)))

    assert utc(*times) == ["10-27T00:00", "10-27T00:30", "10-27T01:00", "10-27T01:30", "10-27T02:00"]
    assert [time.hour for time in times] == [2, 2, 2, 2, 3]
    assert utc(halves.next(datetime(2030, 10, 27, 2, 30, tzinfo=BERLIN))) == ["10-27T01:00"]
    assert utc(halves.previous(datetime(2030, 10, 27, 2, 0, fold=1, tzinfo=BERLIN))) == ["10-27T00:30"]


def test_in_a_repeated_hour_the_instant_counts_and_not_the_wall_clock():
    """02:50 of the first pass is before 02:00 of the second."""
    both = table("at(2030-10-27T02:50:00)", "rate(1 hour)", timezone="Europe/Berlin")

    assert utc(both.next(datetime(2030, 10, 27, 0, 45, tzinfo=UTC))) == ["10-27T00:50"]
    assert utc(both.previous(datetime(2030, 10, 27, 1, 30, tzinfo=UTC))) == ["10-27T01:00"]


def test_a_task_on_demand_is_never_due():
    never = table()

    assert (never.next(START), never.previous(START), list(never.fires(START))) == (None, None, [])
    assert not never.is_fire(START)


def test_a_run_of_at_has_neither_neighbour():
    once = table("at(2030-01-01T00:00:00)")

    assert (once.previous(START), once.next(START)) == (None, None)
    assert once.is_fire(START)


def test_start_and_end_bound_the_table():
    bounded = table("rate(1 hour)", start="2030-01-01T02:00:00+00:00", end="2030-01-01T04:00:00+00:00")

    assert utc(*bounded.fires(START)) == ["01-01T02:00", "01-01T03:00", "01-01T04:00"]


@given(
    st.lists(st.sampled_from(["rate(7 minutes)", "rate(1 hour)", "cron(0/15 * * * ? *)", "at(2030-01-01T01:00:00)"])),
    st.integers(0, 90),
)
def test_the_stream_is_the_sorted_union(expressions, minutes):
    after = START + timedelta(minutes=minutes)
    until = after + timedelta(hours=2)
    merged = table(*expressions)
    union = {time.astimezone(UTC) for text in expressions for time in table(text).fires(after, until)}
    times = [time.astimezone(UTC) for time in merged.fires(after, until)]

    assert times == sorted(union)
    assert merged.next(after) == (times[0] if times else merged.next(until))
    assert all(merged.is_fire(time) for time in times)


def test_a_bad_expression_and_a_bad_zone_are_refused():
    with pytest.raises(ScheduleError, match="CC101"):
        table("rate(1 day)", "rate(1 days)")
    with pytest.raises(ScheduleError, match="CC104"):
        table(timezone="Mars/X")
    with pytest.raises(ScheduleError, match="CC105 end"):
        table("rate(1 day)", start="2030-01-02T00:00:00Z", end="2030-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "value", ["2030-01-01T01:00:00+01:00", "2030-01-01T00:00Z", datetime(2030, 1, 1, 1, tzinfo=BERLIN)]
)
def test_moments_are_turned_to_utc(value):
    time = moment("start", value)

    assert time == START
    assert time.tzinfo is UTC


def test_no_moment_is_no_bound():
    assert moment("start", None) is None


@pytest.mark.parametrize(
    "value",
    [
        "2030-01-01",
        "2030-01-01T00:00:00",
        "soon",
        "",
        5,
        datetime(2030, 1, 1),  # noqa: DTZ001 - that is the mistake
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_what_is_no_moment(value):
    with pytest.raises(ScheduleError) as caught:
        moment("end", value)

    assert caught.value.code == "CC105"
    assert caught.value.message.startswith(f"end={value!r}")
    assert caught.value.hint == 'such as end="2030-01-01T00:00:00Z"'
