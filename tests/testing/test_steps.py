from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cloud_cron.local.clock import VirtualClock
from cloud_cron.testing.steps import steps

START = datetime(2030, 1, 1, tzinfo=UTC)


class Diary:
    """Stands for an engine: what is due next, by what the clock says."""

    def __init__(self, clock, due):
        self._clock = clock
        self._due = due

    def next_event(self):
        return self._due(self._clock.now())


def seconds(due, until):
    """When `steps` stops, in seconds after the start."""
    clock = VirtualClock(START)
    diary = Diary(clock, due)
    return [(clock.now() - START).total_seconds() for _ in steps(diary, clock, START + timedelta(seconds=until))]


def test_time_goes_from_event_to_event_as_far_as_it_may():
    assert seconds(lambda now: now + timedelta(minutes=1), until=180) == [0, 60, 120, 180]


def test_without_an_event_there_is_only_the_present():
    assert seconds(lambda now: None, until=180) == [0]


def test_what_stays_due_is_looked_at_ever_more_rarely():
    assert seconds(lambda now: START, until=60) == [0, 1, 3, 7, 15, 31]


def test_after_something_stuck_the_pauses_begin_again():
    def due(now):
        return START + timedelta(seconds=10) if now != START + timedelta(seconds=13) else START + timedelta(seconds=20)

    assert seconds(due, until=30) == [0, 10, 11, 13, 20, 21, 23, 27]
