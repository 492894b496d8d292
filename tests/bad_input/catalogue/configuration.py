"""cloud-cron.toml, as every command meets it."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import declared

_MAIL: Final = "@app.notifier('email', recipients='ada@example.org')\ndef go(m): ...\n"
AWS: Final = "AKIAIOSFODNN7EXAMPLE"
TWILIO: Final = "SK0123456789abcdef0123456789abcdef"
TEXTS: Final = (
    "[channels.email]\nrecipents = []",
    "regoin = 'x'",
    "[notifiers.og]",
    "\nregion = 3",
    "[notifiers.go]\ntimeout = '9'",
    "region = 'x'\nregion eu",
    "[stages.dev]\n[stages.dev]",
    f"[notifiers.go]\nenv = {{ KEY = '{AWS}' }}",
    f"[channels.sms]\nkey = '{TWILIO}'",
)


def _row(number: str, given: str, text: str, code: str, says: str, place: str, fix: str) -> Row:
    way = declared(_MAIL, {"cloud-cron.toml": text})
    return Row(number, given, way, code, says, f"cloud-cron.toml:{place}", fix)


ROWS: Final = (
    _row("66", "an unknown key", TEXTS[0], "CC501", "[channels.email] does not know 'recipents'", "2", "'recipients'?"),
    _row(
        "66b", "an unknown key at the top", TEXTS[1], "CC501", "the top level does not know 'regoin'", "1", "'region'?"
    ),
    _row(
        "66c",
        "a notifier that the app does not have",
        TEXTS[2],
        "CC501",
        "app 'weather' has no notifier 'og'",
        "1",
        "known: go",
    ),
    _row(
        "67",
        "a number for text",
        TEXTS[3],
        "CC502",
        "region must be a region of AWS, not a whole number",
        "2",
        "eu-central-1",
    ),
    _row(
        "67b",
        "text for a number",
        TEXTS[4],
        "CC502",
        "[notifiers.go] timeout must be a whole number, not a string",
        "2",
        "without quotes",
    ),
    _row(
        "68",
        "text that is no TOML",
        TEXTS[5],
        "CC503",
        "line 2, column 8 is no TOML: expected '=' after a key in a key/value pair",
        "2:8",
        "text needs quotes",
    ),
    _row("69", "a stage twice", TEXTS[6], "CC504", "[stages.dev] is there already", "2", "make one of the two"),
    _row(
        "70",
        "an AWS access key",
        TEXTS[7],
        "CC505",
        "[notifiers.go.env] KEY holds an AWS access key; …",
        "2",
        "secretsmanager:",
    ),
    _row(
        "70b",
        "a key of Twilio",
        TEXTS[8],
        "CC505",
        "[channels.sms] key holds a Twilio API key; secrets do not belong into this file (the value is not shown)",
        "2",
        "secretsmanager:",
    ),
)
