"""cloud-cron.toml, as every command meets it."""

from __future__ import annotations

import pytest

MAIL = "@app.notifier('email', recipients='ada@example.org')\ndef go(m): ...\n"
AWS = "AKIAIOSFODNN7EXAMPLE"
TWILIO = "SK0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("toml", "code", "text", "line", "hint"),
    [
        pytest.param(
            "[channels.email]\nrecipents = []", "CC501", "'recipents'", 2, "did you mean 'recipients'?", id="66"
        ),
        pytest.param("regoin = 'x'", "CC501", "'regoin'", 1, "did you mean 'region'?", id="66-top"),
        pytest.param("[notifiers.og]", "CC501", "no notifier 'og'", 1, "known: go", id="66-notifier"),
        pytest.param("\nregion = 3", "CC502", "region must be a region of AWS", 2, "", id="67"),
        pytest.param(
            "[notifiers.go]\ntimeout = '9'", "CC502", "must be a whole number, not a string", 2, "", id="67-table"
        ),
        pytest.param("region = 'x'\nregion eu", "CC503", "", 2, "", id="68"),
        pytest.param("[stages.dev]\n[stages.dev]", "CC504", "[stages.dev] is there already", 2, "", id="69"),
        pytest.param(
            f"[notifiers.go]\nenv = {{ KEY = '{AWS}' }}", "CC505", "[notifiers.go.env] KEY", 2, "", id="70-aws"
        ),
        pytest.param(f"[channels.sms]\nkey = '{TWILIO}'", "CC505", "[channels.sms] key", 2, "", id="70-twilio"),
    ],
)
def test_66_to_70_a_file_that_cannot_be(refused, run, toml, code, text, line, hint):  # noqa: PLR0913, PLR0917 - a table
    found = refused(MAIL, **{"cloud-cron.toml": toml})

    assert (found["code"], found["file"], found["line"]) == (code, "cloud-cron.toml", line)
    assert text in found["message"]
    assert found["hint"]
    assert hint in found["hint"]
    told = run("list").stderr + run("check").stdout + run("list", "--debug").stderr
    assert AWS not in told
    assert TWILIO not in told


def test_68_the_column_is_told(project, run):
    project("", **{"cloud-cron.toml": "region = 'x'\nregion eu"})

    assert "\n  at   cloud-cron.toml:2:8\n" in run("list").stderr
