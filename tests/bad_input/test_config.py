"""A secret in cloud-cron.toml: no command repeats it."""

from __future__ import annotations

import pytest

from tests.bad_input.catalogue.configuration import AWS, TEXTS, TWILIO
from tests.bad_input.conftest import HEAD

MAIL = "@app.notifier('email', recipients='ada@example.org')\ndef go(m): ...\n"


@pytest.mark.parametrize("text", [text for text in TEXTS if AWS in text or TWILIO in text])
def test_70_a_secret_is_shown_by_nobody(project, run, text):
    project(HEAD + MAIL, **{"cloud-cron.toml": text})
    told = run("list").stderr + run("check").stdout + run("list", "--debug").stderr

    assert "CC505" in told
    assert AWS not in told
    assert TWILIO not in told
