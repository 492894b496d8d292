"""A run: its ids, its instants, and what it never shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from cloud_cron import Run
from cloud_cron.model import TaskModel
from cloud_cron.runs import LastRun, instant, manual_run_id, run_id
from cloud_cron.timetable import Timetable

AT = datetime(2030, 7, 1, 8, tzinfo=ZoneInfo("Europe/Berlin"))


class Locked(dict[str, str]):
    """Secrets that nobody may look at."""

    def __repr__(self) -> str:
        raise AssertionError


def a_run(**changes) -> Run:
    run = Run(
        task="morning",
        id="morning@2030-07-01T06:00:00Z",
        scheduled_at=AT,
        timezone="Europe/Berlin",
        attempt=1,
        trigger="schedule",
        input=None,
        secrets=Locked(db="hunter2"),
        _timetable=lambda: Timetable(TaskModel("morning", ("cron(0 8 * * ? *)",), timezone="Europe/Berlin")),
        _remaining=lambda: 12.5,
        _last=lambda: LastRun(AT, {"reports": 1}),
    )
    return replace(run, **changes)


def test_an_instant_is_spelt_in_utc_to_the_second():
    assert instant(AT) == "2030-07-01T06:00:00Z"
    assert instant(datetime(2030, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC)) == "2030-01-01T00:00:00Z"
    assert instant(datetime(2030, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "2029-12-31T23:30:00Z"
    assert instant(datetime(1970, 1, 1, tzinfo=UTC)) == "1970-01-01T00:00:00Z"


def test_ids():
    assert run_id("morning", AT) == "morning@2030-07-01T06:00:00Z"
    assert manual_run_id("morning", "01J") == "morning!01J"


def test_both_passes_of_a_repeated_hour_are_runs_of_their_own():
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2030, 10, 27, 2, 30, tzinfo=zone)

    assert run_id("t", first) == "t@2030-10-27T00:30:00Z"
    assert run_id("t", first.replace(fold=1)) == "t@2030-10-27T01:30:00Z"


def test_what_is_asked_later():
    run = a_run()

    assert run.remaining() == 12.5
    assert (run.previous, run.next) == (AT - timedelta(days=1), AT + timedelta(days=1))
    assert (a_run(_timetable=None).previous, a_run(_timetable=None).next) == (None, None)
    assert run.last == LastRun(AT, {"reports": 1})
    assert run.logger.name == "cloud_cron.task.morning"


def test_secrets_are_neither_shown_nor_read_by_showing():
    text = repr(a_run())

    assert "hunter2" not in text
    assert "secrets" not in text
    assert "morning@2030-07-01T06:00:00Z" in text


def test_two_views_of_one_run_are_equal():
    assert a_run() == a_run(_remaining=lambda: 1.0, _last=lambda: None)
    assert a_run() != a_run(attempt=2)
