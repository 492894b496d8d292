"""Weeks of virtual time across both changes of the clocks: every expected run is accounted for, none is made twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace

import pytest

from cloud_cron import CloudCron
from cloud_cron.local.book import Book
from cloud_cron.local.bus import LocalBus
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.local.outbox import Outbox
from cloud_cron.local.payloads import SqlitePayloads
from cloud_cron.local.scheduler import Scheduler
from cloud_cron.ports import Ports
from cloud_cron.runs import instant
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.timetable import Timetable

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
TASKS = 200
WEEK = timedelta(days=7)
STARTS = {
    "spring in New York": datetime(2030, 3, 7, tzinfo=UTC),
    "spring in Berlin": datetime(2030, 3, 28, tzinfo=UTC),
    "autumn in Berlin": datetime(2030, 10, 24, tzinfo=UTC),
    "autumn in New York": datetime(2030, 10, 31, tzinfo=UTC),
}
LONG = dict.fromkeys([name for name in STARTS if name != "autumn in New York"], pytest.mark.slow)
"""Every week has tasks of every zone; that in which hours come twice is enough for every day."""


class Nobody:
    def note(self, report) -> None:
        pass


def made(random: Random, calls: Counter[str]) -> CloudCron:
    """An app of many tasks, most of which are due where the clocks change: between midnight and four."""
    app = CloudCron("shop")
    for number in range(TASKS):
        minute, hour = random.randrange(60), random.randrange(4)
        expression = random.choice(
            [
                f"cron({minute} {hour} * * ? *)",
                f"cron({minute} */6 * * ? *)",
                "rate(4 hours)",
                f"cron({minute} 2 ? * SUN *)",
            ]
        )
        zone, catchup = ZONES[number % len(ZONES)], random.choice(["latest", "none", "all(5)"])
        app.schedule(expression, name=f"t{number}", timezone=zone, catchup=catchup, overlap="allow")(
            lambda run: calls.update([run.id])
        )
    return app


@pytest.mark.parametrize("start", [pytest.param(STARTS[name], id=name, marks=LONG.get(name, ())) for name in STARTS])
def test_every_run_of_a_week_is_accounted_for_and_none_is_made_twice(store, start):
    """The host goes away twelve times, for up to five hours, and one worker in fifty dies before it claims its run."""
    random, calls = Random(start.month), Counter[str]()
    app = made(random, calls)
    model = app.model()
    clock, ids, book, ledger = VirtualClock(start), RandomIds(), Book(store), SqliteLedger(store)
    place = (LocalBus(store, clock, ids), ledger, clock, ids, SimpleNamespace(), Outbox({}), Nobody())
    runtime = Runtime(app, model, Ports(*place, payloads=SqlitePayloads(store, clock)), stage="dev", queues={})
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000)
    scheduler = Scheduler(model, book, ledger, start, horizon=35 * 86_400)
    absences = sorted(start + WEEK * random.random() for _ in range(12))
    while clock.now() < start + WEEK:
        now = clock.now()
        fires, _ = scheduler.take(now, room=random.choice([3, 50]))
        for fire in fires:
            context.aws_request_id = ids.ulid(now)
            if random.random() > 0.02:  # else the worker died before its claim
                runtime.handle(fire.task, fire.event, context)
            scheduler.settle(fire, now)
        due = scheduler.next()
        later = due if due and not scheduler.is_owing() else now + timedelta(seconds=5)
        clock.set(min(later, start + WEEK))
        if random.random() < 0.1:
            scheduler.account(clock.now())
        if absences and clock.now() >= absences[0]:
            del absences[0]
            clock.set(clock.now() + timedelta(minutes=random.randrange(300)))
            scheduler = Scheduler(model, book, ledger, clock.now(), horizon=35 * 86_400)
    for _ in range(3):
        clock.set(clock.now() + timedelta(seconds=5))
        for fire in scheduler.take(clock.now(), room=999)[0]:
            context.aws_request_id = ids.ulid(clock.now())
            runtime.handle(fire.task, fire.event, context)
            scheduler.settle(fire, clock.now())
    assert not scheduler.is_owing()

    expected, records = set[str](), dict[str, str]()
    for task in model.tasks:
        expected |= {f"{task.name}@{instant(time)}" for time in Timetable(task).fires(start, start + WEEK)}
        records |= {f"{task.name}@{key.sort}": record.state for key, record in ledger.records(f"R#{task.name}")}
    assert len(expected) > 2000
    assert records.keys() >= expected
    assert set(calls.values()) == {1}
    assert {run for run, state in records.items() if state == "DONE"} == calls.keys()
    assert set(records.values()) == {"DONE", "MISSED"}
    assert sum(state == "MISSED" for state in records.values()) < len(expected) / 4
