"""What is released is told, in the shape that tools read."""

from __future__ import annotations

import pytest

from scripts.release import changelog
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import CHANGELOG, tree

FAULTS = {
    "the version is missing": ("[1.2.3]", "[1.2.4]", "it tells nothing of 1.2.3"),
    "its entry is empty": ("- A first thing.\n", "", "it tells nothing of 1.2.3"),
    "something is left": (
        "## [Unreleased]\n",
        "## [Unreleased]\n\n### Added\n\n- New.\n",
        "1 entry under [Unreleased]: move them under a heading with version and date",
    ),
    "no title": ("# Changelog\n", "# Changes\n", "it does not begin with its title"),
    "nothing to come": ("## [Unreleased]\n", "", "[Unreleased] does not stand first"),
    "no date": (" - 2026-01-31", "", "## [1.2.2] has no version with a date"),
    "no such day": ("2026-02-28", "2026-02-30", "## [1.2.3] - 2026-02-30 has no version with a date"),
    "the wrong order": ("[1.2.2]", "[1.2.10]", "releases do not go from the newest to the oldest, each once"),
    "the same twice": ("[1.2.2]", "[1.2.3]", "releases do not go from the newest to the oldest, each once"),
    "a kind of its own": ("### Fixed", "### Improved", "### Improved is none of the six kinds"),
}


def test_a_changelog_as_it_should_be_passes_and_its_entry_is_the_notes(tmp_path):
    planted = tree(tmp_path)
    assert changelog.check(planted) == Ok("1 entry for 1.2.3")
    assert (planted.out / "notes.md").read_text(encoding="utf-8") == "### Added\n\n- A first thing.\n\n"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_told(tmp_path, fault):
    old, new, said = FAULTS[fault]
    assert old in CHANGELOG
    outcome = changelog.check(tree(tmp_path, {"CHANGELOG.md": CHANGELOG.replace(old, new)}))
    assert isinstance(outcome, Failed)
    assert said in outcome.why.split("; ")


def test_the_newest_release_is_found_below_what_is_to_come():
    assert changelog.newest(CHANGELOG) == "1.2.3"
    assert changelog.newest("# Changelog\n\n## [Unreleased]\n") == ""
