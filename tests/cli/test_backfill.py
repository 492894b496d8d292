from __future__ import annotations

import json

import pytest

from cloud_cron.local.lock import HostLock, holder
from cloud_cron.ports import Key, Record

SPAN = ("--from", "2020-01-01", "--to", "2020-01-03T08:00")
KEY = Key("R#morning", "2020-01-02T07:00:00Z")


def queued(shown):
    assert shown.exit_code == 0, shown.stderr
    return [(run["id"].partition("@")[2], run["state"]) for run in json.loads(shown.stdout)["runs"]]


def test_each_time_of_the_span_is_a_run_of_the_host(ground, run):
    here = ground()
    shown = run("backfill", "morning", *SPAN, "--json")

    assert json.loads(shown.stdout) == {
        "task": "morning",
        "runs": [
            {
                "id": f"morning@2020-01-0{day}T07:00:00Z",
                "scheduled_at": f"2020-01-0{day}T08:00:00+01:00",
                "state": "queued",
            }
            for day in (1, 2, 3)
        ],
    }
    record = here.ledger.get(KEY)
    assert record
    assert (record.state, record.attempts, record.source, record.at) == ("RETRY", 0, "", 1577948400.0)
    event = {"task": "morning", "scheduled_at": "2020-01-02T07:00:00Z", "trigger": "backfill"}
    assert json.loads(record.data) == {"event": event}

    engine = here.engine()
    here.settle(engine)
    assert {run.state for _, run in here.ledger.records("R#morning")} == {"DONE"}
    assert [run.attempts for _, run in here.ledger.records("R#morning")] == [1, 1, 1]
    assert len(here.senders.accepted) == 6
    assert here.done() == [
        {
            "status": "backfill",
            "task": "morning",
            "runs": 3,
            "first": "morning@2020-01-01T07:00:00Z",
            "last": "morning@2020-01-03T07:00:00Z",
        }
    ]


@pytest.mark.parametrize("state", ["DONE", "CLAIMED", "RECORDED", "RETRY"])
def test_a_run_that_was_made_or_is_being_made_is_left_alone(ground, run, state):
    here = ground()
    found = Record(state, token="t", attempts=1, source="s", at=1577948400.0, data="{}")
    here.ledger.create(KEY, found)
    shown = run("backfill", "morning", *SPAN)

    assert shown.stdout.splitlines()[1] == f"Thu 2020-01-02 08:00 +01:00  made before: {state.lower()}"
    assert "1 run made before; --again 1 makes them once more" in shown.stderr
    assert here.ledger.get(KEY) == found


@pytest.mark.parametrize("state", ["SKIPPED", "MISSED", "FAILED"])
def test_a_run_that_was_not_made_is_made_as_if_for_the_first_time(ground, run, state):
    here = ground()
    here.ledger.create(
        KEY, Record(state, token="t", attempts=3, at=1577948400.0, reason="x", data="{}", forwarded=True)
    )
    shown = run("backfill", "morning", *SPAN)

    assert shown.stdout.splitlines()[1] == f"Thu 2020-01-02 08:00 +01:00  queued  it was {state.lower()}"
    record = here.ledger.get(KEY)
    assert record
    assert (record.state, record.attempts, record.reason, record.forwarded) == ("RETRY", 0, "", False)
    here.settle(here.engine())
    assert [run.attempts for _, run in here.ledger.records("R#morning")] == [1, 1, 1]


def test_again_makes_runs_of_their_own(ground, run):
    here = ground()
    engine = here.engine()
    run("backfill", "morning", *SPAN)
    here.settle(engine)
    here.senders.accepted.clear()

    assert queued(run("backfill", "morning", *SPAN, "--json")) == [
        (f"2020-01-0{d}T07:00:00Z", "done") for d in (1, 2, 3)
    ]
    shown = run("backfill", "morning", *SPAN, "--again", "1", "--json")
    assert queued(shown) == [(f"2020-01-0{day}T07:00:00Z#1", "queued") for day in (1, 2, 3)]
    here.settle(engine)
    assert len(here.senders.accepted) == 6
    assert here.ledger.records("R#morning")[1][0].sort == "2020-01-01T07:00:00Z#1"
    assert {record.state for _, record in here.ledger.records("R#morning")} == {"DONE"}
    shown = run("backfill", "morning", *SPAN, "--again", "1")
    assert "3 runs made before; --again 2 makes them once more" in shown.stderr


def test_a_dry_run_makes_nothing(ground, run):
    here = ground()
    shown = run("backfill", "morning", *SPAN, "--dry-run")

    assert shown.stdout.splitlines()[0] == "Wed 2020-01-01 08:00 +01:00  queued"
    assert shown.stderr == "nothing was queued: this was a dry run\n"
    assert here.ledger.records("R#morning") == []
    assert here.done() == []


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2020-01-01T08:00", "2020-01-01T08:00", 1),
        ("2020-01-01T07:00:00Z", "2020-01-01T07:00:00Z", 1),
        ("2020-01-01T08:00:01", "2020-01-02T07:59:59", 0),
        ("2019-12-01", "2020-01-02", 1),
        ("2020-12-30", "2199-12-31", 2),
        ("0001-01-01", "9999-12-31T23:59", 366),
    ],
)
def test_both_ends_are_included_and_what_has_not_come_is_left_out(ground, run, first, last, days):
    ground()

    assert len(queued(run("backfill", "morning", "--from", first, "--to", last, "--json"))) == days


def test_no_time_at_all_is_said(ground, run):
    ground()
    shown = run("backfill", "later", "--from", "2020-01-01", "--to", "2200-01-01")

    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no time of later has come from Wed 2020-01-01 00:00 +01:00 to" in shown.stderr


def test_many_runs_are_shown_in_part(ground, run):
    ground()
    short = run("backfill", "morning", "--from", "2020-01-01", "--to", "2020-01-31", "--dry-run").stdout
    whole = run("backfill", "morning", "--from", "2020-01-01", "--to", "2020-01-31", "--dry-run", "-v").stdout

    assert short.splitlines()[-1] == "… 10 more; -v shows them"
    assert len(whole.splitlines()) == 30


def test_very_many_runs_need_a_yes(ground, run):
    app = "from cloud_cron import CloudCron\napp = CloudCron('a')\n@app.schedule('rate(1 minute)')\ndef often(): ..."
    here = ground(app)
    line = ["backfill", "often", "--from", "2020-01-01T00:00", "--to"]

    refused = run(*line, "2020-01-01T16:40")
    assert refused.exit_code == 2
    assert "these are more than 1,000 runs" in refused.stderr
    assert "add --yes" in refused.stderr
    assert here.ledger.open_runs() == []
    assert run(*line, "2020-01-01T16:40", "--dry-run").exit_code == 0
    assert run(*line, "2020-01-01T16:39", "-q").exit_code == 0
    assert run(*line, "2020-01-01T16:40", "--yes").exit_code == 0
    assert len(here.ledger.open_runs()) == 1001


def test_without_a_host_it_is_said_when_they_begin(ground, run):
    here = ground()

    assert run("backfill", "morning", *SPAN).stderr.endswith(
        "3 runs queued\nnobody serves this database: they begin when `cloud-cron serve` does\n"
    )
    with HostLock(here.path, holder("serve", "now")):
        assert run("backfill", "morning", *SPAN, "--again", "1").stderr == "3 runs queued\n"
    ground(sends=False)
    assert "when `cloud-cron dev` does" in run("backfill", "morning", *SPAN, "--dev").stderr


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["mornin", *SPAN], "CC720 there is no task 'mornin'"),
        (["mail", *SPAN], "CC720"),
        (["by_hand", *SPAN], "task 'by_hand' has no schedule"),
        (["morning", "--from", "2020-01-02", "--to", "2020-01-01"], "is after --to"),
        (["morning", "--from", "2020-01-02"], "Missing option '--to'"),
        (["morning", "--from", "soon", "--to", "2020-01-02"], "is no ISO 8601 date and time"),
        (["morning", *SPAN, "--again", "0"], "x>=1"),
    ],
)
def test_what_cannot_be_asked(ground, run, line, told):
    here = ground()
    shown = run("backfill", *line)

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert told in shown.stderr
    assert here.ledger.open_runs() == []


def test_where_nothing_has_run(project, run):
    folder = project()

    assert "CC740" in run("backfill", "morning", *SPAN).stderr
    assert not (folder / ".cloud-cron").exists()
