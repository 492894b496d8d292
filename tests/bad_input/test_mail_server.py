"""The mail server of cloud-cron.toml, and of a decorator: refused before anything is sent, and no password shown."""

from __future__ import annotations

import pytest

from tests.bad_input.test_config import MAIL

SENDER = "sender = 'shop@example.org'"


@pytest.mark.parametrize(
    ("toml", "code", "text", "hint"),
    [
        pytest.param("smtp = 'mail.example.org:587'", "CC132", "smtp must be the address", "smtp://user@", id="scheme"),
        pytest.param("smtp = 'http://mail.example.org'", "CC132", "http:// is no way", "smtps://", id="http"),
        pytest.param("smtp = 'smtp://host/path?tls=0'", "CC132", "smtp must be the address", "smtp://user@", id="path"),
        pytest.param("smtp = 'smtp://host:99999'", "CC132", "port 99999", "smtp://user@", id="port"),
        pytest.param(
            "smtp = 'smtp+plain://mail.example.org'", "CC132", "readable to everybody", "smtps://", id="plain"
        ),
        pytest.param("smtp = 587", "CC132", "smtp must be a string, not an int", "smtp://user@", id="number"),
        pytest.param("smtp = 'smtp://ada:tiger@host'", "CC505", "holds a password", "secretsmanager:", id="password"),
        pytest.param("smtp = 'smtp://ada:ti/ger@host'", "CC506", "holds a password", "env:SMTP_PASSWORD", id="slash"),
        pytest.param("secret = 'tiger'", "CC506", "must be a reference", "secretsmanager:", id="value"),
    ],
)
def test_a_mail_server_that_cannot_be(refused, run, toml, code, text, hint):  # noqa: PLR0913, PLR0917 - a table
    found = refused(MAIL, **{"cloud-cron.toml": f"[channels.email]\n{SENDER}\n{toml}\n"})

    assert (found["code"], found["file"]) == (code, "cloud-cron.toml")
    assert text in found["message"]
    assert hint in found["hint"]
    told = str(found) + run("list").stderr + run("list", "--debug").stderr
    assert "tiger" not in told
    assert "ti/ger" not in told


@pytest.mark.parametrize(
    ("toml", "text"),
    [
        pytest.param(f"{SENDER}\nsmtp = 'smtp://ada@host'", "no secret is the password", id="no-secret"),
        pytest.param(f"{SENDER}\nsmtp = 'smtp://host'\nsecret = 'env:X'", "smtp names no user", id="no-user"),
        pytest.param(f"{SENDER}\nsecret = 'env:X'", "smtp names no user", id="no-server"),
        pytest.param("smtp = 'smtp://host'", "nobody is named as sender", id="no-sender"),
    ],
)
def test_a_mail_server_that_lacks_something(refused, toml, text):
    """Nothing is lacking before every table was read, so that the notifier is what is shown."""
    found = refused(MAIL, **{"cloud-cron.toml": f"[channels.email]\n{toml}\n"})

    assert (found["code"], found["file"]) == ("CC132", "app.py")
    assert text in found["message"]
    assert found["hint"]


@pytest.mark.parametrize(
    "toml",
    [
        "[channels.email]\nsmtp = 'smtp://ada@host'\n{}\n[stages.dev.channels.email]\nsecret = 'env:X'",
        "[channels.email]\nsecret = 'env:X'\n{}\n[stages.dev.channels.email]\nsmtp = 'smtp://ada@host'",
        "[channels.email]\nsmtp = 'smtp://ada@host'\n{}\n[notifiers.go]\nsecret = 'env:X'",
    ],
)
def test_the_parts_may_stand_in_several_tables(project, run, toml):
    project(
        f"from cloud_cron import CloudCron\napp = CloudCron('weather')\n{MAIL}",
        **{"cloud-cron.toml": toml.format(SENDER)},
    )
    result = run("list")

    assert (result.exit_code, result.stderr) == (0, "")
