"""What other parts of the tree judge counts here as they judge it."""

from __future__ import annotations

import pytest

from scripts.release import suites
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import tree

ENDING = "import sys\nprint('begun')\nprint(sys.argv[1:], 'problems')\nsys.exit({code})\n"
PARTS = {
    suites.docs: ("scripts/docs/__main__.py", "['build/release/docs'] problems"),
    suites.campaign: ("tests/campaign.py", "['--short'] problems"),
}


@pytest.mark.parametrize("check", PARTS)
def test_a_part_that_ends_badly_has_failed_and_its_log_is_named(tmp_path, check):
    program, said = PARTS[check]
    planted = tree(tmp_path, {program: ENDING.format(code=1), "scripts/docs/__init__.py": ""})
    assert check(planted) == Failed(f"{said} (more in build/release/{check.__name__}.log)")
    assert (planted.out / f"{check.__name__}.log").read_text(encoding="utf-8") == f"begun\n{said}\n"


@pytest.mark.parametrize("check", PARTS)
def test_a_part_that_ends_well_says_its_last_line(tmp_path, check):
    program, said = PARTS[check]
    assert check(tree(tmp_path, {program: ENDING.format(code=0), "scripts/docs/__init__.py": ""})) == Ok(said)


@pytest.mark.slow
def test_an_example_that_fails_its_tests_is_named(tmp_path):
    options = "[tool.pytest.ini_options]\naddopts = '-p no:cloud_cron'\n"
    planted = tree(
        tmp_path,
        {
            "examples/good/app.py": "",
            "examples/good/pyproject.toml": options,
            "examples/good/test_app.py": "def test_it():\n    assert True\n",
            "examples/bad/app.py": "",
            "examples/bad/pyproject.toml": options,
            "examples/bad/test_app.py": "def test_it():\n    assert False\n",
        },
    )
    outcome = suites.examples(planted)
    assert isinstance(outcome, Failed)
    assert outcome.why.startswith("bad: 1 failed")
    assert "good" not in outcome.why
    assert "assert False" in (planted.out / "examples.log").read_text(encoding="utf-8")


def test_no_examples_are_no_success(tmp_path):
    assert suites.examples(tree(tmp_path)) == Failed("there are none")
