from __future__ import annotations

import json

import pytest

from cloud_cron.errors import Ambiguous, Permanent
from cloud_cron.local.lock import HostLock, holder
from cloud_cron.ports import Key, Record

UNTOLD = {"bounced": None, "complained": None, "refused": None}


def test_the_json_shape_of_what_has_only_begun(ground, run):
    ground()

    assert json.loads(run("status", "--json").stdout) == {
        "tasks": [
            {"name": "morning", "last": None, "next": None, "paused": False, "missed": 0},
            {"name": "later", "last": None, "next": "2199-01-01T08:00:00+01:00", "paused": False, "missed": 0},
            {"name": "by_hand", "last": None, "next": None, "paused": False, "missed": 0},
        ],
        "notifiers": [{"name": "mail", "queued": 0, "in_flight": 0, "dead": 0, "sent": 0, "doubt": 0, **UNTOLD}],
    }


def test_what_became_of_runs_and_deliveries(ground, run):
    here = ground()
    here.senders.answers = {
        "Ada@example.org": [Ambiguous("reset"), Ambiguous("reset")],
        "bob@example.org": [Permanent("no such box")],
    }
    engine = here.engine()
    ran = engine.run("morning").run
    with pytest.raises(ValueError, match="station"):
        engine.run("by_hand")
    here.settle(engine)
    engine.run("morning")
    latest = max(here.ledger.records("R#morning"), key=lambda each: each[1].at)[1]

    shown = json.loads(run("status", "--json").stdout)
    morning, later, by_hand = shown["tasks"]
    assert morning["last"]["run_id"] == f"morning!{latest.source}"
    assert morning["last"]["scheduled_at"] > ran.scheduled_at.isoformat()
    assert (morning["last"]["state"], morning["last"]["reason"]) == ("done", None)
    assert by_hand["last"]["state"] in {"failed", "retry"}
    assert by_hand["last"]["reason"].startswith("ValueError: no such station at app.py:")
    assert later["last"] is None
    [mail] = shown["notifiers"]
    assert (mail["dead"], mail["sent"], mail["doubt"]) == (1, 0, 1)


def test_what_waits_and_what_is_in_flight(ground, run):
    here = ground()
    engine = here.engine()
    engine.run("morning")
    here.bus.receive(engine.queue("mail"))
    engine.run("morning")
    engine.run("morning")

    [mail] = json.loads(run("status", "--json").stdout)["notifiers"]
    assert (mail["queued"], mail["in_flight"]) == (2, 1)


def test_the_run_with_the_latest_time_counts_whatever_became_of_it(ground, run):
    here = ground()
    for hour, state, reason in ((6, "DONE", ""), (7, "FAILED", "broken"), (8, "MISSED", "nobody was there")):
        at = 1_900_000_000.0 + hour * 3600
        here.ledger.create(Key("R#morning", f"2030-03-17T{hour:02}:46:40Z"), Record(state, at=at, reason=reason))
    here.ledger.create(Key("R#morning", "2020-01-01T00:00:00Z"), Record("MISSED", at=1_577_836_800.0))
    morning = json.loads(run("status", "--json").stdout)["tasks"][0]

    assert morning["missed"] == 1
    assert morning["last"] == {
        "run_id": "morning@2030-03-17T08:46:40Z",
        "scheduled_at": "2030-03-18T02:46:40+01:00",
        "state": "missed",
        "reason": "nobody was there",
    }


def test_a_person_sees_who_is_paused_what_failed_and_what_is_under_way(ground, run):
    here = ground()
    here.book.pause(["later", "mail"], 1.0)
    here.ledger.create(Key("R#morning", "2020-01-01T07:00:00Z"), Record("FAILED", at=1_577_862_000.0, reason="broken"))
    here.ledger.create(Key("R#by_hand", "!01"), Record("CLAIMED", lease=1_900_000_000.5, attempts=2, at=1.0))
    shown = run("status")
    rows = {line.split()[0]: line.split() for line in shown.stdout.splitlines() if line}

    assert rows["weather"] == ["weather", "stage", "dev,", "dev.db"]
    assert " ".join(rows["morning"][1:]) == "Wed 1 Jan 2020 08:00 failed: broken never again 0"
    assert " ".join(rows["later"][1:]) == "never Tue 1 Jan 2199 08:00 paused 0"
    assert rows["mail"] == ["mail", "paused", "0", "0", "0", "0", "0"]
    assert " ".join(rows["by_hand!01"][1:]) == "2 Sun 2030-03-17 17:46:40 +00:00"
    assert shown.stderr == ""


def test_dead_letters_are_a_hint_to_the_command_that_shows_them(ground, run):
    here = ground()
    here.senders.answers = {"bob@example.org": [Permanent("no such box")]}
    engine = here.engine()
    engine.run("morning")
    engine.deliver()
    shown = run("status")

    assert "`cloud-cron dlq list`" in shown.stderr
    assert shown.stdout.splitlines()[-1].split() == ["mail", "0", "0", "1", "1", "0"]


def test_who_serves_is_who_holds_the_lock(ground, run):
    here = ground()
    assert "nobody serves it at the moment" in run("status").stdout

    with HostLock(here.path, {**holder("serve", "2030-01-01T00:00:00+00:00"), "more": 1}):
        shown = run("status").stdout
        assert "served by `cloud-cron serve`, process " in shown
        assert "since 2030-01-01T00:00:00+00:00" in shown
    # The file says the same, and nobody holds it.
    assert "nobody serves it at the moment" in run("status").stdout
    with HostLock(here.path, {}):
        assert "served by a process that is just starting" in run("status").stdout


def test_where_nothing_has_run_there_is_nothing_to_tell_and_nothing_is_made(project, run):
    folder = project()
    shown = run("status", "--json")

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "CC740 nothing has run here yet at stage 'dev'" in shown.stderr
    assert "`cloud-cron dev` or `cloud-cron serve`" in shown.stderr
    assert not (folder / ".cloud-cron").exists()


def test_the_database_of_dev_serves_where_there_is_no_other_one_which_is_said(ground, run):
    here = ground(sends=False)
    here.book.pause(["morning"], 1.0)
    shown = run("status", "--json")

    assert shown.stderr == "nothing was served here yet: this is about dev.dev.db, the database of `cloud-cron dev`\n"
    assert json.loads(shown.stdout)["tasks"][0]["paused"]
    assert run("status", "--dev").stderr == ""


def test_who_asks_for_the_database_of_dev_never_gets_the_one_that_sends(ground, run):
    ground()
    shown = run("status", "--dev")

    assert shown.exit_code == 2
    assert "CC740" in shown.stderr
    assert "hint leave out --dev for dev.db" in shown.stderr
    ground(sends=False)
    assert "dev.dev.db" in run("status", "--dev").stdout
    assert "dev.db" in run("status").stdout


def test_each_stage_has_its_own(ground, run):
    ground()

    assert "CC740 nothing has run here yet at stage 'prod'" in run("status", "--stage", "prod").stderr
    assert "hint `cloud-cron dev`" in run("status", "--stage", "prod", "--dev").stderr
