"""An audit passes when everything was asked about, and nothing was found."""

from __future__ import annotations

import json
import os

import pytest

from cloud_cron_cli.deploy.images.packages import Package
from scripts.release import audit, lock
from scripts.release.outcomes import Failed, Ok, Skipped
from tests.project.release.planted import PYPROJECT, tree

SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
HOLED = {"name": "jinja2", "version": "3.1.2", "vulns": [{"id": "CVE-2024-22195"}, {"id": "CVE-2024-34064"}]}
EXTRAS = "".join(f"{name} = []\n" for name in lock.EXTRAS)
UNKNOWN = {"name": "rich", "skip_reason": "not found"}


def outcome(*packages):
    return audit.outcome(json.dumps({"dependencies": packages, "fixes": []}))


def test_no_known_hole_passes():
    assert outcome(SOUND) == Ok("1 packages, no known holes")


def test_each_hole_is_told_also_when_something_could_not_be_asked_about():
    said = Failed("jinja2 3.1.2 has CVE-2024-22195; jinja2 3.1.2 has CVE-2024-34064")
    assert outcome(SOUND, HOLED) == said
    assert outcome(UNKNOWN, HOLED) == said


def test_what_could_not_be_asked_about_is_no_success():
    assert outcome(SOUND, UNKNOWN) == Skipped("1 of 2 packages could not be asked about: rich")
    assert isinstance(outcome(), Skipped)


def test_the_very_versions_are_asked_about():
    assert audit.asked([Package("six", "1.17.0", ("sha256:x",))]) == "six==1.17.0\n"


@pytest.fixture
def auditor(tmp_path):
    """Puts a program into the place of the Python with pip-audit, which is of the right version."""

    def write(does: str):
        python = tmp_path / ".venv-audit/bin/python"
        python.parent.mkdir(parents=True)
        version = f'[ "$3" = --version ] && echo "pip-audit {audit.VERSION}" && exit'
        python.write_text(f"#!/bin/sh\n{version}\n{does}\n", encoding="utf-8")
        python.chmod(0o755)
        return tree(tmp_path, {"pyproject.toml": f"{PYPROJECT}\n[project.optional-dependencies]\n{EXTRAS}"})

    return write


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for Python")
def test_the_report_decides_not_the_exit_code(auditor):
    found = json.dumps({"dependencies": [HOLED]})
    outcome = audit.check(auditor(f"shift 9; echo '{found}' > \"$3\""))
    assert outcome == Failed("jinja2 3.1.2 has CVE-2024-22195; jinja2 3.1.2 has CVE-2024-34064")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for Python")
def test_without_a_report_the_audit_is_skipped(auditor):
    assert audit.check(auditor('echo "the service does not answer"; exit 1')) == Skipped("the service does not answer")
