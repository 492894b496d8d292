"""docs/operate.md: its commands are run, and its tables say what the code does."""

from __future__ import annotations

import re
import sys

import pytest

from cloud_cron.runtime import claims
from cloud_cron_cli.operating import letter_findings, mail_findings, part_findings, run_findings
from cloud_cron_cli.operating.letters import HOPS
from tests.pages import ROOT, Page

PAGE = Page("docs/operate.md")


def rows(heading: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    section = PAGE.text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines[1:]]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="hosts fork, so that there are none on Windows")
def test_its_commands_say_what_it_shows(tmp_path):
    PAGE.write(tmp_path)
    PAGE.check(tmp_path)


def test_its_findings_are_those_of_the_code():
    modules = (letter_findings, mail_findings, part_findings, run_findings)
    source = "".join((ROOT / "cli/cloud_cron_cli/operating" / f"{module.__name__.rpartition('.')[2]}.py").read_text(
        encoding="utf-8") for module in modules)  # fmt: skip
    made = set(re.findall(r'Finding\("([a-z-]+)"', source)) | set(letter_findings.KINDS) | set(mail_findings.KINDS)
    said = {word for cells in rows("What to look at") for word in re.findall(r"`([a-z-]+)`", cells[0])}

    assert said == made


def test_its_hops_and_states_are_those_of_the_code():
    assert [cells[0].strip("`") for cells in rows("Where things get stuck")] == list(HOPS)
    states = {claims.SENT, claims.REJECTED, claims.RETRY, claims.DOUBT, claims.STALE, claims.SKIPPED}
    said = {word for cells in rows("What a redrive does") for word in re.findall(r"`([a-z]+)`", cells[0])}
    assert said == {state.lower() for state in states}
