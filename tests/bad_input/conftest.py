"""What the tests of bad input share: a project, its command line, and how a mistake in it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.conftest import project, run, untouched_imports

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["project", "run", "untouched_imports"]

HEAD = "from cloud_cron import CloudCron\napp = CloudCron('weather')\n"


@pytest.fixture
def refused(project, run) -> Callable[..., dict[str, Any]]:
    """The one mistake that `check` finds in an app; every command ends with exit code 2, and none does anything."""

    def check(body: str, **files: str) -> dict[str, Any]:
        folder = project(HEAD + body, **files)
        before = sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")
        for line in (["list"], ["invoke", "go", "--send"]):
            result = run(*line)
            assert (result.exit_code, result.stdout) == (2, "")
            assert "cloud_cron" not in result.stderr.replace("from cloud_cron import", "")
        shown = run("check", "--json")
        assert shown.exit_code == 2
        assert sorted(path.name for path in folder.iterdir() if path.name != "__pycache__") == before
        [found] = json.loads(shown.stdout)["diagnostics"]
        assert found["severity"] == "error"
        return dict(found)

    return check
