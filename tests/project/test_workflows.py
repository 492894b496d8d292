"""What runs on GitHub is pinned, bounded, may do little, and runs nothing that the tree does not have."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted(ROOT.glob(".github/workflows/*.yml"))
TARGETS = re.findall(r"^([\w-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
PINNED = re.compile(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)")
GATED = {"announce", "attest", "deploy", "publish"}
"""Jobs that may write somewhere: they take what another job has made."""


class Job(NamedTuple):
    """A job of a workflow."""

    file: str
    name: str
    said: dict[str, Any]

    @property
    def steps(self) -> list[dict[str, str]]:
        """Its steps, in order."""
        steps: list[dict[str, str]] = self.said["steps"]
        return steps

    @property
    def permissions(self) -> dict[str, str]:
        """What it asks for beside what its workflow has."""
        permissions: dict[str, str] = self.said.get("permissions", {})
        return permissions


def read(file: Path) -> dict[str, Any]:
    """A workflow, every scalar as it is written."""
    said: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - text alone
    return said


def unknown(command: str) -> str:
    """What a command runs that is not there; nothing when all of it is."""
    program, *words = shlex.split(command)
    match Path(program).name:
        case "make":
            return next((word for word in words if "=" not in word and word not in TARGETS), "")
        case "python":
            return next((word for word in words if word.endswith(".py") and not (ROOT / word).exists()), "")
        case "gh":
            return ""
    return program


WORKFLOWS = [pytest.param(read(file), id=file.stem) for file in FILES]
JOBS = [Job(file.stem, name, said) for file in FILES for name, said in read(file)["jobs"].items()]
EACH = [pytest.param(job, id=f"{job.file}-{job.name}") for job in JOBS]


def test_there_are_workflows_for_changes_nights_pages_and_releases():
    assert {file.stem for file in FILES} == {"ci", "docs", "nightly", "release"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(file):
    lines = [line.strip().removeprefix("- ") for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if line.startswith("uses:") and not PINNED.fullmatch(line)] == []


def test_an_action_has_one_commit_and_one_version_everywhere():
    found = [match for file in FILES for match in PINNED.findall(file.read_text(encoding="utf-8"))]
    assert len({name for name, _, _ in found}) == len(set(found)) == len({commit for _, commit, _ in found})


@pytest.mark.parametrize("said", WORKFLOWS)
def test_a_workflow_may_read_at_most_and_does_not_run_beside_itself(said):
    assert said["permissions"] in ({}, {"contents": "read"})
    assert said["concurrency"]["group"]
    assert not {"pull_request_target", "workflow_run"} & set(said["on"])


@pytest.mark.parametrize("job", EACH)
def test_a_job_ends_by_itself(job):
    assert 0 < int(job.said["timeout-minutes"]) < 360


@pytest.mark.parametrize("job", EACH)
def test_a_job_runs_only_what_is_there(job):
    commands = [step["run"] for step in job.steps if "run" in step]
    assert [missing for command in commands if (missing := unknown(command))] == []


@pytest.mark.parametrize("command", ["make release", "make test lnt", "python scripts/gone.py", "curl example.org"])
def test_what_is_not_there_is_noticed(command):
    assert unknown(command)


@pytest.mark.parametrize("job", EACH)
def test_what_may_write_runs_nothing_of_the_tree(job):
    writes = "write" in job.permissions.values()
    used = [step["uses"].partition("@")[0] for step in job.steps if "uses" in step]
    assert writes == (job.name in GATED)
    assert not (writes and "actions/checkout" in used)


@pytest.mark.parametrize("job", EACH)
def test_a_checkout_keeps_no_credentials(job):
    checkouts = [step for step in job.steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step for step in checkouts if step.get("with") != {"persist-credentials": "false"}] == []


def test_nothing_knows_a_secret_that_lasts():
    assert [file.stem for file in FILES if "secrets." in file.read_text(encoding="utf-8")] == []


def test_a_release_publishes_what_was_checked_strictly():
    jobs = {job.name: job for job in JOBS if job.file == "release"}
    commands = [step.get("run", "") for step in jobs["check"].steps]

    assert any(command.startswith("make release-check STRICT=1") for command in commands)
    assert [jobs[name].said["needs"] for name in ("attest", "publish", "announce")] == ["check", "attest", "publish"]
    assert jobs["publish"].said["environment"] == "pypi"
    assert jobs["publish"].permissions == {"id-token": "write"}
