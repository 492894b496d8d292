"""Wheel and source distribution are held to what they are meant to hold, and to each other."""

from __future__ import annotations

import pytest

from scripts.release import artefacts, metadata
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import INFO, METADATA, PYPROJECT, WHEEL, packed, tree

FAULTS = {
    "another name": (
        "Name: cloud-cron",
        "Name: cloud_crone",
        "it is of cloud_crone 1.2.3, and this is cloud-cron 1.2.3",
    ),
    "another version": ("Version: 1.2.3", "Version: 1.2.4", "it is of cloud-cron 1.2.4, and this is cloud-cron 1.2.3"),
    "another licence": ("Apache-2.0", "MIT", "the licence is MIT, of 1 files: Apache-2.0 is meant"),
    "no such licence": ("Apache-2.0", "Apaché", "'Apaché' is invalid for 'license-expression'"),
    "a licence that is not there": ("File: LICENSE", "File: COPYING", "the wheel has no COPYING"),
    "an unknown classifier": (
        "Typing :: Typed",
        "Typing :: Much",
        "Typing :: Much is no classifier that an index takes",
    ),
    "a licence twice": (
        "Classifier: Typing :: Typed",
        "Classifier: License :: OSI Approved :: MIT License",
        "License :: OSI Approved :: MIT License is no classifier that an index takes",
    ),
    "no classifier": ("Classifier: Typing :: Typed\n", "", "there is no classifier"),
    "no summary": ("Summary: A tree for tests.\n", "", "there is no summary"),
    "an open address": (
        "Requires-Python",
        "Project-URL: Source, http://example.org\nRequires-Python",
        "http://example.org is no address of https",
    ),
    "no type": (
        "Description-Content-Type: text/markdown\n",
        "",
        "the description is of no type: text/markdown is meant",
    ),
    "no title": ("# A tree", "A tree", "the description does not begin with a title"),
    "a field of its own": ("Summary:", "Summery:", "unrecognized field: 'summery'"),
}


@pytest.mark.slow
def test_a_tree_as_it_should_be_passes(tmp_path):
    planted = tree(tmp_path)
    assert isinstance(artefacts.build(planted), Ok)
    assert artefacts.contents(planted) == Ok("build/release/dist/cloud_cron-1.2.3-py3-none-any.whl: OK")
    assert isinstance(metadata.check(planted), Ok)
    assert artefacts.sdist(planted) == Ok("the same wheel, byte for byte")


def test_what_cannot_be_built_is_told_by_every_check_that_needs_it(tmp_path):
    planted = tree(tmp_path, {"pyproject.toml": PYPROJECT.replace("[project]", "[project")})
    outcome = artefacts.build(planted)
    assert isinstance(outcome, Failed)
    assert "build/release/build.log" in outcome.why
    for check in (artefacts.contents, artefacts.sdist, metadata.check):
        assert check(planted) == Failed("nothing could be built")


def test_a_stray_folder_in_the_wheel_is_told(tmp_path):
    outcome = artefacts.contents(tree(tmp_path, wheel={"tests/__init__.py": "# a stray"}))
    assert isinstance(outcome, Failed)
    assert "W202" in outcome.why
    assert outcome.why.endswith("tests/")


@pytest.mark.slow
def test_a_file_that_the_source_distribution_lacks_is_told(tmp_path):
    lacking = f'{PYPROJECT}\n[tool.hatch.build.targets.sdist]\nexclude = ["cloud_cron/command.py"]\n'
    outcome = artefacts.sdist(tree(tmp_path, {"pyproject.toml": lacking}))
    assert outcome == Failed("the source distribution lacks cloud_cron/command.py")


@pytest.mark.parametrize(
    ("through", "said"),
    [
        ({"cloud_cron/command.py": ""}, ["the source distribution lacks cloud_cron/command.py"]),
        ({"cloud_cron/more.py": "#"}, ["only the source distribution has cloud_cron/more.py"]),
        ({"cloud_cron/command.py": "#"}, ["cloud_cron/command.py differs"]),
        ({}, []),
    ],
)
def test_two_wheels_are_told_apart(tmp_path, through, said):
    direct = packed(tmp_path / "direct.whl", WHEEL)
    assert list(artefacts.differences(direct, packed(tmp_path / "through.whl", {**WHEEL, **through}))) == said


def test_the_same_files_in_another_order_are_another_wheel(tmp_path):
    direct, through = packed(tmp_path / "a.whl", WHEEL), packed(tmp_path / "b.whl", dict(reversed(WHEEL.items())))
    (said,) = artefacts.differences(direct, through)
    assert "cannot be repeated" in said


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_metadata_is_told(tmp_path, fault):
    old, new, said = FAULTS[fault]
    assert old in METADATA
    outcome = metadata.check(tree(tmp_path, wheel={f"{INFO}/METADATA": METADATA.replace(old, new, 1)}))
    assert isinstance(outcome, Failed)
    assert said in outcome.why


def test_links_to_files_beside_the_description_are_counted():
    assert metadata.links_within(
        "[a](docs/a.md) [b](#b) <https://example.org> ![c](c.png) [d](mailto:d@example.com)"
    ) == [
        "docs/a.md",
        "c.png",
    ]
