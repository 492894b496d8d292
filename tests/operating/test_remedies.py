"""What to do about a letter: every code that a message can be refused with has its remedy, and no other."""

from __future__ import annotations

import re

from cloud_cron_cli.operating.remedies import REMEDIES
from tests.pages import ROOT

REFUSED = re.compile(r"(?:Event|Recipient|Render|Result)Error\(\s*\"(CC\d{3})\"")
"""What makes a dead letter of a message, when it is raised while one is delivered."""
DELIVERING = ("channels", "rendering", "runtime/addressing.py", "runtime/delivery.py", "runtime/events.py",
              "runtime/parcels.py")  # fmt: skip
NOT_A_MESSAGES = {"CC601", "CC506"}
"""A whole batch that is none, and a mistake in the configuration, which stops before there are messages."""


def raised() -> set[str]:
    found: set[str] = set()
    for place in DELIVERING:
        path = ROOT / "cloud_cron" / place
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            found |= set(REFUSED.findall(file.read_text(encoding="utf-8")))
    return found - NOT_A_MESSAGES


def test_every_code_that_a_message_is_refused_with_has_a_remedy():
    assert raised() - set(REMEDIES) == set()


def test_every_remedy_is_of_a_code_that_there_is_and_one_sentence():
    listed = set(
        re.findall(r"^\| `(CC\d{3})`", (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert {code for code in REMEDIES if code.startswith("CC")} <= listed
    assert [text for text in REMEDIES.values() if text.endswith(".") or "\n" in text or len(text) > 100] == []
