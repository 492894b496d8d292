"""`--remote`: the commands that operate a stage on AWS, on the emulator moto."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from cloud_cron.errors import Ambiguous, Permanent
from tests.operating.app import ADA, BOB, due, event

pytestmark = pytest.mark.moto

SPAN = ("export", "--from", due(1), "--to", due(3))


@pytest.fixture
def aws(commanded):
    """A stage that is deployed, and its project in the current folder."""
    return commanded


@pytest.fixture
def letter(aws):
    """A message that bob refuses."""
    aws.senders.answers = {BOB: [Permanent("no such box")]}
    unique = aws.run()
    aws.settle()
    aws.senders.accepted.clear()
    return unique


def told(shown):
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def test_letters_of_every_hop_are_listed(aws, letter, run):
    aws.give_up(event(2))
    aws.not_start(json.dumps(event(3)))
    listed = told(run("dlq", "list", "--remote", "--json"))
    assert [(each["hop"], each["id"]) for each in listed["letters"]] == [
        ("scheduler", f"export@{due(3)}"), ("task", f"export@{due(2)}"), ("notifier", letter),
    ]  # fmt: skip
    assert listed["unseen"] == 0
    rows = [line.split() for line in run("dlq", "list", "--remote").stdout.splitlines()]
    assert rows[0] == ["HOP", "NAME", "ID", "TASK", "SINCE", "CODE", "REASON"]
    assert [row[:2] for row in rows[1:]] == [["scheduler", "export"], ["task", "export"], ["notifier", "mail"]]
    assert len(told(run("dlq", "list", "--remote", "--hop", "task", "--json"))["letters"]) == 1
    assert len(told(run("dlq", "list", "mail", "--remote", "--json"))["letters"]) == 1


def test_status_leads_to_the_letters(aws, letter, run):
    shown = run("status", "--remote")
    assert "`cloud-cron dlq list --remote` shows the dead letters" in shown.stderr
    assert shown.stdout.splitlines()[-1].split()[:4] == ["mail", "0", "0", "1"]


def test_a_letter_is_shown_with_what_became_of_each_recipient(aws, letter, run):
    shown = told(run("dlq", "show", "mail", letter[:8], "--remote", "--json"))
    assert shown["payload"] == {"n": 1}
    assert {each["recipient"]: each["state"] for each in shown["deliveries"]} == {ADA: "sent", BOB: "rejected"}


def test_a_run_is_shown_with_the_event_that_asks_for_it(aws, run):
    aws.give_up(event(2))
    assert told(run("dlq", "show", "export", due(2), "--remote", "--json"))["payload"] == event(2)
    lines = run("dlq", "show", "export", due(2), "--remote").stdout.splitlines()
    assert lines[1] == "ValueError  no such station"
    assert lines[3:5] == ["the event that asks for it", "│ {"]


def test_a_letter_of_nobody_is_shown_as_it_lies_there(aws, run):
    aws.sqs.send_message(QueueUrl=aws.urls["failures"], MessageBody="no json")
    [stray] = told(run("dlq", "list", "-", "--remote", "--json"))["letters"]
    shown = run("dlq", "show", "-", stray["id"], "--remote").stdout
    assert "it does not say which run it asks for\n│ no json\n" in shown
    assert run("dlq", "resolve", "-", stray["id"], "--drop", "--remote").stdout == f"{stray['id']}  let go\n"
    assert aws.depth("failures") == 0


def test_a_redrive_is_told_and_reaches_whoever_was_not_told(aws, letter, run):
    shown = run("dlq", "redrive", "mail", "--remote")
    assert (shown.exit_code, shown.stdout, shown.stderr) == (0, "1 message back in the queue of mail\n", "")
    aws.settle()
    assert aws.senders.accepted == [BOB]
    aws.give_up(event(2))
    assert run("dlq", "redrive", "export", "--remote").stdout == "1 run of export asked for again\n"
    assert told(run("dlq", "redrive", "export", "--remote", "--json")) == {"task": "export", "redriven": [], "count": 0}


@pytest.mark.slow
def test_more_than_was_seen_is_said(aws, run):
    for number in range(12):
        aws.put("dead", "{}", f"d{number}")
    assert "at least 2 letters more" in run("dlq", "list", "--remote").stderr
    shown = run("dlq", "redrive", "mail", "--remote")
    assert shown.stdout == "at least 12 messages back in the queue of mail\n"


def test_doubt_is_resolved(aws, run):
    aws.senders.answers = {ADA: [Ambiguous("reset")]}
    unique = aws.run()
    aws.settle()
    shown = run("dlq", "resolve", "mail", unique[:8], "--sent", "--recipient", ADA, "--remote")
    assert shown.stdout == f"{ADA}  counts as sent\n"
    assert run("doctor", "--remote").exit_code == 0


def test_doctor_tells_what_is_wrong_with_commands_that_are_about_aws(aws, letter, run):
    shown = run("doctor", "--remote", "--region", "us-east-1")
    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("✗ 1 message of mail did not reach somebody")
    assert lines[1].strip() == f"cloud-cron dlq show mail {letter[:12]} --region us-east-1 --remote"
    [finding] = json.loads(run("doctor", "--remote", "--json").stdout)["findings"]
    assert (finding["kind"], finding["severity"], finding["count"]) == ("rejected", "error", 1)


def test_doctor_is_told_of_mail_events_by_the_stack(aws, run):
    aws.hear("no event")
    [finding] = json.loads(run("doctor", "--remote", "--json").stdout)["findings"]
    assert (finding["kind"], finding["count"]) == ("unheard", 1)


@pytest.mark.slow
def test_every_command_that_doctor_names_is_one(aws, letter, run):
    aws.give_up(event(2))
    aws.lose("MISSED", 3)
    found = json.loads(run("doctor", "--remote", "--json").stdout)["findings"]
    lines = [line for finding in found for line in finding["next"] if line.startswith("cloud-cron ")]
    assert len(lines) >= 6
    for line in lines:
        shown = run(*line.split()[1:])
        assert "CC741" in shown.stderr or shown.exit_code == 0, f"{line}: {shown.stderr}"


@pytest.mark.slow
def test_pausing_on_aws(aws, run):
    aws.deploy()
    assert run("pause", "--remote").stdout == "paused export and mail\n"
    assert told(run("doctor", "--remote", "--json"))["ok"]
    assert run("resume", "mail", "--remote").stdout == "resumed mail\n"


@pytest.mark.parametrize(
    "line",
    [["dlq", "list"], ["dlq", "redrive", "mail"], ["doctor"], ["pause"], ["resume"], ["logs"], ["backfill", *SPAN]],
)
def test_one_place_at_a_time(aws, run, line):
    shown = run(*line, "--dev", "--remote")
    assert shown.exit_code == 2
    assert "choose one" in shown.stderr


def test_where_nothing_is_deployed(aws, run):
    shown = run("doctor", "--remote", "--stage", "prod")
    assert shown.exit_code == 2
    assert "CC826 nothing is deployed of shop at stage prod" in shown.stderr


def test_a_run_on_demand_is_made_by_the_deployed_function(aws, run):
    shown = run("invoke", "export", "--remote")
    assert shown.exit_code == 0, shown.stderr
    first, published = shown.stdout.splitlines()
    assert first.startswith("✓ export  run export!")
    assert published == "it published 1 message"
    assert "status --remote" in shown.stderr
    aws.settle()
    assert aws.senders.accepted == [ADA, BOB]


def test_a_time_of_the_schedule_is_that_very_run_and_is_made_once(aws, run):
    made, again = (told(run("invoke", "export", "--at", due(2), "--remote", "--json")) for _ in range(2))
    assert made == {"task": "export", "id": f"export@{due(2)}", "state": "done", "messages": 1}
    assert again == {"task": "export", "id": f"export@{due(2)}", "state": "duplicate", "messages": 0}
    assert "made before, and is not made twice" in run("invoke", "export", "--at", due(2), "--remote").stdout


def test_what_the_function_raises_is_shown_with_its_own_frames_alone(aws, run):
    aws.broken = [ValueError("no such station")] * 2
    shown = run("invoke", "export", "--remote")
    assert (shown.exit_code, shown.stdout) == (1, "")
    *frames, last, hint = shown.stderr.splitlines()
    assert last == "error task 'export' raised ValueError: no such station"
    assert hint.split() == ["hint", "cloud-cron", "logs", "export", "--remote"]
    assert frames[0] == "Traceback (most recent call last):"
    assert "tests/operating/app.py" in frames[-2]
    assert "/cloud_cron/" not in shown.stderr
    assert json.loads(run("invoke", "export", "--remote", "--json").stdout)["state"] == "raised"


def test_a_call_of_a_function_cannot_send_from_here(aws, run):
    shown = run("invoke", "export", "--remote", "--send")
    assert (shown.exit_code, "choose one" in shown.stderr) == (2, True)
    assert run("invoke", "nobody", "--remote").exit_code == 2


def test_runs_of_the_past_are_queued_and_it_is_said_when_they_begin(aws, run):
    aws.schedule()
    shown = run("backfill", *SPAN, "--remote", "--dry-run")
    assert shown.exit_code == 0, shown.stderr
    assert [line.split()[-1] for line in shown.stdout.splitlines()] == ["queued"] * 3
    assert shown.stderr == "nothing was queued: this was a dry run\n"

    shown = run("backfill", *SPAN, "--remote")
    assert [line.split()[-1] for line in shown.stdout.splitlines()] == ["queued"] * 3
    queued, begun = shown.stderr.splitlines()
    first, _, last = (datetime.fromisoformat(f"{each['ScheduleExpression'][3:-1]}+00:00") for each in aws.one_time())
    assert queued == "3 runs queued"
    assert begun == (
        f"EventBridge Scheduler begins the first at {first:%a %Y-%m-%d %H:%M} +00:00, "
        f"the last at {last:%a %Y-%m-%d %H:%M} +00:00"
    )

    shown = run("backfill", *SPAN, "--remote")
    assert shown.stderr == ""
    assert shown.stdout.splitlines()[0].endswith("waits for its turn already")
    aws.take_up()
    assert told(run("backfill", *SPAN, "--remote", "--json")) == {
        "task": "export",
        "runs": [
            {"id": f"export@{due(hour)}", "scheduled_at": due(hour).replace("Z", "+00:00"), "state": "done"}
            for hour in (1, 2, 3)
        ],
    }
    assert "3 runs made before; --again 1 makes them once more" in run("backfill", *SPAN, "--remote").stderr


def test_one_run_of_the_past_begins_soon(aws, run):
    aws.schedule()
    shown = run("backfill", "export", "--from", due(1), "--to", due(1), "--remote")
    assert shown.stderr.startswith("1 run queued\nEventBridge Scheduler begins it at ")


def test_a_task_without_records_is_said_to_be_made_again(aws, run, tmp_path):
    aws.schedule()
    app = tmp_path / "app.py"
    app.write_text(app.read_text().replace('"rate(1 hour)", topics=["orders"]', '"rate(1 hour)"'))
    note = "export keeps no records on AWS: what was made before is made again"
    assert note in run("backfill", *SPAN, "--remote", "--dry-run").stderr
    assert note in run("backfill", *SPAN, "--remote").stderr


def test_runs_of_the_past_of_what_has_no_schedule_on_aws(aws, run):
    shown = run("backfill", *SPAN, "--remote")
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "CC826 task 'export' has no schedule at stage dev" in shown.stderr
    assert "cloud-cron deploy" in shown.stderr
