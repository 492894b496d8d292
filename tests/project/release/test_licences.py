"""A requirement whose licence nobody allowed does not pass."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, PathDistribution
from typing import TYPE_CHECKING

import pytest

from cloud_cron_cli.deploy.images.packages import Package
from scripts.release import licences
from scripts.release.licences import Licensed
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import tree

if TYPE_CHECKING:
    from pathlib import Path

MIT = "License :: OSI Approved :: MIT License"
COPYLEFT = "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"


def installed(folder: Path, **metadata: list[str]):
    """What finds these packages, of version 1.0, with those lines of metadata."""
    for name, lines in metadata.items():
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        text = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines, "", ""])
        (info / "METADATA").write_text(text, encoding="utf-8")

    def find(name: str) -> PathDistribution:
        info = folder / f"{name}-1.0.dist-info"
        if not info.exists():
            raise PackageNotFoundError(name)
        return PathDistribution(info)

    return find


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        (["License-Expression: MIT", f"Classifier: {COPYLEFT}"], "MIT"),
        ([f"Classifier: {MIT}", "License: whatever"], "MIT"),
        ([f"Classifier: {MIT}", "Classifier: License :: OSI Approved"], "MIT"),
        ([f"Classifier: {MIT}", "Classifier: License :: OSI Approved :: BSD License"], "BSD AND MIT"),
        ([f"Classifier: {COPYLEFT}"], "GNU-General-Public-License-v3-(GPLv3)"),
        (["Classifier: License :: Other/Proprietary License"], "Other/Proprietary-License"),
        (["License: Apache-2.0"], "Apache-2.0"),
        ([f"License: {'Redistribution is permitted. ' * 9}"], ""),
        ([], ""),
    ],
)
def test_what_a_package_says_of_its_licence(tmp_path, lines, licence):
    metadata = installed(tmp_path, one=lines)("one").metadata
    assert licences.licence(metadata) == licence


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT)", True),
        ("MPL-2.0", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT OR (MIT AND GPL-3.0-only)", False),
        ("Apache-2.0 WITH LLVM-exception", False),
        ("mit", False),
        ("", False),
    ],
)
def test_which_licences_are_allowed(licence, allowed):
    assert Licensed("one", "1.0", licence).is_allowed is allowed


def test_a_licence_that_is_not_in_the_list_is_told(tmp_path):
    find = installed(tmp_path / "site", one=["License-Expression: MIT"], two=["License-Expression: SSPL-1.0"], three=[])
    packages = [Package(name, "1.0", ()) for name in ("one", "two", "three")]
    planted = tree(tmp_path)

    assert licences.reported(packages, find, planted) == Failed(
        "two has the licence 'SSPL-1.0'; three has the licence ''"
    )
    assert (planted.out / "licences.md").read_text(encoding="utf-8").splitlines()[4:] == [
        "| one | 1.0 | MIT |",
        "| three | 1.0 | none told |",
        "| two | 1.0 | SSPL-1.0 |",
    ]


def test_another_version_than_the_locked_one_is_told(tmp_path):
    find = installed(tmp_path / "site", one=["License-Expression: MIT"])
    outcome = licences.reported([Package("one", "1.1", ())], find, tree(tmp_path))
    assert outcome == Failed("one 1.0 is installed, and 1.1 is locked")


def test_a_package_for_other_platforms_is_named(tmp_path):
    find = installed(tmp_path / "site", one=["License-Expression: MIT"])
    outcome = licences.reported([Package("one", "1.0", ()), Package("colorama", "0.4.6", ())], find, tree(tmp_path))
    assert outcome == Ok("1 packages, not installed here: colorama")
