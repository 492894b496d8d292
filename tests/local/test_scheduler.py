"""Which runs are owed, on virtual time: after a start, after downtime, during a pause, when a worker dies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import CloudCron
from cloud_cron.local.book import Book
from cloud_cron.local.scheduler import Fire, Scheduler, caught_up
from cloud_cron.ports import Record
from cloud_cron.runtime import naming

START = datetime(2030, 1, 1, tzinfo=UTC)
MONTH = 35 * 86_400.0


def after(**span: float) -> datetime:
    return START + timedelta(**span)


class Machine:
    """A place that schedulers start at, one after the other; a run is done by writing its record."""

    def __init__(self, store, ledger) -> None:
        self.book = Book(store)
        self.ledger = ledger

    def start(self, app: CloudCron, now: datetime = START) -> Scheduler:
        return Scheduler(app.model(), self.book, self.ledger, now, horizon=MONTH)

    def do(self, scheduler: Scheduler, fire: Fire, now: datetime) -> None:
        self.ledger.create(naming.run_key(fire.task, fire.at, ""), Record("DONE", token="x", at=fire.at.timestamp()))
        assert scheduler.settle(fire, now)

    def state(self, task: str, at: datetime) -> str | None:
        record = self.ledger.get(naming.run_key(task, at, ""))
        return record.state if record else None


@pytest.fixture
def machine(store, ledger) -> Machine:
    return Machine(store, ledger)


@pytest.fixture
def app() -> CloudCron:
    return CloudCron("shop")


def hourly(app: CloudCron, name: str = "t", **options) -> None:
    app.schedule("rate(1 hour)", name=name, **options)(lambda: None)


def hours(fires: list[Fire]) -> list[float]:
    return [(fire.at - START) / timedelta(hours=1) for fire in fires]


def test_nothing_is_owed_for_the_time_before_the_first_start(app, machine):
    hourly(app)
    scheduler = machine.start(app, after(minutes=30))

    assert scheduler.take(after(minutes=30), room=9) == ([], [])
    assert scheduler.next() == after(hours=1)


def test_a_fire_time_is_handed_out_once_and_settled_by_its_record(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    [fire], _ = scheduler.take(after(hours=1), room=9)
    assert fire == Fire(after(hours=1), "t")
    assert fire.event == {"task": "t", "scheduled_at": "2030-01-01T01:00:00Z", "trigger": "schedule"}
    assert scheduler.take(after(hours=1), room=9) == ([], [])

    machine.do(scheduler, fire, after(hours=1))
    assert not scheduler.is_owing()
    assert scheduler.take(after(hours=1), room=9) == ([], [])


def test_a_worker_is_made_ready_a_moment_before(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    soon = after(hours=1, milliseconds=-900)

    assert scheduler.take(soon, room=9) == ([], [])
    assert hours(scheduler.take(soon, room=9, ahead=timedelta(seconds=1))[0]) == [1]


def test_a_run_whose_worker_died_before_its_claim_is_owed_again_after_a_pause(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    [fire], _ = scheduler.take(after(hours=1), room=9)
    assert not scheduler.settle(fire, after(hours=1))

    assert scheduler.take(after(hours=1), room=9) == ([], [])
    assert scheduler.take(after(hours=1, seconds=2), room=9)[0] == [fire]
    assert not scheduler.settle(fire, after(hours=1, seconds=2))
    assert scheduler.take(after(hours=1, seconds=4), room=9) == ([], [])
    assert scheduler.take(after(hours=1, seconds=6), room=9)[0] == [fire]


def test_there_is_never_more_than_room_for(app, machine):
    for number in range(5):
        hourly(app, f"t{number}")
    scheduler = machine.start(app)
    first, _ = scheduler.take(after(hours=1), room=2)
    assert [fire.task for fire in first] == ["t0", "t1"]
    assert scheduler.is_owing()

    assert [fire.task for fire in scheduler.take(after(hours=1), room=9)[0]] == ["t2", "t3", "t4"]
    assert not scheduler.is_owing()


@pytest.mark.parametrize(
    ("catchup", "run", "missed"),
    [
        ("latest", [5], [1, 2, 3, 4]),
        ("none", [], [1, 2, 3, 4, 5]),
        ("all(3)", [3, 4, 5], [1, 2]),
        ("all(9)", [1, 2, 3, 4, 5], []),
    ],
)
def test_after_downtime_a_task_is_caught_up_as_it_says(app, machine, catchup, run, missed):
    hourly(app, catchup=catchup)
    machine.start(app)
    later = after(hours=5, minutes=30)
    fires, late = machine.start(app, later).take(later, room=9)

    assert hours(fires) == run
    assert hours(late) == missed
    assert [machine.state("t", fire.at) for fire in late] == ["MISSED"] * len(missed)


def test_what_was_missed_stays_missed_and_is_told_once(app, machine):
    hourly(app)
    machine.start(app)
    later = after(hours=3, minutes=30)
    machine.start(app, later).take(later, room=9)
    fires, late = machine.start(app, later).take(later, room=9)

    assert (hours(fires), late) == ([3], [])


def test_a_run_that_somebody_made_is_not_the_latest_that_is_owed(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    scheduler.take(after(hours=1), room=9)  # and its worker comes to nothing
    machine.do(scheduler, Fire(after(hours=2), "t"), after(hours=2))
    later = after(hours=2, minutes=30)

    assert [hours(fires) for fires in machine.start(app, later).take(later, room=9)] == [[1], []]


def test_a_run_of_the_moment_makes_catching_up_needless(app, machine):
    hourly(app)
    machine.start(app)
    now = after(hours=5, seconds=20)
    fires, late = machine.start(app, now).take(now, room=9)

    assert (hours(fires), hours(late)) == ([5], [1, 2, 3, 4])


def test_a_window_is_how_late_a_run_may_be(app, machine):
    hourly(app, catchup="none", window=15)
    machine.start(app)
    now = after(hours=2, minutes=14)

    assert hours(machine.start(app, now).take(now, room=9)[0]) == [2]


def test_a_paused_task_skips_and_goes_on_afterwards(app, machine):
    hourly(app)
    scheduler = machine.start(app)

    assert scheduler.take(after(hours=2), room=9, paused={"t"}) == ([], [])
    assert [machine.state("t", after(hours=hour)) for hour in (1, 2)] == ["SKIPPED"] * 2
    assert hours(scheduler.take(after(hours=3), room=9)[0]) == [3]


def test_a_task_that_is_busy_with_the_past_waits_and_is_not_skipped(app, machine):
    hourly(app)
    scheduler = machine.start(app)

    assert scheduler.take(after(hours=1), room=9, busy={"t"}) == ([], [])
    assert machine.state("t", after(hours=1)) is None
    assert hours(scheduler.take(after(hours=1, seconds=20), room=9)[0]) == [1]


def test_pausing_does_not_touch_what_is_not_due(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    soon = after(hours=1, milliseconds=-500)
    scheduler.take(soon, room=9, paused={"t"}, ahead=timedelta(seconds=1))

    assert machine.state("t", after(hours=1)) is None
    assert hours(scheduler.take(after(hours=1), room=9)[0]) == [1]


def test_a_clock_that_is_set_back_runs_nothing_twice(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    [fire], _ = scheduler.take(after(hours=1), room=9)
    machine.do(scheduler, fire, after(hours=1))
    scheduler.account(after(hours=1, minutes=5))

    assert scheduler.take(after(minutes=5), room=9) == ([], [])
    assert scheduler.take(after(hours=1), room=9) == ([], [])
    again = machine.start(app, after(minutes=10))
    assert again.take(after(hours=1), room=9) == ([], [])
    assert hours(again.take(after(hours=2), room=9)[0]) == [2]


def test_the_book_never_says_more_than_the_records_do(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    fires, _ = scheduler.take(after(hours=1), room=9)
    scheduler.account(after(hours=1, minutes=30))
    assert machine.book.pages()["t"].accounted == after(hours=1, seconds=-1).timestamp()

    machine.do(scheduler, fires[0], after(hours=1, minutes=30))
    scheduler.account(after(hours=1, minutes=31))
    assert machine.book.pages()["t"].accounted == after(hours=1, minutes=31).timestamp()


def test_accounting_does_not_pass_over_what_nobody_took(app, machine):
    hourly(app)
    scheduler = machine.start(app)
    scheduler.account(after(hours=1, minutes=30))
    restarted = machine.start(app, after(hours=1, minutes=30))

    assert hours(restarted.take(after(hours=1, minutes=30), room=9)[0]) == [1]


def test_a_new_schedule_is_expected_from_now_on(app, machine):
    hourly(app)
    machine.start(app)
    other = CloudCron("shop")
    other.schedule("rate(30 minutes)", name="t")(lambda: None)
    now = after(hours=5, minutes=10)

    assert machine.start(other, now).take(now, room=9) == ([], [])


def test_a_task_that_was_disabled_is_not_caught_up(app, machine):
    hourly(app)
    machine.start(app)
    asleep = CloudCron("shop")
    hourly(asleep, enabled=False)
    machine.start(asleep, after(hours=2))
    now = after(hours=5, minutes=10)

    assert machine.start(app, now).take(now, room=9) == ([], [])


def test_nothing_beyond_the_horizon_is_looked_for(app, machine):
    hourly(app, catchup="all(99999)")
    machine.start(app)
    now = after(days=100)
    fires, late = machine.start(app, now).take(now, room=10_000)

    assert len(fires) + len(late) == 35 * 24


# Catching up, as a pure function


@given(
    minutes=st.lists(st.integers(0, 600), max_size=30, unique=True),
    catchup=st.sampled_from(["latest", "none", "all(1)", "all(3)", "all(99999)"]),
    window=st.none() | st.integers(1, 120),
)
def test_catching_up_loses_nothing_and_repeats_nothing(minutes, catchup, window):
    app = CloudCron("shop")
    hourly(app, catchup=catchup, window=window)
    [task] = app.model().tasks
    now = after(minutes=600)
    fires = sorted(after(minutes=minute) for minute in minutes)
    run, missed = caught_up(task, fires, now)

    assert sorted(run + missed) == fires
    assert run == sorted(run)
    grace = timedelta(minutes=max(1, window or 0))
    assert all(time in run for time in fires if now - time <= grace)
    late = [time for time in run if now - time > grace]
    assert len(late) <= {"latest": 1, "none": 0, "all(1)": 1, "all(3)": 3}.get(catchup, 99_999)
    assert not late or not missed or min(late) > max(missed)


def test_a_model_of_another_catchup_is_another_answer(app):
    hourly(app)
    [task] = app.model().tasks
    fires = [after(hours=1), after(hours=2)]

    assert caught_up(task, fires, after(hours=9)) == ([fires[1]], [fires[0]])
    assert caught_up(replace(task, catchup="none"), fires, after(hours=9)) == ([], fires)
