"""What the builder pushes, as somebody else's tool sees it, and what a push sends."""

from __future__ import annotations

import pytest

from tests.images.base import ARCHITECTURE
from tests.images.project import machine

WORDS = {"x86_64": "amd64", "arm64": "arm64"}


def sent(requests):
    """How many blobs and manifests were written."""
    made = [request.path for request in requests if request.method == "PUT" and request.status == 201]
    return sum("/blobs/" in path for path in made), sum("/manifests/" in path for path in made)


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_an_image_is_one_manifest_for_one_platform_with_layers_in_gzip(project, ecr, skopeo, architecture):
    project.configure(architecture)

    done = project.cli("image", "push", f"{ecr.host}/shop-{architecture}:1")

    image = f"{ecr.host}/shop-{architecture}:1"
    manifest, config = skopeo.manifest(image), skopeo.config(image)
    assert skopeo.digest(image) == done["digest"]
    assert "manifests" not in manifest
    assert {layer["mediaType"].rpartition(".")[2] for layer in manifest["layers"]} == {"gzip"}
    assert len(manifest["layers"]) == len(config["rootfs"]["diff_ids"]) == 5
    assert (config["os"], config["architecture"]) == ("linux", WORDS[architecture])
    assert config["config"]["Cmd"] == ["cloud_cron.runtime.entrypoint.handler"]
    assert config["config"]["Entrypoint"] == ["/lambda-entrypoint.sh"]


def test_two_machines_that_know_nothing_of_each_other_make_the_same_image(tmp_path, project, ecr):
    there = {
        **machine(tmp_path / "other", ecr),
        "PYTHONHASHSEED": "2",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "PYTHONUTF8": "1",
        "COLUMNS": "40",
    }
    project.environment = {**machine(tmp_path / "one", ecr), "PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    here = project.cli("image", "push", f"{ecr.host}/here:1")
    other = project.copied(tmp_path / "söme where" / "else", there, 0o077)

    assert other.cli("image", "push", "--frozen", f"{ecr.host}/there:1")["digest"] == here["digest"]


def test_nothing_is_sent_of_an_app_that_has_not_changed(tmp_path, project, ecr):
    first = project.cli("image", "push", f"{ecr.host}/unchanged:1")
    asked = len(ecr.requests())
    project.environment = machine(tmp_path / "fresh", ecr)

    second = project.cli("image", "push", f"{ecr.host}/unchanged:1")

    assert (second["digest"], second["sent"]) == (first["digest"], 0)
    assert {request.method for request in ecr.requests(asked)} <= {"GET", "HEAD"}


def test_one_changed_line_sends_two_blobs_and_a_manifest(tmp_path, project, ecr):
    first = project.cli("image", "push", f"{ecr.host}/changed:1")
    asked = len(ecr.requests())
    project.edit("app.py", '"compiled"', '"Compiled"')
    project.environment = machine(tmp_path / "fresh", ecr)

    second = project.cli("image", "push", f"{ecr.host}/changed:1")

    assert second["digest"] != first["digest"]
    assert sent(ecr.requests(asked)) == (2, 1)
    assert [part["holds"] for part in second["layers"] if not part["reused"]] == ["app"]


def test_a_layer_that_another_repository_holds_is_taken_over_from_there(project, ecr):
    project.cli("image", "push", f"{ecr.host}/one:1")
    asked = len(ecr.requests())

    project.cli("image", "push", f"{ecr.host}/other:1")

    made = [request for request in ecr.requests(asked) if request.method in {"POST", "PUT", "PATCH"}]
    assert all("mount=" in request.path for request in made if request.method == "POST")
    assert [request.path for request in made if request.method == "PUT"] == ["/v2/other/manifests/1"]


def test_the_platform_of_this_machine_is_chosen_from_the_index_of_the_base(project, ecr, skopeo):
    project.cli("image", "push", f"{ecr.host}/platform:1")

    assert skopeo.config(f"{ecr.host}/platform:1")["architecture"] == WORDS[ARCHITECTURE]
