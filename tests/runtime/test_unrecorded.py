"""A task without records is run as the task core would run it on a ledger that forgets."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import CloudCron, Run
from cloud_cron.errors import CloudCronError
from cloud_cron.runtime import Runtime
from cloud_cron.runtime.forgetful import ForgetfulLedger
from cloud_cron.runtime.secrets import SecretValues
from cloud_cron.runtime.unrecorded import Unrecorded
from tests.runtime.support import World

SCHEDULED = {"task": "tick", "scheduled_at": "2030-01-01T08:00:00Z", "attempt": "1", "schedule": "arn"}
RESULTS: dict[str, Any] = {
    "nothing": lambda: None,
    "no topic": dict,
    "an undeclared topic": lambda: {"reports": {}},
    "text": lambda: "done",
    "an error": lambda: 1 / 0,
    "its end": lambda: sys.exit(3),
}
TIMES = ["2030-01-01T08:00:00Z", "2029-06-01T08:00:00+02:00", "2031-01-01T00:00:00Z", "2030-01-09T00:00:00Z", "soon", 7]
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "task": st.sampled_from(["tick", "tock", None]),
        "scheduled_at": st.sampled_from([*TIMES, "<aws.scheduler.scheduled-time>"]),
        "schedule": st.just("arn"),
        "input": st.sampled_from([None, {"a": [1]}, float("nan")]),
        "as_of": st.sampled_from([None, *TIMES]),
        "trigger": st.sampled_from(["backfill", "schedule"]),
        "again": st.integers(-1, 2),
    },
)
OPTIONS = st.fixed_dictionaries(
    {"retries": st.integers(0, 2), "timezone": st.sampled_from(["UTC", "Europe/Berlin"])},
    optional={
        "start": st.just("2030-01-01T00:00:00Z"),
        "end": st.just("2030-06-01T00:00:00+01:00"),
        "input": st.just({"standard": True}),
        "secrets": st.just({"key": "ssm:/key"}),
    },
)


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "5d6f"

    def get_remaining_time_in_millis(self) -> int:
        return 4_500


def declared(result: str, options: dict[str, Any]) -> tuple[CloudCron, list[Any]]:
    app, seen = CloudCron("shop"), []

    @app.schedule("rate(1 hour)", **options)
    def tick(run: Run):
        seen.append((run, run.previous, run.next, run.last, run.remaining(), dict(run.secrets)))
        return RESULTS[result]()

    return app, seen


def outcome(handle: Any, event: object) -> object:
    try:
        return handle(event, Context())
    except CloudCronError as error:
        return type(error), error.code, error.message, error.where, error.hint
    except ArithmeticError as error:
        return repr(error)


@given(st.one_of(EVENTS, st.just(SCHEDULED), st.none()), st.sampled_from(sorted(RESULTS)), OPTIONS)
def test_every_event_has_the_outcome_that_the_task_core_gives_it(event, result, options):
    app, seen = declared(result, options)
    core, world = World(), World()
    on = Runtime(app, app.model(), replace(core.ports, ledger=ForgetfulLedger()), stage="dev", queues={})
    task = app.tasks["tick"]
    alone = Unrecorded(
        task.model,
        task.function,
        secrets=SecretValues(task.model.secrets, world.vault),
        clock=world.clock,
        journal=world.journal,
        known=app.tasks,
    )

    assert outcome(alone, event) == outcome(lambda *given: on.handle("tick", *given), event)
    assert world.journal.states == core.journal.states
    assert [run.reason for run in world.journal.runs] == [run.reason for run in core.journal.runs]
    half = len(seen) // 2
    assert seen[:half] == seen[half:]


@pytest.mark.parametrize(("retries", "state"), [(0, "failed"), (2, "retry")])
def test_a_failure_is_told_with_its_place_and_raised(retries, state):
    app, _ = declared("an error", {"retries": retries})
    world, task = World(), app.tasks["tick"]
    alone = Unrecorded(task.model, task.function, secrets={}, clock=world.clock, journal=world.journal, known=app.tasks)
    with pytest.raises(ZeroDivisionError):
        alone(SCHEDULED, Context())
    [report] = world.journal.runs
    assert (report.state, report.run.id) == (state, "tick@2030-01-01T08:00:00Z")
    assert report.reason.startswith("ZeroDivisionError: division by zero at test_unrecorded.py:")
