"""What a function needs of other packages."""

from __future__ import annotations

import tomllib
from pathlib import Path

from cloud_cron_cli.deploy.dockerfile import RUNTIME

OUTSIDE = {"click>=8.1.8", "rich>=13.7"}  # the command line's own


def test_a_function_needs_the_library_s_own_requirements_and_not_those_of_the_command_line():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert set(RUNTIME) == set(project["dependencies"]) - OUTSIDE
    assert len(RUNTIME) == len(project["dependencies"]) - len(OUTSIDE)
