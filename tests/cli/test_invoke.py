from __future__ import annotations

import json
import re

import pytest

HEAD = "from cloud_cron import SKIP, CloudCron, Permanent, Retry\napp = CloudCron('weather')\n"


def told(result, *, code=0):
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


def test_the_json_shape(project, run):
    project()
    result = told(run("invoke", "morning", "--json"))

    run_id = result["run"].pop("id")
    at = result["run"].pop("scheduled_at")
    ids = [message.pop("id") for message in result["published"]]
    html = result["deliveries"][0]["content"].pop("html")
    text = result["deliveries"][0]["content"].pop("text")
    assert re.fullmatch(r"morning![0-9A-Z]{26}", run_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00", at)
    assert all(re.fullmatch(r"[A-Z2-7]{52}", unique) for unique in ids)
    assert len(set(ids)) == 3
    assert "KSEA" in html
    assert "KSEA" in text
    mail: dict[str, object] = {"subject": "At KSEA", "reply_to": None, "headers": {}, "attachments": []}
    assert result.pop("deliveries")[1:] == [
        {
            "notifier": "mail_report",
            "channel": "email",
            "recipient": "bob@example.org",
            "status": "outbox",
            "content": {**mail, "text": text.replace("ada@", "bob@"), "html": html.replace("ada@", "bob@")},
        },
        *(
            {
                "notifier": "shout",
                "channel": "print",
                "recipient": "stdout",
                "status": "outbox",
                "content": {"text": f"{kind} warning"},
            }
            for kind in ("frost", "wind")
        ),
    ]
    assert result == {
        "task": "morning",
        "run": {"trigger": "manual"},
        "result": {"reports": {"station": "KSEA"}, "alerts": [{"kind": "frost"}, {"kind": "wind"}]},
        "published": [
            {"topic": "reports", "payload": {"station": "KSEA"}},
            {"topic": "alerts", "payload": {"kind": "frost"}},
            {"topic": "alerts", "payload": {"kind": "wind"}},
        ],
    }


@pytest.mark.parametrize(
    ("at", "run_of"),
    [
        ("2199-07-01T08:00", ("morning@2199-07-01T06:00:00Z", "2199-07-01T08:00:00+02:00", "backfill")),
        ("2199-07-01T06:00:00Z", ("morning@2199-07-01T06:00:00Z", "2199-07-01T08:00:00+02:00", "backfill")),
        ("2030-07-01T09:00", (None, "2030-07-01T09:00:00+02:00", "manual")),
        ("2030-07-01", (None, "2030-07-01T00:00:00+02:00", "manual")),
    ],
)
def test_at_a_fire_time_it_is_that_run_otherwise_one_on_demand(project, run, at, run_of):
    project()
    shown = told(run("invoke", "morning", "--at", at, "--json"))["run"]

    assert shown["id"] == run_of[0] or (run_of[0] is None and shown["id"].startswith("morning!"))
    assert (shown["scheduled_at"], shown["trigger"]) == run_of[1:]


@pytest.mark.parametrize(("source", "stdin"), [("given.json", None), ("-", '"KPDX"')])
def test_the_task_is_given_input(project, run, source, stdin):
    project(**{"given.json": '"KPDX"'})
    result = told(run("invoke", "morning", "--input", source, "--json", stdin=stdin))

    assert result["published"][0]["payload"] == {"station": "KPDX"}


def test_what_a_person_sees(project, run):
    project()
    result = run("invoke", "morning", "--at", "2199-07-01T08:00")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    pattern = r"✓ morning  in place of the scheduled run, Mon 2199-07-01 08:00 \+02:00, in \d+\.\d\d s"
    assert re.fullmatch(pattern, lines[0])
    assert lines[1:8] == [
        "",
        "reports  1 message",
        '│ {"station": "KSEA"}',
        "",
        "alerts  2 messages",
        '│ {"kind": "frost"}',
        '│ {"kind": "wind"}',
    ]
    assert "shout  print → stdout  not sent" in lines
    assert result.stderr == "\nnothing was sent\n"


def test_the_same_content_for_several_people_is_shown_once(project, run):
    project(
        HEAD
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + "@app.notifier('sms', recipients=['+12025550123', '+12025550124'])\ndef text(message): return 'hi'\n"
    )

    assert "text  sms → +12025550123, +12025550124  not sent\n│ hi\n" in run("invoke", "go").stdout


def test_a_long_payload_is_cut_unless_more_is_asked_for(project, run):
    project(HEAD + "@app.schedule(topics=['a'])\ndef go(): return {'a': {f'key{i}': i for i in range(40)}}\n")

    short, whole = run("invoke", "go").stdout, run("invoke", "go", "-v").stdout
    assert "│ … 30 more lines; -v shows them" in short
    assert '"key39": 39' in whole
    assert '"key39": 39' not in short
    assert "a  1 message  nobody hears it" in short


def test_a_run_may_publish_nothing(project, run):
    project(HEAD + "@app.schedule()\ndef go(): ...")

    assert "\nit published nothing\n" in run("invoke", "go").stdout
    shown = told(run("invoke", "go", "--json"))
    assert (shown["result"], shown["published"], shown["deliveries"]) == (None, [], [])


def test_what_a_task_raises_is_shown_with_its_traceback_and_exit_code_1(project, run):
    folder = project(
        HEAD + "def divide(): return 1 / 0\n\n@app.schedule()\ndef go():\n    print('before')\n    divide()"
    )
    result = run("invoke", "go", "--json")

    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    assert shown["run"]["id"].startswith("go!")
    assert (shown["result"], shown["published"], shown["deliveries"]) == (None, [], [])
    lines = [line for line in result.stderr.splitlines() if line.strip(" ~^")]
    assert lines == [
        "before",
        "Traceback (most recent call last):",
        f'  File "{folder / "app.py"}", line 8, in go',
        "    divide()",
        f'  File "{folder / "app.py"}", line 3, in divide',
        "    def divide(): return 1 / 0",
        "ZeroDivisionError: division by zero",
        "error task 'go' raised ZeroDivisionError: division by zero",
        "  at   app.py:3",
    ]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("return 3", 1, "error CC201 "),
        ("return {'b': {}}", 1, "error CC202 "),
        ("return {'a': {'x': float('nan')}}", 1, "error CC210 "),
    ],
)
def test_what_a_task_returns_is_told_when_it_is_of_no_use(project, run, body, code, message):
    project(HEAD + f"@app.schedule(topics=['a'])\ndef go():\n    {body}")
    result = run("invoke", "go")

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(message)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("body", "status", "message", "traced"),
    [
        ("raise Permanent('no such box')", "rejected", "error notifier 'tell': no such box\n", False),
        ("raise Retry('later', after=5)", "retry", "error notifier 'tell': later\n", False),
        ("return None", "rejected", "error CC231 notifier 'tell': notifier 'tell' returned None\n  hint ", False),
        ("1 / 0", "retry", "error notifier 'tell': ZeroDivisionError: division by zero at app.py:7\n", True),
    ],
)
def test_a_delivery_that_fails_is_told_with_exit_code_1(project, run, body, status, message, traced):  # noqa: PLR0913, PLR0917 - a table
    project(
        HEAD
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + f"@app.notifier('print')\ndef tell(message):\n    {body}\n"
    )
    result = run("invoke", "go", "--json")

    (delivery,) = told(result, code=1)["deliveries"]
    assert delivery == {"notifier": "tell", "channel": "print", "recipient": None, "status": status, "content": None}
    assert message in result.stderr
    assert ("Traceback" in result.stderr) == traced
    assert "cloud_cron_cli" not in result.stderr
    assert run("invoke", "go").exit_code == 1


def test_a_template_that_fails_fails_the_delivery(project, run):
    project(**{"templates/mail_report.txt": "{{ nothing }}"})
    result = run("invoke", "morning")

    assert result.exit_code == 1
    assert "mail_report  email → ada@example.org, bob@example.org  failed for good\n" in result.stdout
    assert result.stderr.count("error CC403 ") == 1


def test_a_skipped_message_is_no_failure(project, run):
    project(
        HEAD
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        + "@app.notifier('print')\ndef tell(message): return SKIP\n"
    )

    assert told(run("invoke", "go", "--json"))["deliveries"][0]["status"] == "skipped"
    assert "tell  print  skipped by the notifier\n" in run("invoke", "go").stdout


def test_messages_behind_a_failed_one_are_counted(project, run):
    project(
        HEAD
        + "@app.schedule(topics=['a'])\ndef go(): return {'a': [{'n': 0}, {'n': 1}, {'n': 2}]}\n"
        + "@app.notifier('print')\ndef tell(message): return str(1 / message.payload['n'])\n"
    )

    assert "2 messages not handled: behind a failed one, in the same order\n" in run("invoke", "go").stderr


def test_nothing_is_left_behind_without_send(project, run):
    folder = project()
    before = {path.name for path in folder.iterdir()}
    run("invoke", "morning")

    assert {path.name for path in folder.iterdir()} - {"__pycache__"} == before - {"__pycache__"}


PRINTING = (
    HEAD
    + "@app.schedule('cron(0 8 * * ? 2199)', topics=['a'])\ndef go(): return {'a': {}}\n"
    + "@app.notifier('print')\ndef tell(message): return 'hello'\n"
)


def test_with_send_the_ledger_of_the_stage_is_used(project, run):
    folder = project(PRINTING)
    line = ["invoke", "go", "--at", "2199-01-01T08:00", "--send", "--stage", "prod"]
    first = run(*line, "--json")

    assert told(first)["deliveries"][0]["status"] == "sent"
    assert "hello" in first.stderr
    assert (folder / ".cloud-cron" / "prod.db").is_file()
    again = run(*line)
    assert again.exit_code == 0
    assert "this run was made before, and is not made twice\n" in again.stdout
    assert "hello" not in again.stderr
    assert told(run(*line, "--json"))["published"] == []


def test_a_person_sees_that_it_was_sent(project, run):
    project(PRINTING)
    result = run("invoke", "go", "--send")

    assert "tell  print → stdout  sent\n│ hello\n" in result.stdout
    assert "nothing was sent" not in result.stderr


@pytest.mark.parametrize("how", [[], ["--send"]])
def test_where_aws_is_asked_is_chosen_on_the_command_line(project, run, monkeypatch, how):
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "before")
    project(
        HEAD
        + "import os\n@app.schedule(topics=['a'])\ndef go():\n"
        + "    names = ['AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL']\n"
        + "    return {'a': {name: os.environ[name] for name in names}}\n"
    )
    line = [
        "invoke",
        "go",
        "--json",
        "--profile",
        "me",
        "--region",
        "eu-west-1",
        "--endpoint-url",
        "http://127.0.0.1:9",
    ]

    assert told(run(*line, *how))["result"]["a"] == {
        "AWS_PROFILE": "me",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["morning", "--at", "yesterday"], "error Invalid value for '--at': 'yesterday' is no ISO 8601 date and time"),
        (["morning", "--input", "no.json"], "error CC707 no.json cannot be read: "),
        (["mornign"], "error CC720 there is no task 'mornign'"),
    ],
)
def test_what_cannot_be_read_is_a_misuse(project, run, line, message):
    project()
    result = run("invoke", *line)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)


TWO_CHANNELS = HEAD + (
    "@app.schedule('cron(0 8 * * ? *)', topics=['a'])\ndef go(): return {'a': {}}\n"
    "@app.notifier('print', topics=['a'])\ndef tell(message): return 'hello'\n"
    "@app.schedule(topics=['b'])\ndef other(): return {'b': {}}\n"
    "@app.notifier('email', topics=['b'], recipients='ada@example.org')\ndef mail(message): return {}\n"
)


def test_sending_needs_only_the_channels_that_hear_of_the_task(project, run):
    project(TWO_CHANNELS)

    assert "tell  print → stdout  sent" in run("invoke", "go", "--send").stdout
    refused = run("invoke", "other", "--send")
    assert (refused.exit_code, "CC140" in refused.stderr) == (2, True)


def test_our_own_faults_are_not_blamed_on_the_task(project, run):
    project(TWO_CHANNELS)
    result = run("invoke", "go", "--at", "9999-12-31T23:59:59-10:00")

    assert result.exit_code != 0
    assert "task 'go' raised" not in result.stderr


@pytest.mark.moto
def test_a_secret_that_aws_keeps_is_read_with_the_region_of_the_command_line(project, run, monkeypatch):
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    for name, value in (
        ("ACCESS_KEY_ID", "testing"),
        ("SECRET_ACCESS_KEY", "testing"),
        ("DEFAULT_REGION", ""),
        ("REGION", ""),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    source = """
@app.schedule(topics=["lengths"], secrets={"db": "secretsmanager:shop/db"})
def measure(run):
    return {"lengths": {"length": len(run.secrets["db"])}}
"""
    project(**{"app.py": HEAD + source})
    with moto.mock_aws():
        boto3.client("secretsmanager", region_name="eu-central-1").create_secret(Name="shop/db", SecretString="wine")
        result = told(run("invoke", "measure", "--json", "--region", "eu-central-1"))

    assert result["result"] == {"lengths": {"length": 4}}
