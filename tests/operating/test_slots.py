"""Moments for runs of the past: far enough apart, and out of the way of the task's own times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import CloudCron
from cloud_cron.timetable import Timetable
from cloud_cron_cli.operating.slots import pace, slots

START = datetime(2030, 1, 1, tzinfo=UTC)


def task(schedule="cron(0 * * * ? *)", **options):
    app = CloudCron("shop")
    app.schedule(schedule, name="export", **options)(lambda: None)
    return app.model().task("export")


def minutes(made, count, since=START):
    """The first so many moments, in minutes since the start."""
    return [(moment - START) // timedelta(minutes=1) for moment in islice(slots(made, since), count)]


@pytest.mark.parametrize(
    ("options", "apart"),
    [({}, 2), ({"timeout": 61}, 3), ({"timeout": 900}, 16), ({"timeout": 900, "overlap": "allow"}, 1)],
)
def test_a_run_is_over_before_the_next_one_begins_unless_they_may_overlap(options, apart):
    assert pace(task(**options)) == timedelta(minutes=apart)


def test_the_own_times_of_a_task_are_kept_clear_of():
    assert minutes(task(), 31) == [*range(2, 59, 2), 62, 64]


def test_a_window_counts_as_part_of_the_time():
    assert minutes(task(window=15), 3) == [17, 19, 21]


def test_runs_that_may_overlap_keep_clear_of_nothing():
    assert minutes(task(overlap="allow"), 3) == [0, 1, 2]


def test_a_task_that_leaves_no_room_is_given_every_moment():
    assert minutes(task("rate(1 minute)"), 3) == [0, 2, 4]
    assert minutes(task("rate(1 minute)"), 2000) == [*range(0, 4000, 2)]


def test_where_a_task_is_due_often_for_an_hour_the_next_hour_is_waited_for():
    nine = START + timedelta(hours=9, minutes=1)
    assert minutes(task("cron(0/3 9 ? * * *)"), 3, nine) == [599, 601, 603]


def test_a_task_whose_last_time_has_gone_is_in_nobodys_way():
    assert minutes(task("at(2029-01-01T00:00:00)"), 2) == [0, 2]


CROWDED = ("rate(1 minute)", "cron(0/3 0-2 * * ? *)", "cron(* 1-23 * * ? *)")
SCHEDULES = (
    "cron(0/5 * * * ? *)",
    "cron(30 8 ? * MON-FRI *)",
    "rate(1 hour)",
    "cron(0 0/6 * * ? *)",
    "rate(7 minutes)",
)


@given(
    st.sampled_from(SCHEDULES), st.integers(1, 150), st.integers(0, 600_000),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
)  # fmt: skip
def test_wherever_there_is_room_no_run_meets_another(schedule, timeout, since, zone):
    made = task(schedule, timeout=timeout, timezone=zone)
    step, table = pace(made), Timetable(made)
    found = list(islice(slots(made, START + timedelta(seconds=since)), 20))
    assert all(later - sooner >= step for sooner, later in pairwise(found))
    room = min(b - a for a, b in pairwise(islice(table.fires(START), 50)))
    if room >= 2 * step:
        for moment in found:
            following = table.next(moment - step)
            assert following is None or following >= moment + step


@given(
    st.sampled_from(SCHEDULES + CROWDED), st.integers(1, 150), st.integers(0, 10_000),
    st.integers(1, 20), st.integers(0, 100),
)  # fmt: skip
def test_further_runs_come_after_those_that_wait(schedule, timeout, since, count, later):
    made = task(schedule, timeout=timeout)
    begin = START + timedelta(minutes=since)
    now = begin + timedelta(minutes=later)
    waiting = [moment for moment in islice(slots(made, begin), count) if moment >= now - timedelta(minutes=2)]
    following = next(slots(made, now, len(waiting)))
    assert following >= now
    assert not waiting or following >= waiting[-1] + pace(made)
