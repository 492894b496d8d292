"""The examples are what newcomers read first: their own tests, checks and demos run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROJECTS = sorted(file.parent.name for file in EXAMPLES.glob("*/app.py"))
TOOL = shutil.which("cloud-cron", path=Path(sys.executable).parent) or "cloud-cron"


def ran(folder: Path, *command: str) -> str:
    """What a command in the folder says, in a pipe, on a terminal of 80 columns, once it ended well."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_there_are_examples():
    assert "basic" in PROJECTS


@pytest.mark.parametrize("name", PROJECTS)
def test_the_tests_of_an_example_pass(name: str):
    assert " passed" in ran(EXAMPLES / name, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.parametrize("name", PROJECTS)
def test_the_checks_find_nothing_to_say(name: str):
    ran(EXAMPLES / name, TOOL, "check", "--strict")


@pytest.mark.parametrize("name", PROJECTS)
def test_an_example_is_no_longer_than_a_page(name: str):
    assert len((EXAMPLES / name / "app.py").read_text(encoding="utf-8").splitlines()) <= 90


def test_the_demo_shows_what_every_notifier_would_send():
    shown = ran(EXAMPLES / "basic", sys.executable, "demo.py")

    for said in ("ops@example.com", "+12025550123", ": disk at ", "alerts: "):
        assert said in shown
    assert re.search("subject .*: disk.* over the limit", shown)
    assert "Traceback" not in shown
    assert "\x1b[" not in shown, "a pipe gets no colours"
    assert max(map(len, shown.splitlines())) <= 100
