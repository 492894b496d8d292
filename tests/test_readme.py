"""The README is run: its files are written to an empty folder, and its commands must say there what it shows."""

from __future__ import annotations

import re

from tests.pages import ROOT, Page

README = Page("README.md")


def test_its_commands_say_what_it_shows(tmp_path):
    README.write(tmp_path)
    README.check(tmp_path)


def test_it_shows_every_command_there_is():
    words = [command.line.split() for command in README.commands()]
    run_by_readme = {several[1] for several in words if several[0] == "cloud-cron"}

    assert {"init", "check", "list", "graph", "next", "invoke", "render", "dev", "serve", "status"} <= run_by_readme


def test_its_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", README.text, re.MULTILINE))

    assert {"demo", "test", "bench", "soak"} <= named <= targets


def test_its_links_lead_to_files():
    linked = README.links()

    assert linked
    assert [target for target in linked if not (ROOT / target).exists()] == []
