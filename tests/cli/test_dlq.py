from __future__ import annotations

import json
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.errors import Ambiguous, Permanent, Retry
from cloud_cron.local.lock import HostLock, holder
from cloud_cron.ports import Key, Outgoing, Record
from cloud_cron_cli.operating.remedies import REMEDIES
from tests.cli.ground import APP

ADA, BOB = "Ada@example.org", "bob@example.org"


def message(engine, number=1):
    """The id of the message of the run on that day."""
    [published] = engine.run("morning", datetime(2020, 1, number, 7, tzinfo=UTC)).published
    return published.id


@pytest.fixture
def parked(ground):
    """One message that bob refuses; a ground, its engine, the id of the message."""
    here = ground()
    here.senders.answers = {BOB: [Permanent("no such box")]}
    engine = here.engine()
    unique = message(engine)
    here.settle(engine)
    return here, engine, unique


@pytest.fixture
def doubtful(ground):
    """One message of which nobody knows whether ada has it; bob has."""
    here = ground()
    here.senders.answers = {ADA: [Ambiguous("reset"), Ambiguous("reset")]}
    engine = here.engine()
    unique = message(engine)
    here.settle(engine)
    assert here.senders.accepted == [BOB]
    here.senders.accepted.clear()
    return here, engine, unique


def configured(here, line):
    """Say something about the notifier in the configuration."""
    (here.path.parent.parent / "cloud-cron.toml").write_text(f"[notifiers.mail]\n{line}\n")


def told(shown):
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def letters(run):
    return told(run("dlq", "list", "--json"))["letters"]


def states(here, unique):
    return sorted(record.state for _, record in here.ledger.records(f"E#mail#{unique}"))


# Looking


LARGE = """
@app.schedule(topics=["reports"])
def dump(run): return {"reports": {"rows": "x" * 300_000, "n": 1}}
"""


def test_a_large_payload_is_shown_whole_and_its_loss_is_told(ground, run):
    here = ground(APP + LARGE)
    here.senders.answers = {BOB: [Permanent("no such box")]}
    engine = here.engine()
    [published] = engine.run("dump").published
    here.settle(engine)
    shown = told(run("dlq", "show", "mail", published.id, "--json"))
    assert shown["payload"] == {"rows": "x" * 300_000, "n": 1}
    assert "x" * 300_000 in run("dlq", "show", "mail", published.id).stdout
    [letter] = letters(run)
    assert (letter["id"], letter["topic"], letter["task"]) == (published.id, "reports", "dump")

    here.store.change("DELETE FROM payloads")
    lost = run("dlq", "show", "mail", published.id, "--json")
    assert (told(lost)["payload"], told(lost)["deliveries"] != []) == ({}, True)
    assert "its payload is lost: CC613" in lost.stderr


def test_the_json_shape_of_the_list(parked, run):
    _, _, unique = parked
    [letter] = letters(run)

    assert letter.pop("at")
    assert letter == {
        "hop": "notifier",
        "notifier": "mail",
        "id": unique,
        "code": "permanent",
        "reason": "no such box",
        "task": "morning",
        "run_id": "morning@2020-01-01T07:00:00Z",
        "topic": "reports",
    }
    assert told(run("dlq", "--json", "list", "mail"))["letters"][0]["id"] == unique


def test_a_person_sees_the_beginning_of_the_id_and_all_of_it_when_asked(parked, run):
    _, _, unique = parked
    row = run("dlq", "list").stdout.splitlines()[1]

    assert re.fullmatch(rf"notifier  mail +{unique[:12]}  morning  (now|\d+ s ago) +permanent  no such box", row)
    assert unique in run("dlq", "list", "-v").stdout


def test_without_dead_letters(ground, run):
    ground()

    assert run("dlq", "list").stdout == "no dead letters\n"
    assert letters(run) == []


def test_the_json_shape_of_one_letter(parked, run):
    here, _, unique = parked
    shown = told(run("dlq", "show", "mail", unique[:6].lower(), "--json"))

    keys = {record.state: key.sort for key, record in here.ledger.records(f"E#mail#{unique}")}
    assert shown["payload"] == {"station": "KSEA", "run": "morning@2020-01-01T07:00:00Z"}
    assert sorted(shown["deliveries"], key=lambda each: each["state"]) == [
        {
            "recipient": BOB,
            "key": keys["REJECTED"],
            "state": "rejected",
            "attempts": 1,
            "ambiguous": 0,
            "accepts": 0,
            "code": "permanent",
            "reason": "no such box",
        },
        {
            "recipient": ADA,
            "key": keys["SENT"],
            "state": "sent",
            "attempts": 1,
            "ambiguous": 0,
            "accepts": 1,
            "code": "",
            "reason": "",
        },
    ]
    assert {name: shown[name] for name in ("id", "code", "topic", "hint")} == {
        "id": unique,
        "code": "permanent",
        "topic": "reports",
        "hint": None,
    }


def test_what_to_do_about_a_code_is_shown_with_it(doubtful, run):
    _, _, unique = doubtful
    lines = run("dlq", "show", "mail", unique).stdout.splitlines()
    assert lines[1].startswith("ambiguous  ")
    assert lines[2] == f"  hint {REMEDIES['ambiguous']}"
    assert told(run("dlq", "show", "mail", unique, "--json"))["hint"] == REMEDIES["ambiguous"]


def test_a_person_sees_payload_and_recipients(parked, run):
    _, _, unique = parked
    lines = run("dlq", "show", "mail", unique).stdout.splitlines()

    assert lines[0].startswith(f"mail  {unique}  ")
    assert lines[1:7] == [
        "permanent  no such box",
        "run morning@2020-01-01T07:00:00Z",
        "",
        "reports",
        "│ {",
        '│   "station": "KSEA",',
    ]
    rows = {line.split()[0]: line.split()[1:] for line in lines[9:] if line}
    assert rows[ADA] == ["sent", "1"]
    assert rows[BOB] == ["rejected", "1", "no", "such", "box"]


def test_a_recipient_whom_nobody_is_configured_for_is_a_hash(parked, run):
    here, _, unique = parked
    configured(here, f'recipients = ["{ADA}"]')
    shown = told(run("dlq", "show", "mail", unique, "--json"))

    assert {each["recipient"] for each in shown["deliveries"]} == {ADA, None}
    assert "somebody else, " in run("dlq", "show", "mail", unique).stdout


def test_letters_that_no_task_of_ours_wrote(ground, run):
    here = ground()
    engine = here.engine()
    for name, body in (("a", '{"hello": "you"}'), ("b", "no\x1b[2J json")):
        here.bus.send(engine.queue("mail"), Outgoing(name, name, body), {})
    here.senders.answers = {ADA: [Permanent("no")], BOB: [Permanent("no")]}
    here.settle(engine)
    own, broken = letters(run)

    assert (own["task"], own["run_id"], own["topic"], own["code"]) == (None, None, "reports", "permanent")
    assert (broken["topic"], broken["code"]) == (None, "CC604")
    assert told(run("dlq", "show", "mail", own["id"], "--json"))["payload"] == {"hello": "you"}
    shown = run("dlq", "show", "mail", broken["id"]).stdout
    assert "the body cannot be read\n│ no\\x1b[2J json\n" in shown
    assert "all of them" in shown


def test_a_letter_that_the_queue_gave_up(ground, run):
    here = ground()
    engine = here.engine()
    message(engine)
    for _ in range(5000):
        if not here.bus.receive(engine.queue("mail")):
            break
        here.clock.set(here.clock.now() + timedelta(seconds=360))
    [letter] = letters(run)

    assert letter["code"] == "receives"
    assert "received 1000 times, and never settled" in letter["reason"]


@pytest.mark.parametrize("command", ["show", "redrive", "resolve"])
def test_a_letter_that_is_not_there(parked, run, command):
    line = ["dlq", command, "mail", "WRONG", *(["--sent"] if command == "resolve" else [])]
    shown = run(*line)

    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "CC741 'mail' has no dead letter 'WRONG'" in shown.stderr
    assert "`cloud-cron dlq list mail`" in shown.stderr


def test_a_beginning_that_several_have(ground, run):
    here = ground()
    engine = here.engine()
    for name in ("one", "other"):
        here.bus.send(engine.dead_letters("mail"), Outgoing(name, name, "{}"), {"cc_message_id": name})

    shown = run("dlq", "show", "mail", "o")
    assert shown.exit_code == 2
    assert "CC742 2 dead letters begin with 'o'" in shown.stderr
    assert run("dlq", "show", "mail", "on").exit_code == 0
    assert run("dlq", "show", "mail", "").exit_code == 2


@pytest.mark.parametrize(
    "line",
    [["list", "mal"], ["show", "mal", "x"], ["redrive", "mal"], ["resolve", "mal", "x", "--sent"]],
)
def test_a_notifier_that_is_not_there(ground, run, line):
    ground()
    shown = run("dlq", *line)

    assert shown.exit_code == 2
    assert "CC721 there is no task and no notifier 'mal'" in shown.stderr


@pytest.mark.parametrize(
    "line",
    [["list"], ["show", "mail", "x"], ["redrive", "mail"], ["resolve", "mail", "x", "--sent"]],
)
def test_where_nothing_has_run(project, run, line):
    folder = project(APP)

    assert "CC740" in run("dlq", *line).stderr
    assert not (folder / ".cloud-cron").exists()


# Redriving


def test_a_redriven_letter_reaches_whoever_was_not_told_and_nobody_else(parked, run):
    here, engine, unique = parked
    here.senders.accepted.clear()
    shown = told(run("dlq", "redrive", "mail", "--json"))

    assert shown == {"notifier": "mail", "redriven": [unique], "count": 1}
    assert letters(run) == []
    here.settle(engine)
    assert here.senders.accepted == [BOB]
    assert letters(run) == []
    assert here.done() == [{"status": "redriven", "notifier": "mail", "messages": [unique]}]


def test_of_several_letters_those_that_were_named(ground, run):
    here = ground()
    here.senders.answers = {BOB: [Permanent(f"no {number}") for number in range(4)]}
    engine = here.engine()
    ids = [message(engine, day) for day in (1, 2, 3, 4)]
    here.settle(engine)
    here.senders.accepted.clear()
    shown = run("dlq", "redrive", "mail", ids[2], ids[1][:10], ids[1])

    assert shown.stdout == "2 messages back in the queue of mail\n"
    assert [letter["id"] for letter in letters(run)] == [ids[0], ids[3]]
    here.settle(engine)
    assert here.senders.accepted == [BOB, BOB]
    assert run("dlq", "redrive", "mail", ids[0], "WRONG").exit_code == 2
    assert [letter["id"] for letter in letters(run)] == [ids[0], ids[3]]


def test_nothing_to_redrive(ground, run):
    here = ground()
    shown = run("dlq", "redrive", "mail")

    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "0 messages back in the queue of mail\n", "")
    assert here.done() == []


def test_doubt_is_never_sent_again_by_a_redrive(doubtful, run):
    here, engine, unique = doubtful
    shown = run("dlq", "redrive", "mail")

    assert "1 of them will be dead again: deliveries in doubt need `cloud-cron dlq resolve`" in shown.stderr
    here.settle(engine)
    assert here.senders.accepted == []
    assert [letter["id"] for letter in letters(run)] == [unique]
    assert states(here, unique) == ["DOUBT", "SENT"]


def test_why_nothing_happens_at_once_is_said(parked, run):
    here, _, _ = parked

    assert "nobody serves this database" in run("dlq", "redrive", "mail").stderr
    with HostLock(here.path, holder("serve", "now")):
        here.bus.send("weather-dev-mail-dead", Outgoing("x", "x", "{}"), {})
        assert run("dlq", "redrive", "mail").stderr == ""
        here.bus.send("weather-dev-mail-dead", Outgoing("y", "y", "{}"), {})
        here.book.pause(["mail"], 1.0)
        assert "mail is paused" in run("dlq", "redrive", "mail").stderr
        here.book.resume(["mail"])
        configured(here, "enabled = false")
        here.bus.send("weather-dev-mail-dead", Outgoing("z", "z", "{}"), {})
        assert "mail is not enabled" in run("dlq", "redrive", "mail").stderr


# Resolving


def test_what_was_sent_is_told_to_nobody_again_and_its_letter_goes(doubtful, run):
    here, engine, unique = doubtful
    shown = run("dlq", "resolve", "mail", unique[:8], "--sent")

    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, f"{ADA}  counts as sent\n", "")
    assert letters(run) == []
    assert states(here, unique) == ["SENT", "SENT"]
    here.settle(engine)
    assert here.senders.accepted == []
    shown = told(run("status", "--json"))["notifiers"][0]
    assert (shown["dead"], shown["sent"], shown["doubt"]) == (0, 2, 0)


def test_what_is_sent_once_more_is_sent_once(doubtful, run):
    here, engine, unique = doubtful
    shown = run("dlq", "resolve", "mail", unique, "--resend")

    assert shown.stdout == f"{ADA}  will be tried once more\n"
    assert "nobody serves this database" in shown.stderr
    assert letters(run) == []
    assert states(here, unique) == ["RETRY", "SENT"]
    here.settle(engine)
    assert here.senders.accepted == [ADA]
    assert states(here, unique) == ["SENT", "SENT"]
    assert letters(run) == []
    here.settle(engine, hours=24)
    assert here.senders.accepted == [ADA]


def test_one_more_ambiguous_answer_is_doubt_again(doubtful, run):
    here, engine, unique = doubtful
    here.senders.answers = {ADA: [Ambiguous("reset again")]}
    run("dlq", "resolve", "mail", unique, "--resend")
    here.settle(engine)

    assert here.senders.accepted == []
    assert [(letter["id"], letter["reason"]) for letter in letters(run)] == [(unique, "reset again")]
    assert states(here, unique) == ["DOUBT", "SENT"]
    run("dlq", "resolve", "mail", unique, "--resend")
    here.settle(engine)
    assert here.senders.accepted == [ADA]


def test_a_worker_that_dies_over_the_resend_leaves_doubt(doubtful, run):
    here, engine, unique = doubtful
    here.senders.answers = {ADA: [KeyboardInterrupt()]}
    run("dlq", "resolve", "mail", unique, "--resend")
    with pytest.raises(KeyboardInterrupt):
        engine.deliver()
    here.settle(engine)

    assert here.senders.accepted == []
    assert states(here, unique) == ["DOUBT", "SENT"]
    assert [letter["id"] for letter in letters(run)] == [unique]


def test_an_answer_that_was_no_acceptance_for_sure_is_tried_again(doubtful, run):
    here, engine, unique = doubtful
    here.senders.answers = {ADA: [Retry("busy"), Retry("busy")]}
    run("dlq", "resolve", "mail", unique, "--resend")
    here.settle(engine)

    assert here.senders.accepted == [ADA]
    assert letters(run) == []


def test_who_did_it_is_kept_in_the_log(doubtful, run):
    here, _, unique = doubtful
    shown = told(run("dlq", "resolve", "mail", unique, "--sent", "--json"))
    [line] = here.done()

    assert shown == {"notifier": "mail", "id": unique, "resolved": [ADA], "letter": "gone"}
    assert line.pop("recipient") != ADA
    assert len(line.pop("key")) == 64
    assert line == {"status": "resolved as sent", "notifier": "mail", "message_id": unique}
    assert "mail  WARN resolved as sent  by=" in run("logs", "mail").stdout


@pytest.fixture
def both(ground):
    """One message of which nobody knows whether ada or bob has it."""
    here = ground()
    here.senders.answers = {ADA: [Ambiguous("reset")] * 2, BOB: [Ambiguous("reset")] * 2}
    engine = here.engine()
    unique = message(engine)
    here.settle(engine)
    return here, engine, unique


def test_one_recipient_of_several_is_settled_alone(both, run):
    here, engine, unique = both
    shown = run("dlq", "resolve", "mail", unique, "--sent", "--recipient", "Ada@EXAMPLE.ORG")

    assert shown.stdout.splitlines() == [
        f"{ADA}  counts as sent",
        "the dead letter stays: somebody else may not have been told of its message",
    ]
    assert states(here, unique) == ["DOUBT", "SENT"]
    again = told(run("dlq", "resolve", "mail", unique, "--resend", "--recipient", BOB, "--json"))
    assert again == {"notifier": "mail", "id": unique, "resolved": [BOB], "letter": "queued"}
    here.settle(engine)
    assert here.senders.accepted == [BOB]
    assert letters(run) == []


def test_resending_to_one_leaves_the_doubt_of_the_other(both, run):
    here, engine, unique = both
    run("dlq", "resolve", "mail", unique, "--resend", "--recipient", BOB)
    here.settle(engine)

    assert here.senders.accepted == [BOB]
    assert states(here, unique) == ["DOUBT", "SENT"]
    assert [letter["id"] for letter in letters(run)] == [unique]
    assert told(run("dlq", "resolve", "mail", unique, "--sent", "--json"))["letter"] == "gone"
    assert letters(run) == []


def test_both_are_settled_without_a_name(both, run):
    here, engine, unique = both
    assert sorted(told(run("dlq", "resolve", "mail", unique, "--resend", "--json"))["resolved"]) == [ADA, BOB]
    here.settle(engine)

    assert sorted(here.senders.accepted) == [ADA, BOB]


def test_the_letter_stays_while_somebody_was_refused(ground, run):
    here = ground()
    here.senders.answers = {ADA: [Ambiguous("reset")] * 2, BOB: [Permanent("no such box")]}
    engine = here.engine()
    unique = message(engine)
    here.settle(engine)
    shown = told(run("dlq", "resolve", "mail", unique, "--sent", "--json"))

    assert shown["letter"] == "stays"
    assert [letter["id"] for letter in letters(run)] == [unique]
    here.senders.accepted.clear()
    run("dlq", "redrive", "mail")
    here.settle(engine)
    assert here.senders.accepted == [BOB]


def test_a_recipient_whom_the_configuration_does_not_name_any_more(doubtful, run):
    here, _, unique = doubtful
    configured(here, f'recipients = ["{BOB}"]')
    shown = told(run("dlq", "resolve", "mail", unique, "--sent", "--recipient", ADA, "--json"))

    assert shown["resolved"] == [ADA]


def test_what_blocks_its_group_is_resolved_in_the_queue_itself(ground, run):
    here = ground(APP.replace("recipients=[", "on_poison='block', recipients=["))
    here.senders.answers = {ADA: [Ambiguous("reset")] * 2}
    engine = here.engine()
    unique = message(engine)
    behind = message(engine, 2)
    here.settle(engine)

    assert here.senders.accepted == [BOB]
    assert letters(run) == []
    assert told(run("dlq", "show", "mail", unique, "--json"))["id"] == unique
    assert run("dlq", "resolve", "mail", behind, "--sent").exit_code == 2
    run("dlq", "resolve", "mail", unique, "--resend")
    here.settle(engine)
    assert here.senders.accepted == [BOB, ADA, ADA, BOB]
    assert told(run("status", "--json"))["notifiers"][0]["queued"] == 0


@pytest.mark.parametrize(
    ("more", "told_"),
    [
        ((), "no delivery of "),
        (("--recipient", BOB), f"to {BOB} is rejected, and not in doubt"),
        (("--recipient", "carol@example.org"), "knows of no delivery of "),
    ],
)
def test_what_is_not_in_doubt_cannot_be_resolved(parked, run, more, told_):
    here, _, unique = parked
    for verdict in ("--sent", "--resend"):
        shown = run("dlq", "resolve", "mail", unique, verdict, *more)

        assert shown.exit_code == 2
        assert "CC743 " in shown.stderr
        assert told_ in shown.stderr
        assert f"`cloud-cron dlq show mail {unique[:12]}`" in shown.stderr
    assert states(here, unique) == ["REJECTED", "SENT"]
    assert here.done() == []


@pytest.mark.parametrize("more", [(), ("--sent", "--resend")])
def test_it_must_be_said_what_became_of_it(doubtful, run, more):
    _, _, unique = doubtful
    shown = run("dlq", "resolve", "mail", unique, *more)

    assert shown.exit_code == 2
    assert "either --sent or --resend" in shown.stderr


def test_a_recipient_that_is_no_address(doubtful, run):
    _, _, unique = doubtful

    assert "CC301" in run("dlq", "resolve", "mail", unique, "--sent", "--recipient", "ada").stderr


# Runs


def lose(here, state="FAILED", day=1):
    """A run of that day that nobody will make."""
    at = datetime(2020, 1, day, 7, tzinfo=UTC)
    since = datetime.now(UTC).timestamp() - 3600 + day
    asked = {"task": "morning", "scheduled_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "trigger": "backfill"}
    record = Record(state, at=since, code="ValueError", reason="no station", data=json.dumps({"event": asked}))
    assert here.ledger.create(Key("R#morning", f"{at:%Y-%m-%dT%H:%M:%SZ}"), record) is None
    return f"morning@{at:%Y-%m-%dT%H:%M:%SZ}"


def test_lost_runs_are_letters_of_the_hops_before(parked, run):
    here, _, unique = parked
    failed, missed = lose(here, day=2), lose(here, "MISSED", day=3)

    found = [(each["hop"], each["notifier"], each["task"], each["id"]) for each in letters(run)]
    assert found == [
        ("scheduler", None, "morning", missed),
        ("task", None, "morning", failed),
        ("notifier", "mail", "morning", unique),
    ]
    row = run("dlq", "list", "morning", "--hop", "task").stdout.splitlines()[1]
    assert row.split()[:4] == ["task", "morning", failed, "-"]
    assert row.endswith("ValueError  no station")


def test_a_lost_run_is_asked_for_again(ground, run):
    here = ground()
    unique = lose(here)
    shown = run("dlq", "redrive", "morning", "2020-01-01")

    assert shown.stdout == "1 run of morning asked for again\n"
    assert "nobody serves this database" in shown.stderr
    assert here.done() == [{"status": "redriven", "task": "morning", "runs": [unique]}]
    engine = here.engine()
    here.settle(engine)
    assert letters(run) == []


def test_a_lost_run_is_let_go(ground, run):
    here = ground()
    unique = lose(here)
    shown = told(run("dlq", "resolve", "morning", "2020-01-01T07", "--drop", "--json"))

    assert shown == {"task": "morning", "id": unique, "resolved": [], "letter": "gone"}
    assert letters(run) == []
    assert told(run("status", "--json"))["tasks"][0]["last"]["state"] == "skipped"


def test_a_run_that_does_not_say_what_it_asks_for_stays(ground, run):
    here = ground()
    here.ledger.create(Key("R#morning", "2020-01-01T07:00:00Z"), Record("FAILED", at=datetime.now(UTC).timestamp()))
    shown = run("dlq", "redrive", "morning")

    assert shown.stdout == "0 runs of morning asked for again\n"
    assert "morning@2020-01-01T07:00:00Z stays: it does not say which run it asks for" in shown.stderr


# What nobody takes


def test_letters_of_a_notifier_that_the_app_has_no_more(parked, run):
    here, _, unique = parked
    (here.path.parent.parent / "app.py").write_text(APP.replace("def mail(", "def another("))
    sys.modules.pop("app")

    assert [(each["notifier"], each["id"]) for each in letters(run)] == [("mail", unique)]
    shown = run("dlq", "redrive", "mail")
    assert shown.exit_code == 2
    assert "CC744 notifier 'mail' is not there any more" in shown.stderr
    shown = told(run("dlq", "show", "mail", unique, "--json"))
    assert {each["recipient"] for each in shown["deliveries"]} == {None}
    assert run("dlq", "resolve", "mail", unique, "--drop").stdout == f"{unique}  let go\n"
    assert letters(run) == []


def test_a_letter_in_doubt_is_not_let_go(doubtful, run):
    _, _, unique = doubtful
    shown = run("dlq", "resolve", "mail", unique, "--drop")

    assert shown.exit_code == 2
    assert f"CC746 deliveries of {unique[:12]} are in doubt" in shown.stderr
    assert run("dlq", "resolve", "mail", unique, "--drop", "--recipient", ADA).exit_code == 2


# The family


def test_without_a_command_there_is_help(run):
    shown = run("dlq")

    assert shown.exit_code == 2
    assert "\n  resolve  Settle deliveries that may have been sent, or let a letter go.\n" in shown.stdout


def test_a_command_that_is_not_there(run):
    shown = run("dlq", "redrve")

    assert shown.exit_code == 2
    assert "there is no command 'redrve'" in shown.stderr
    assert "did you mean `cloud-cron dlq redrive`?" in shown.stderr


@pytest.mark.parametrize("name", ["list", "show", "redrive", "resolve"])
def test_each_command_has_its_help_and_the_common_options(run, name):
    shown = run("dlq", name, "--help").stdout

    assert shown.startswith(f"Usage: cloud-cron dlq {name} ")
    assert "\nEverywhere:\n  --app MODULE:ATTR " in shown
