"""The version and the release notes tell the same story."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import cloud_cron

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
RELEASES = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})", heading) for heading in HEADINGS[1:]]
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_what_is_not_released_stands_first():
    assert HEADINGS[0] == "[Unreleased]"


def test_every_release_has_a_version_and_a_date():
    assert all(RELEASES), HEADINGS
    assert all(date.fromisoformat(release[2]) for release in RELEASES if release)


def test_releases_go_from_newest_to_oldest():
    versions = [tuple(map(int, release[1].split("."))) for release in RELEASES if release]
    assert versions == sorted(set(versions), reverse=True)


def test_the_newest_release_is_the_version_of_the_package():
    assert RELEASES[0]
    assert RELEASES[0][1] == cloud_cron.__version__


def test_changes_are_of_the_six_kinds():
    assert set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE)) <= KINDS
