"""The version and the release notes tell the same story."""

from __future__ import annotations

from pathlib import Path

import cloud_cron
from scripts.release import changelog

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_has_the_shape_that_tools_read():
    assert list(changelog.shape(CHANGELOG)) == []


def test_the_newest_release_is_the_version_of_the_package():
    assert changelog.newest(CHANGELOG) == cloud_cron.__version__


def test_every_release_tells_something():
    assert [section.heading for section in changelog.sections(CHANGELOG)[1:] if not section.entries] == []
