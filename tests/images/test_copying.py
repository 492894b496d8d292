"""A copy between registries, beside that of somebody else's tool."""

from __future__ import annotations

import pytest

from tests.images.base import ARCHITECTURE
from tests.images.project import machine


@pytest.fixture
def project(project, tmp_path, ecr):
    """On a machine that is new: what another knows of the registry is not sent there again."""
    project.environment = machine(tmp_path / "home", ecr)
    return project


@pytest.mark.parametrize("platform", ["amd64", "arm64"])
def test_a_copy_keeps_the_digest_that_the_index_names(project, ecr, lambda_base, skopeo, platform):
    target = f"{ecr.host}/copied-{platform}:1"

    done = project.cli("image", "copy", lambda_base, target, "--platform", platform)

    listed = skopeo.manifest(lambda_base)["manifests"]
    (named,) = [each for each in listed if each["platform"]["architecture"] == platform]
    assert done["digest"] == named["digest"] == skopeo.digest(target)
    assert done["source_digest"] == skopeo.digest(lambda_base)


def test_a_copy_that_is_there_sends_nothing(project, ecr, lambda_base):
    words = ("image", "copy", lambda_base, f"{ecr.host}/twice:1", "--platform", ARCHITECTURE)
    assert project.cli(*words)["sent"] > 0
    asked = len(ecr.requests())

    assert project.cli(*words)["sent"] == 0
    assert {request.method for request in ecr.requests(asked)} <= {"GET", "HEAD"}


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(project, ecr, lambda_base):
    words = ("image", "copy", lambda_base, f"{ecr.host}/dry:1", "--platform", ARCHITECTURE)

    foreseen = project.cli(*words, "--dry-run")

    assert {request.method for request in ecr.requests() if "/dry/" in request.path} <= {"GET", "HEAD"}
    assert project.cli(*words)["sent"] == foreseen["sent"]


def test_what_was_copied_is_a_base_like_the_one_it_was_copied_from(project, ecr, lambda_base):
    copied = project.cli("image", "copy", lambda_base, f"{ecr.host}/base:1", "--platform", ARCHITECTURE)
    first = project.cli("image", "build")
    project.base = f"{ecr.host}/base@{copied['digest']}"
    (project.folder / "cloud-cron.lock").unlink()
    project.configure(ARCHITECTURE)

    second = project.cli("image", "build")

    assert [holds(first, role) for role in ("base", "dependencies")] == [
        holds(second, role) for role in ("base", "dependencies")
    ]


def holds(built, role):
    return [layer["digest"] for layer in built["layers"] if layer["holds"] == role]
