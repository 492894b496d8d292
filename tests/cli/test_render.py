from __future__ import annotations

import json
import shlex
import sys

import pytest

SAMPLES = {
    "samples/reports.json": '[{"station": "KSEA"}, {"station": "KPDX"}]',
    "samples/alerts.json": '{"kind": "frost"}',
}

EVERYTHING = """
from cloud_cron import SKIP, Attachment, CloudCron, Email, Permanent
app = CloudCron("weather")

@app.schedule("rate(1 day)", topics=["reports"])
def morning(): ...

@app.notifier("email", recipients=["ada@example.org"])
def full(message):
    logo = Attachment("logo.png", b"PNG", "image/png", inline=True)
    return Email("Hello", "Text", '<img src="cid:logo.png">', to="eve@example.org", attachments=[logo])

@app.notifier("sms", recipients=["+12025550123"])
def long(message):
    return "x" * 200

@app.notifier("email")
def lonely(message):
    return "text"

@app.notifier("print")
def silent(message):
    return SKIP

@app.notifier("print")
def broken(message):
    print("before")
    return message.payload["nothing"]

@app.notifier("print")
def refusing(message):
    raise Permanent("no such box")

@app.notifier("print")
def forgetful(message):
    message.payload.clear()

@app.notifier("print")
def about(message):
    return f"{message.topic} {message.task} {message.run_id} {message.scheduled_at:%H:%M} {message.attempt}"
"""


def test_the_first_sample_is_shown_to_the_first_recipient(project, run):
    project(**SAMPLES)
    result = run("render", "mail_report")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:2] == ["mail_report  email → ada@example.org", "│ subject  At KSEA"]
    assert any("KSEA" in line for line in lines[3:])
    assert "characters of html" in lines[-1]


def test_the_json_shape(project, run):
    project(**SAMPLES)

    assert json.loads(run("render", "shout", "--json").stdout) == {
        "notifier": "shout",
        "channel": "print",
        "content": {"text": "frost warning"},
    }
    content = json.loads(run("render", "mail_report", "--json").stdout)["content"]
    assert list(content) == ["subject", "text", "html", "reply_to", "headers", "attachments"]


@pytest.mark.parametrize(
    ("file", "stdin"), [("given.json", None), ("-", '{"kind": "wind"}'), ("-", '[{"kind": "wind"}]')]
)
def test_a_payload_is_handed_over(project, run, file, stdin):
    project(**{"given.json": '\ufeff{"kind": "wind"}'})

    assert (
        json.loads(run("render", "shout", "--payload", file, "--json", stdin=stdin).stdout)["content"]["text"]
        == "wind warning"
    )


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "message"),
    [
        ([], None, 2, "error CC707 there is no sample for notifier 'shout': no samples/alerts.json\n"),
        (["--payload", "no.json"], None, 2, "error CC707 no.json cannot be read: "),
        (["--payload", "-"], "{", 2, "error CC707 standard input is no JSON: "),
        (["--payload", "-"], "[]", 2, "error CC201 a payload must be a mapping"),
        (["--payload", "-"], "3", 2, "error CC201 a payload must be a mapping"),
        (["--payload", "latin.json"], None, 2, "error CC707 latin.json is not UTF-8\n"),
    ],
)
def test_a_payload_that_cannot_be_used_is_told(project, run, arguments, stdin, code, message):  # noqa: PLR0913, PLR0917 - a table
    folder = project()
    (folder / "latin.json").write_bytes(b'{"a": "\xe4"}')
    result = run("render", "shout", *arguments, stdin=stdin)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(message)


@pytest.mark.parametrize(
    ("notifier", "shown"),
    [
        (
            "full",
            """\
full  email → eve@example.org
│ subject  Hello
│ attachments  logo.png (image/png, 3 bytes)
│
│ Text
│
│ and 24 characters of html
""",
        ),
        (
            "long",
            f"long  sms → +12025550123\n│ {'x' * 200}\n│\n│ 2 segments of GSM-7, 1 recipient in US: 2 to pay for\n",
        ),
        ("silent", "silent skips this message: nobody is told\n"),
    ],
)
def test_what_a_person_sees(project, run, notifier, shown):
    project(EVERYTHING)

    assert run("render", notifier, "--payload", "-", stdin="{}").stdout == shown


def test_a_notifier_without_recipient_is_shown_all_the_same(project, run):
    project(EVERYTHING)

    assert run("render", "lonely", "--payload", "-", stdin="{}").stdout.startswith(
        "lonely  email → nobody: it has no recipient\n"
    )


def test_a_message_is_as_the_next_run_would_cause_it(project, run):
    project(EVERYTHING)
    text = json.loads(run("render", "about", "--payload", "-", "--json", stdin="{}").stdout)["content"]["text"]

    topic, task, run_id, time, attempt = text.split()
    assert (topic, task, time, attempt) == ("reports", "morning", "00:00", "1")
    assert run_id.startswith("morning@")


@pytest.mark.parametrize(
    ("notifier", "code", "message"),
    [
        ("refusing", 1, "error notifier 'refusing' raised Permanent: no such box\n"),
        ("forgetful", 1, "error CC231 notifier 'forgetful' returned None\n"),
    ],
)
def test_what_a_notifier_refuses_is_told(project, run, notifier, code, message):
    project(EVERYTHING)
    result = run("render", notifier, "--payload", "-", stdin="{}")

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(message)


def test_what_a_notifier_raises_is_shown_and_what_it_prints_is_no_data(project, run):
    folder = project(EVERYTHING)
    result = run("render", "broken", "--payload", "-", "--json", stdin="{}")

    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[:2] == ["before", "Traceback (most recent call last):"]
    assert lines[2].startswith(f'  File "{folder}')
    assert lines[-1] == "KeyError: 'nothing'"


def test_a_template_that_fails_is_told_with_its_line(project, run):
    project(**SAMPLES, **{"templates/mail_report.txt": "one\n{{ nothing }}"})
    result = run("render", "mail_report")

    assert result.exit_code == 1
    assert result.stderr.startswith("error CC403 ")
    assert "\n  at   templates/mail_report.txt:2\n" in result.stderr


def test_the_html_is_opened_with_its_inline_files(project, run, monkeypatch):
    folder = project(EVERYTHING)
    (folder / "browser.py").write_text(
        "import pathlib, sys, urllib.request\n"
        "html = urllib.request.urlopen(sys.argv[1]).read()\n"
        f"pathlib.Path({str(folder)!r}, 'seen.html').write_bytes(html)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("BROWSER", f"{shlex.quote(sys.executable)} {folder / 'browser.py'} %s")
    monkeypatch.setenv("TMPDIR", str(folder))
    result = run("render", "full", "--payload", "-", "--open", stdin="{}")

    assert result.exit_code == 0
    assert (folder / "seen.html").read_text(encoding="utf-8-sig") == '<img src="data:image/png;base64,UE5H">'


def test_a_preview_reaches_nobody_whom_the_notifier_may_not_tell(project, run):
    project(
        "from cloud_cron import CloudCron, Email\napp = CloudCron('shop')\n"
        "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"
        "@app.notifier('email', topics=['a'], allow_recipients='example.org')\n"
        "def mail(message): return Email(text='hello', to=message.payload['to'])\n",
        **{
            "samples/a.json": '{"to": "eve@evil.org"}',
            "bad.json": '{"to": 5}',
            "good.json": '{"to": "ada@example.org"}',
        },
    )

    assert "CC303" in run("render", "mail").stderr
    assert "CC230" in run("render", "mail", "--payload", "bad.json").stderr
    assert "ada@example.org" in run("render", "mail", "--payload", "good.json").stdout


def test_a_body_is_shown_as_it_is_posted_and_steers_no_terminal(project, run):
    source = """
        from cloud_cron import CloudCron
        app = CloudCron("weather")

        @app.schedule("rate(1 day)", topics=["reports"])
        def morning(): ...

        @app.notifier("webhook", topics=["reports"], recipients=["https://hooks.example.org/"])
        def post(message):
            return message.payload
    """
    project(source, **{"samples/reports.json": '{"place": "Grü\\u009bße\\u001b[2J"}'})
    result = run("render", "post")

    assert result.exit_code == 0
    assert "body  {" in result.stdout
    assert "Grü\\x9bße" in result.stdout
    assert "\x1b[2J" not in result.stdout
    assert json.loads(run("render", "post", "--json").stdout)["content"] == {"body": {"place": "Grü\x9bße\x1b[2J"}}


BY_SES = """
from cloud_cron import CloudCron

app = CloudCron("shop")


@app.notifier("email", topics=["news"], sender="a@example.org", recipients="ada@example.org", ses_template=True)
def weekly(message):
    return message.payload
"""


def test_a_mail_by_an_ses_template_is_shown_as_ses_will_make_it(project, run):
    files = {
        "templates/weekly.subject.txt": "News for {{name}}",
        "templates/weekly.txt": "{{#if name}}Hi {{name}}{{/if}}",
    }
    folder = project(BY_SES)
    (folder / "templates").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "p.json").write_text('{"name": "Ada"}', encoding="utf-8")
    content = json.loads(run("--json", "render", "weekly", "--payload", "p.json").stdout)["content"]
    assert (content["subject"], content["text"], content["whole"]) == ("News for Ada", "Hi Ada", True)
    (folder / "templates/weekly.txt").write_text("{{> footer}}", encoding="utf-8")
    shown = run("render", "weekly", "--payload", "p.json").stdout
    assert "Amazon SES renders template shop-dev-weekly-" in shown
    assert "SES template shop-dev-weekly-" in shown
