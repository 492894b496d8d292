"""Runs of the past on AWS: each is a schedule of its own, beside that of its task."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from cloud_cron.config import Settings
from cloud_cron.errors import CloudCronError, NotFound
from cloud_cron.values import replace
from cloud_cron_cli.backfilling import planned, queued
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_place import AwsPlace
from cloud_cron_cli.operating.place import Coming
from cloud_cron_cli.pausing import pause
from tests.operating.app import due
from tests.operating.aws_world import GROUP
from tests.operating.test_backfilling_contract import asked, past

pytestmark = pytest.mark.moto


def stamped(hour):
    return due(hour).replace("-", "").replace(":", "")


def times(aws):
    return [
        datetime.strptime(each["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        for each in aws.one_time()
    ]


def test_a_schedule_has_the_target_of_that_of_its_task_and_asks_for_the_run(aws):
    aws.schedule()
    asked(aws, 1, again=2)
    [made] = aws.one_time()
    regular = aws.session.client("scheduler").get_schedule(GroupName=GROUP, Name="shop-dev-export")
    event = {"task": "export", "scheduled_at": due(1), "trigger": "backfill", "again": 2}
    assert made["Name"] == f"export.{stamped(1)}.2"
    assert json.loads(made["Target"].pop("Input")) == event
    assert regular["Target"].pop("Input") == "{}"
    assert made["Target"] == regular["Target"]
    assert (made["State"], made["ActionAfterCompletion"], made["ScheduleExpressionTimezone"]) == (
        "ENABLED", "DELETE", "UTC",
    )  # fmt: skip


def test_runs_begin_soon_one_after_the_other_and_after_those_that_wait(aws):
    aws.schedule()
    place, wanted = aws.again(), past(aws, 1, 2, 3)
    turns = place.turns(wanted.task)
    assert turns.coming() == Coming()
    queued(place, turns, wanted)
    first, second, third = times(aws)
    assert turns.coming() == Coming(first, third)
    now = datetime.now(UTC)
    assert timedelta(seconds=30) < first - now < timedelta(hours=1)
    assert min(second - first, third - second) >= timedelta(minutes=2)
    asked(aws, 4)
    assert times(aws)[:3] == [first, second, third]
    assert times(aws)[3] > third


def test_moments_are_counted_from_when_the_first_turn_is_given(aws):
    aws.schedule()
    clock, wanted = aws.clock, past(aws, 1, 2)
    place = AwsPlace(aws.project, aws.found(), aws.session, AwsAccount(aws.session), clock=clock)
    turns = place.turns(wanted.task)
    plans = planned(place, turns, wanted)
    clock.set(clock.now() + timedelta(minutes=10))
    for plan in plans:
        turns.give(wanted.key(plan.at), wanted.event(plan.at))
    assert times(aws)[0] > clock.now()


def test_a_paused_task_makes_them(aws):
    aws.deploy()
    pause(aws.project, aws.again(), ["export"])
    asked(aws, 1)
    assert [each["State"] for each in aws.one_time()] == ["ENABLED"]


@contextmanager
def refusing(aws, code, *, after):
    """AWS refuses to make a schedule, after so many of them."""
    events, left = aws.session.client("scheduler").meta.events, [None] * after

    def answer(**_):
        if left:
            return left.pop()
        return SimpleNamespace(status_code=400), {"Error": {"Code": code, "Message": "no"}}

    events.register("before-call.scheduler.CreateSchedule", answer)
    try:
        yield
    finally:
        events.unregister("before-call.scheduler.CreateSchedule", answer)


def test_what_is_refused_half_way_says_what_was_done_and_is_asked_for_again(aws):
    aws.schedule()
    with refusing(aws, "AccessDeniedException", after=2), pytest.raises(CloudCronError, match="CC803") as caught:
        asked(aws, 1, 2, 3, 4)
    assert str(caught.value.hint).endswith("; 2 runs queued before; the same command queues the others")
    [(_, told)] = aws.ledger.records("A#export")
    assert json.loads(told.data) == {"runs": 2, "first": f"export@{due(1)}", "last": f"export@{due(2)}"}
    assert asked(aws, 1, 2, 3, 4) == ["waiting", "waiting", "queued", "queued"]
    assert aws.done() == [("backfill", "export")] * 2
    aws.take_up()
    assert aws.calls == [f"export@{due(hour)}" for hour in (1, 2, 3, 4)]


def test_what_is_refused_at_once_says_nothing_of_others(aws):
    aws.schedule()
    with refusing(aws, "AccessDeniedException", after=0), pytest.raises(CloudCronError, match="CC803") as caught:
        asked(aws, 1)
    assert "queued before" not in str(caught.value.hint)
    assert aws.done() == []


def test_a_run_that_somebody_else_queued_meanwhile_is_queued_once(aws):
    aws.schedule()
    place, wanted = aws.again(), past(aws, 1)
    turns = place.turns(wanted.task)
    assert [plan.state for plan in planned(place, turns, wanted)] == ["queued"]
    asked(aws, 1)
    turns.give(wanted.key(wanted.times[0]), wanted.event(wanted.times[0]))
    assert len(aws.one_time()) == 1
    assert turns.coming() == Coming()


def test_the_schedules_of_another_task_are_none_of_its_own(aws):
    aws.schedule()
    client = aws.session.client("scheduler")
    [target] = [client.get_schedule(GroupName=GROUP, Name="shop-dev-export")["Target"]]
    client.create_schedule(
        GroupName=GROUP, Name=f"export_all.{stamped(1)}", ScheduleExpression="at(2030-01-01T00:00:00)",
        FlexibleTimeWindow={"Mode": "OFF"}, Target=target,
    )  # fmt: skip
    assert asked(aws, 1) == ["queued"]


def test_a_task_that_has_no_schedule_there_yet(aws):
    with pytest.raises(NotFound, match="CC826 task 'export' has no schedule at stage dev"):
        asked(aws, 1)


def test_a_task_that_is_not_deployed_yet(aws):
    aws.schedule()
    fresh = replace(aws.project.task("export"), name="fresh")
    with pytest.raises(NotFound, match="CC826 task 'fresh' is not deployed at stage dev"):
        aws.again().turns(fresh)


def test_what_keeps_no_records_is_known(aws):
    aws.schedule()
    task = aws.project.task("export")
    assert aws.again().turns(task).remembers
    bare = replace(task, topics=())
    assert not aws.again().turns(bare).remembers
    aws.project = aws.project._replace(settings=Settings("dev", watch="ops"))
    assert aws.again().turns(bare).remembers
