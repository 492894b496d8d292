"""What `render` shows is what leaves, byte for byte: through a mail server, and through Amazon SES."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from typing import Any

import pytest

from tests.aws.emulated import clients as emulated
from tests.channels.mail_servers import Box, served

APP = """
from cloud_cron import Attachment, CloudCron, Email
app = CloudCron("weather")

@app.schedule("cron(0 8 * * ? 2199)", topics=["reports"])
def go():
    return {"reports": {"city": "Zürich"}}

@app.notifier("email", recipients=["ada@example.org", "bob@example.org"])
def mail(message):
    city = message.payload["city"]
    return Email(
        f"Wetter für {city} ✉ " + "lang " * 30,
        f"Text für {city}\\n.\\nFrom here\\n" + "w" * 200,
        f"<p>{city} &amp; <img src='cid:a b.png'></p>\\n.\\n",
        headers={"List-Unsubscribe": "<https://example.org/u?" + "x" * 90 + ">", "X-Kind": "report"},
        attachments=[Attachment("a b.png", b"PNG", "image/png", inline=True), Attachment("ä.csv", b"1;2")],
    )
"""
TOML = """
[channels.email]
sender = "Käse & Co <shop@example.org>"
reply_to = "help@example.org"
{server}
[stages.mine.channels.email]
redirect_to = "me@example.org"
"""
SAMPLE = '{"city": "Zürich"}'
RUN = ("invoke", "go", "--at", "2199-01-01T08:00", "--send")


def same(shown: dict[str, Any], data: bytes) -> None:
    """The mail that left is the one that was shown; the time is another."""
    mail = message_from_bytes(data, policy=policy.SMTP)
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert mail["Subject"] == shown["subject"]
    assert text.get_content().encode().replace(b"\r\n", b"\n") == shown["text"].rstrip("\n").encode() + b"\n"
    seen = html.get_content().replace("\r\n", "\n")  # lines of a mail end so
    content_id = next(part["Content-ID"] for part in mail.walk() if part["Content-ID"])
    assert seen.replace(content_id.strip("<>"), "a b.png").encode() == shown["html"].rstrip("\n").encode() + b"\n"
    raw = {name: value.replace("\r\n", "") for name, value in message_from_bytes(data).items()}
    expected = dict(shown["mail"]["headers"])
    raw["Date"] = expected["Date"]
    assert raw == expected
    assert len(data) == shown["mail"]["bytes"]


@pytest.mark.parametrize("stage", ["dev", "mine"])
def test_a_mail_server_gets_what_was_shown(project, run, stage):
    box = Box()
    with served(box) as port:
        server = f'smtp = "smtp+plain://127.0.0.1:{port}"'
        project(APP, **{"cloud-cron.toml": TOML.format(server=server), "samples/reports.json": SAMPLE})
        shown = json.loads(run("render", "mail", "--json", "--stage", stage).stdout)["content"]
        assert run(*RUN, "--stage", stage).exit_code == 0

    same(shown, box.mails[0][2])
    assert (box.mails[0][1] == ["me@example.org"]) is (stage == "mine")
    assert shown["subject"].startswith("[for ada@example.org] Wetter" if stage == "mine" else "Wetter")


@pytest.mark.moto
@pytest.mark.parametrize("stage", ["dev", "mine"])
def test_ses_gets_what_was_shown(project, run, stage, monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    project(APP, **{"cloud-cron.toml": TOML.format(server=""), "samples/reports.json": SAMPLE})
    with emulated() as (clients, backends):
        clients.get("sesv2").create_email_identity(EmailIdentity="example.org")
        shown = json.loads(run("render", "mail", "--json", "--stage", stage).stdout)["content"]
        result = run(*RUN, "--stage", stage)
        assert result.exit_code == 0, result.stderr
        sent = backends["ses"]["us-east-1"].sent_messages

    same(shown, sent[0].raw_data.encode())


def test_a_person_sees_the_headers_and_with_v_the_html(project, run):
    project(APP, **{"cloud-cron.toml": TOML.format(server=""), "samples/reports.json": SAMPLE})
    lines = run("render", "mail").stdout.splitlines()

    assert lines[0] == "mail  email → ada@example.org"
    assert lines[1:4] == [
        "│ From  Käse & Co <shop@example.org>",
        "│ To  ada@example.org",
        "│ Reply-To  help@example.org",
    ]
    assert [line for line in lines if line.startswith("│ List-Unsubscribe  <https://example.org/u?")]
    assert [line for line in lines if line.startswith("│ subject  Wetter für Zürich ✉ ")]
    assert "│ attachments  a b.png (image/png, 3 bytes), ä.csv (text/csv, 3 bytes)" in lines
    assert lines[-1] == "│ and 46 characters of html"
    assert "│ <p>Zürich &amp; <img src='cid:a b.png'></p>" in run("-v", "render", "mail").stdout.splitlines()


TEXTS = """
from cloud_cron import CloudCron
app = CloudCron("weather")

@app.schedule(topics=["alerts"])
def go(): return {"alerts": {}}

@app.notifier("sms", recipients=["+12025550123", "+442079460123", "+12025550124"])
def text(message):
    return message.payload["text"]
"""


@pytest.mark.parametrize(
    ("text", "toml", "encoding", "cost", "said"),
    [
        (
            "frost",
            "",
            "GSM-7",
            (3, 3, {"GB": 1, "US": 2}, "unknown"),
            "1 segment of GSM-7, 3 recipients in GB, US: 3 to pay for",
        ),
        (
            "✉" * 71,
            "from_number = '+12025550199'",
            "UCS-2",
            (6, 3, {"GB": 1, "US": 2}, "abroad"),
            "2 segments of UCS-2, 3 recipients in GB, US: 6 to pay for, abroad",
        ),
        (
            "x" * 150,
            "from_number = '+12025550199'\nredirect_to = '+12025550100'",
            "GSM-7",
            (6, 3, {"US": 3}, "domestic"),
            "2 segments of GSM-7, 3 recipients in US: 6 to pay for, domestic",
        ),
    ],
)
def test_a_text_is_shown_with_its_encoding_and_what_everybody_costs(project, run, text, toml, encoding, cost, said):  # noqa: PLR0913, PLR0917 - a table
    pytest.importorskip("phonenumbers")
    project(TEXTS, **{"cloud-cron.toml": f"[channels.sms]\n{toml}\n", "a.json": json.dumps({"text": text})})
    content = json.loads(run("render", "text", "--payload", "a.json", "--json").stdout)["content"]

    assert list(content) == ["text", "segments", "encoding", "cost"]
    assert content["encoding"] == encoding
    assert tuple(content["cost"].values()) == cost
    assert run("render", "text", "--payload", "a.json").stdout.splitlines()[-1] == f"│ {said}"
