"""Gates on every template: cfn-lint without a finding, the informational ones included."""

from __future__ import annotations

import pytest

from cloud_cron_cli.deploy.template import dumps
from tests.deploy.template.apps import WORLDS

LONG = [pytest.mark.slow]
GIVEN = "I3042"
"""An ARN that the user gave names its partition, as it should."""


@pytest.mark.parametrize("world", [pytest.param(name, marks=[] if name == "example" else LONG) for name in WORLDS])
def test_cfn_lint_finds_nothing(world):
    api = pytest.importorskip("cfnlint.api")
    config = pytest.importorskip("cfnlint.config")
    given = config.ManualArgs(include_checks=["I"], regions=["eu-central-1", "us-east-1"])
    ignored = {GIVEN} if world in {"given", "retiring"} else set()
    for part in WORLDS[world]():
        found = api.lint(dumps(part.template), config=given)
        assert [f"{match.rule.id} {match.message}" for match in found if match.rule.id not in ignored] == []
