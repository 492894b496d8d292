"""A wheel that a newcomer could not begin with does not pass."""

from __future__ import annotations

import pytest

from scripts.release import installing
from scripts.release.outcomes import Failed, Ok, Skipped
from tests.project.release.planted import COMMAND, INFO, LOCK, METADATA, WHEEL, tree

UNKNOWN = f"""
[[package]]
name = "cloud-cron-needs-this"
version = "1.0"
source = {{ registry = "https://index.invalid/simple" }}
wheels = [
    {{ url = "https://index.invalid/cloud_cron_needs_this-1.0-py3-none-any.whl", hash = "sha256:{"0" * 64}" }},
]
"""

pytestmark = pytest.mark.slow


def why(outcome) -> str:
    assert isinstance(outcome, Failed)
    return outcome.why


def test_a_wheel_that_works_passes(tmp_path):
    assert installing.check(tree(tmp_path, wheel={})) == Ok("--version, init, check, list, invoke")


def test_a_wheel_without_its_command_is_told(tmp_path):
    planted = tree(tmp_path, wheel={f"{INFO}/entry_points.txt": ""})
    assert "cloud-cron --version: " in why(installing.check(planted))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("cloud-cron 1.2.3", "cloud-cron 1.2.2", "cloud-cron --version: cloud-cron 1.2.2, and this is 1.2.3"),
        ('"check", "--strict"', '"check"', "cloud-cron check --strict: no such command: ['check', '--strict']"),
        ('"invoke", "daily"', '"invoke"', "cloud-cron invoke: no such command: ['invoke', 'daily']"),
    ],
)
def test_a_command_that_fails_is_told(tmp_path, old, new, said):
    assert old in COMMAND
    planted = tree(tmp_path, wheel={"cloud_cron/command.py": COMMAND.replace(old, new)})
    assert said == why(installing.check(planted))


def test_a_requirement_that_the_lock_does_not_pin_is_told(tmp_path):
    asking = METADATA.replace("Requires-Python", "Requires-Dist: cloud-cron-needs-this\nRequires-Python")
    planted = tree(tmp_path, wheel={f"{INFO}/METADATA": asking})
    assert "the wheel asks for what the lock does not pin" in why(installing.check(planted))


def test_a_requirement_that_is_not_in_the_cache_is_a_reason_to_skip(tmp_path):
    own = LOCK + 'dependencies = [{ name = "cloud-cron-needs-this" }]\n'
    outcome = installing.check(tree(tmp_path, {"uv.lock": own + UNKNOWN}, wheel={}))
    assert isinstance(outcome, Skipped)
    assert "uv's cache lacks what the lock pins" in outcome.why


def test_an_archive_that_is_no_wheel_is_told(tmp_path):
    assert f"{INFO}/WHEEL" in WHEEL
    planted = tree(tmp_path, wheel={f"{INFO}/WHEEL": ""})
    assert "the wheel does not install" in why(installing.check(planted))
