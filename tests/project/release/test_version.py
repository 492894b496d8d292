"""A release is one version of one commit."""

from __future__ import annotations

import pytest

from scripts.release import version
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import committed, git, tree


@pytest.fixture
def checkout(tmp_path):
    return committed(tmp_path)


def why(outcome) -> str:
    assert isinstance(outcome, Failed)
    return outcome.why


def test_a_clean_checkout_passes_before_and_after_it_is_tagged(checkout):
    assert version.check(checkout) == Ok("1.2.3, not tagged yet")
    git(checkout.root, "tag", "-a", "v1.2.3", "-m", "A release")
    assert version.check(checkout) == Ok("1.2.3, tagged")


def test_a_tag_of_another_commit_is_told(checkout):
    git(checkout.root, "tag", "v1.2.3")
    git(checkout.root, "commit", "-q", "--allow-empty", "-m", "Later")
    assert "v1.2.3 is the tag of" in why(version.check(checkout))


def test_a_commit_with_the_tag_of_another_version_is_told(checkout):
    git(checkout.root, "tag", "v1.3.0")
    assert "the tag of this commit is v1.3.0" in why(version.check(checkout))


@pytest.mark.parametrize("name", ["CHANGELOG.md", "stray.txt"])
def test_what_is_not_committed_is_told(checkout, name):
    with (checkout.root / name).open("a", encoding="utf-8") as file:
        file.write("more\n")
    assert why(version.check(checkout)) == f"not committed: {name}"


def test_what_the_checks_write_is_no_change(checkout):
    checkout.out.mkdir(parents=True)
    (checkout.out / "notes.md").write_text("notes", encoding="utf-8")
    assert isinstance(version.check(checkout), Ok)


@pytest.mark.parametrize("spelled", ["1.2", "1.2.3rc1", "1.2.3-rc.1", "01.2.3", "v1.2.3", "1.2.3+local"])
def test_a_version_that_somebody_spells_otherwise_is_told(tmp_path, spelled):
    planted = committed(tmp_path, {"cloud_cron/__init__.py": f'__version__ = "{spelled}"\n'})
    assert f"{spelled!r}, which is no version" in why(version.check(planted))


def test_a_changelog_of_another_version_is_told(tmp_path):
    planted = committed(tmp_path, {"cloud_cron/__init__.py": '__version__ = "1.3.0"\n'})
    assert "the newest heading of CHANGELOG.md is 1.2.3, and the version is 1.3.0" in why(version.check(planted))


def test_a_folder_that_git_does_not_know_is_told(tmp_path):
    assert "no checkout of git" in why(version.check(tree(tmp_path)))
