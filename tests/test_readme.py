"""The README is run: its files are written to an empty folder, and its commands must say there what it shows."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.pages import ROOT, Page, pattern, tried

README = Page("README.md")
COLUMNS = 6


@pytest.mark.slow
def test_its_commands_say_what_it_shows(tmp_path):
    README.write(tmp_path)
    README.check(tmp_path)


def test_its_first_command_says_what_it_shows(tmp_path):
    README.write(tmp_path)
    tried(README.commands()[0], tmp_path)


def test_it_shows_every_command_there_is():
    words = [command.line.split() for command in README.commands()]
    run_by_readme = {several[1] for several in words if several[0] == "cloud-cron"}

    assert {"init", "check", "list", "graph", "next", "invoke", "render", "dev", "serve", "status"} <= run_by_readme


def test_the_demo_says_what_it_shows():
    [shown] = [block.text for block in README.blocks if block.kind == "text"]
    done = subprocess.run(
        [sys.executable, "examples/basic/demo.py"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )

    assert re.fullmatch(pattern(shown), "".join(f"{line.rstrip()}\n" for line in done.stdout.splitlines()))


def test_it_compares_as_the_page_does():
    """A row is the same here and there, so that there is one place to be honest in."""
    rows = [line for line in README.text.splitlines() if line.startswith("| ") and line.count("|") == COLUMNS + 1]
    page = (ROOT / "docs" / "explanation" / "comparison.md").read_text(encoding="utf-8").splitlines()

    assert len(rows) > COLUMNS
    assert [row for row in rows if row not in page] == []


def test_its_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", README.text, re.MULTILINE))

    assert {"demo", "test", "bench", "soak"} <= named <= targets


def test_its_links_lead_to_files():
    linked = README.links()

    assert linked
    assert [target for target in linked if not (ROOT / target).exists()] == []
