"""A copy between registries, beside that of somebody else's tool."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("platform", ["amd64", "arm64"])
def test_a_copy_keeps_the_digest_that_the_index_names(project, ecr, lambda_base, skopeo, platform):
    target = f"{ecr.host}/copied-{platform}:1"

    done = project.cli("image", "copy", lambda_base, target, "--platform", platform)

    listed = skopeo.manifest(lambda_base)["manifests"]
    (named,) = [each for each in listed if each["platform"]["architecture"] == platform]
    assert done["digest"] == named["digest"] == skopeo.digest(target)
    assert done["source_digest"] == skopeo.digest(lambda_base)


def test_a_copy_that_is_there_sends_nothing(project, ecr, lambda_base):
    words = ("image", "copy", lambda_base, f"{ecr.host}/twice:1", "--platform", "x86_64")
    assert project.cli(*words)["sent"] > 0
    asked = len(ecr.requests())

    assert project.cli(*words)["sent"] == 0
    assert {request.method for request in ecr.requests(asked)} <= {"GET", "HEAD"}


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(project, ecr, lambda_base):
    words = ("image", "copy", lambda_base, f"{ecr.host}/dry:1", "--platform", "x86_64")

    foreseen = project.cli(*words, "--dry-run")

    assert {request.method for request in ecr.requests() if "/dry/" in request.path} <= {"GET", "HEAD"}
    assert project.cli(*words)["sent"] == foreseen["sent"]


def test_what_was_copied_is_a_base_like_the_one_it_was_copied_from(project, ecr, lambda_base):
    project.cli("image", "copy", lambda_base, f"{ecr.host}/base:1", "--platform", "x86_64")
    first = project.cli("image", "build")
    project.base = f"{ecr.host}/base:1"
    (project.folder / "cloud-cron.lock").unlink()
    project.configure("x86_64")

    second = project.cli("image", "build")

    assert [layer["digest"] for layer in second["layers"]] == [layer["digest"] for layer in first["layers"]]
