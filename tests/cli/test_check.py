from __future__ import annotations

import json

import pytest

from tests.plug_ins import Shelf

HEAD = "from cloud_cron import SKIP, CloudCron, Permanent\napp = CloudCron('weather')\n"
TASK = "@app.schedule('rate(1 day)', topics=['reports'])\ndef morning(): ...\n"
MAIL = "@app.notifier('email', topics=['reports'], recipients=['ada@example.org'])\ndef mail(message): return {body}\n"
CLEAN = HEAD + TASK + MAIL.format(body="message.payload")


@pytest.fixture
def found(project, run):
    """What `check --json` finds in an app: exit code, and the diagnostics."""

    def check(app, *arguments, **files):
        project(app, **files)
        result = run("check", "--json", *arguments)
        told = json.loads(result.stdout)
        assert told["ok"] == (result.exit_code == 0)
        assert result.exit_code in {0, 2}
        return result.exit_code, told["diagnostics"]

    return check


def test_a_clean_project_says_what_was_looked_at(project, run):
    project(CLEAN, **{"samples/reports.json": '[{"station": "KSEA"}, {"station": "KPDX"}]'})
    result = run("check", "--strict")

    assert result.exit_code == 0
    assert result.stdout == "✓ no mistakes  in 1 task, 1 schedule, 1 notifier, 2 samples rendered\n"
    assert not result.stderr


def test_a_clean_project_in_json(found):
    assert found(CLEAN) == (0, [])


def test_without_samples_it_says_that_it_only_compiled(project, run):
    project(CLEAN)
    result = run("check", "--strict")

    assert result.exit_code == 0
    assert result.stderr == "no sample of reports in samples/<topic>.json: what hears of it was only compiled\n"


def test_the_json_shape(found):
    code, diagnostics = found(HEAD + MAIL.format(body="message.payload"))

    assert code == 0
    assert diagnostics == [
        {
            "code": "W122",
            "severity": "warning",
            "message": "notifier 'mail' hears 'reports', and no task publishes to it",
            "file": "app.py",
            "line": 3,
            "hint": "name it in the topics= of a task, or leave it out",
        }
    ]


@pytest.mark.parametrize(("arguments", "code"), [((), 0), (("--strict",), 2)])
def test_warnings_are_errors_only_when_strict(found, arguments, code):
    assert found(HEAD + TASK, *arguments)[0] == code


def test_a_person_sees_code_place_and_remedy(project, run):
    project(HEAD + TASK)

    assert run("check").stdout == (
        "warning W121 task 'morning' publishes to 'reports', and no notifier hears it\n"
        "  at   app.py:3\n"
        "  hint add a notifier for it, or leave the topic out\n"
        "\n"
        "1 warning  in 1 task, 1 schedule, 0 notifiers, 0 samples rendered\n"
    )


ARN = "arn:aws:sns:eu-central-1:123456789012:reports.fifo"


@pytest.mark.parametrize(
    ("app", "files", "expected"),
    [
        # Rows 21 and 22: topics with one end.
        (HEAD + TASK, {}, [("W121", "app.py", 3, "add a notifier for it, or leave the topic out")]),
        (HEAD + TASK, {"cloud-cron.toml": f'[topics]\nreports = "{ARN}"'}, []),
        (
            HEAD + MAIL.format(body="{}"),
            {},
            [("W122", "app.py", 3, "name it in the topics= of a task, or leave it out")],
        ),
        (HEAD + MAIL.format(body="{}"), {"cloud-cron.toml": f'[topics]\nreports = "{ARN}"'}, []),
        (HEAD + MAIL.format(body="{}"), {"cloud-cron.toml": '[watch]\ntopic = "reports"'}, []),
        (
            HEAD + TASK.replace("reports", "report") + MAIL.format(body="{}"),
            {},
            [
                ("W121", "app.py", 3, "did you mean 'reports'?"),
                ("W122", "app.py", 5, "did you mean 'report'?"),
            ],
        ),
        (CLEAN, {"cloud-cron.toml": '[watch]\ntopic = "ops"'}, [("W121", "cloud-cron.toml", None, None)]),
        (
            HEAD + "@app.notifier('print')\ndef shout(message): return 'x'",
            {},
            [("W122", "app.py", 3, "name a topic in the topics= of a task")],
        ),
        # Recipients.
        (
            HEAD + TASK + MAIL.format(body="{}").replace(", recipients=['ada@example.org']", ""),
            {},
            [("CC302", "app.py", 5, None)],
        ),
        (HEAD + TASK + MAIL.format(body="{}").replace("recipients=", "allow_recipients="), {}, []),
        (
            HEAD + TASK + MAIL.format(body="{}").replace(", recipients=['ada@example.org']", ", enabled=False"),
            {},
            [],
        ),
        (
            HEAD
            + TASK
            + MAIL.format(body="{}").replace("['ada@example.org']", "['ada@example.org', 'ada@EXAMPLE.org']"),
            {},
            [("W303", "app.py", 5, "name each once; it is sent only once anyway")],
        ),
        (
            CLEAN,
            {"cloud-cron.toml": '[notifiers.mail]\nrecipients = ["a@example.org", "a@example.org"]'},
            [("W303", "cloud-cron.toml", 1, None)],
        ),
        # Schedules, at the line of their task.
        (CLEAN.replace("rate(1 day)", "at(2020-01-01T00:00:00)"), {}, [("W103", "app.py", 3, None)]),
        (
            CLEAN.replace("'rate(1 day)'", "'cron(30 2 * * ? *)', timezone='Europe/Berlin'"),
            {},
            [("W104", "app.py", 3, None)],
        ),
        (CLEAN.replace("rate(1 day)", "rate(7 minutes)"), {}, [("W105", "app.py", 3, None)]),
        (CLEAN.replace("rate(1 day)'", "rate(1 minute)', timeout=90"), {}, [("W106", "app.py", 3, None)]),
        (CLEAN.replace("rate(1 day)'", "rate(7 minutes)', enabled=False"), {}, []),
        # Templates, compiled and rendered.
        (CLEAN, {"templates/mail.txt": "{{ station"}, [("CC402", "templates/mail.txt", 1, None)]),
        (CLEAN.replace("recipients", "template='nothing', recipients"), {}, [("CC401", "app.py", 5, None)]),
        (
            CLEAN,
            {"templates/mail.txt": "one\n{{ statoin }}", "samples/reports.json": '{"station": "KSEA"}'},
            [("CC403", "templates/mail.txt", 2, None)],
        ),
        # Samples.
        (CLEAN, {"samples/reports.json": '{"station": '}, [("CC707", "samples/reports.json", 1, None)]),
        (CLEAN, {"samples/reports.json": "[1]"}, [("CC201", "samples/reports.json[0]", None, None)]),
        (CLEAN, {"samples/reports.json": '{"x": NaN}'}, [("CC210", "samples/reports.json.x", None, None)]),
        (CLEAN, {"samples/reprots.json": "{}"}, [("W430", "samples/reprots.json", None, "did you mean 'reports'?")]),
        # Notifiers on samples.
        (
            HEAD + TASK + MAIL.format(body="message.payload['statoin']"),
            {"samples/reports.json": '{"station": "KSEA"}'},
            [("CC430", "app.py", 6, "correct the notifier, or the sample")],
        ),
        (HEAD + TASK + MAIL.format(body="None"), {"samples/reports.json": "{}"}, [("CC231", "app.py", 5, None)]),
        (HEAD + TASK + MAIL.format(body="3"), {"samples/reports.json": "{}"}, [("CC230", "app.py", 5, None)]),
        (HEAD + TASK + MAIL.format(body="SKIP"), {"samples/reports.json": "{}"}, []),
        (
            HEAD + TASK + "def no(): raise Permanent('never')\n" + MAIL.format(body="no()"),
            {"samples/reports.json": "{}"},
            [],
        ),
    ],
)
def test_what_is_found(found, app, files, expected):
    _, diagnostics = found(app, **files)

    assert [(d["code"], d["file"], d["line"]) for d in diagnostics] == [item[:3] for item in expected]
    for diagnostic, (*_, hint) in zip(diagnostics, expected, strict=True):
        assert hint is None or diagnostic["hint"] == hint
        assert diagnostic["severity"] == ("warning" if diagnostic["code"].startswith("W") else "error")
        assert diagnostic["hint"]


@pytest.mark.parametrize(
    ("app", "toml", "code", "file", "line"),
    [
        (HEAD + "@app.schedule('rate(1 hours)')\ndef x(): ...", "", "CC101", "app.py", 3),
        (CLEAN, "[channels.email]\nrecipents = 1", "CC501", "cloud-cron.toml", 2),
        (CLEAN, "[tasks.mornign]", "CC501", "cloud-cron.toml", 1),
        (CLEAN, "region eu", "CC503", "cloud-cron.toml", 1),
        ("1 / 0", "", "CC702", "app.py", 1),
    ],
)
def test_what_cannot_be_loaded_is_a_diagnostic_too(project, run, app, toml, code, file, line):  # noqa: PLR0913, PLR0917 - a table
    project(app, **{"cloud-cron.toml": toml})
    result = run("check", "--json")

    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert not told["ok"]
    assert [(d["code"], d["severity"], d["file"], d["line"]) for d in told["diagnostics"]] == [
        (code, "error", file, line)
    ]
    assert ("ZeroDivisionError" in result.stderr) == (app == "1 / 0")


def test_what_a_notifier_raises_is_shown_with_its_traceback(project, run):
    project(HEAD + TASK + MAIL.format(body="1 / 0"), **{"samples/reports.json": "{}"})
    result = run("check")

    assert result.exit_code == 2
    assert result.stderr.startswith("Traceback (most recent call last):\n")
    assert result.stderr.count("cloud_cron") == 0
    assert "error CC430 notifier 'mail' fails on samples/reports.json: ZeroDivisionError" in result.stdout


def test_a_secret_that_is_not_here_is_no_mistake(project, run):
    app = CLEAN.replace("recipients=", "secrets={'key': 'env:NOT_SET_ANYWHERE'}, recipients=")
    project(app.replace("message.payload", "{'x': message.secrets['key']}"), **{"samples/reports.json": "{}"})
    result = run("check", "--strict", "--json")

    assert json.loads(result.stdout) == {"ok": True, "diagnostics": []}
    assert result.stderr.startswith("mail was not rendered for samples/reports.json: secret 'key'")


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    return Shelf(tmp_path / "shelf", monkeypatch)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"body": "options = None"}, "CC133"),
        ({"body": "def permissions(self, options): return 1 / 0"}, "CC134"),
        ({"render": "return 1 / 0"}, "CC134"),
        ({"render": "return 'x'"}, "CC134"),
    ],
)
def test_a_broken_plug_in_is_told_with_its_name_at_the_notifier(found, shelf, broken, code):
    name = shelf.pager(**broken)
    notifier = f"@app.notifier('{name}', topics=['reports'], recipients=['ada'])\ndef page(message): return 'x'\n"
    exit_code, diagnostics = found(HEAD + TASK + notifier, **{"samples/reports.json": "{}"})

    assert exit_code == 2
    assert [(each["code"], each["file"], each["line"]) for each in diagnostics] == [(code, "app.py", 5)]
    assert f"channel {name!r} of {name.replace('-', '_')}-dist 1.0" in diagnostics[0]["message"]
