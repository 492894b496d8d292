"""The builder that uses Docker, with a docker that is a few lines of shell."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from cloud_cron import CloudCron
from cloud_cron.config import Settings
from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import docker
from cloud_cron_cli.deploy.images.building import Recipe
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.docker_command import Docker
from cloud_cron_cli.deploy.images.options import ImageOptions
from tests.deploy.images.made import settings, tar
from tests.deploy.images.test_archive import archived, saved, tars

APP = tar("var/", "var/task/", "var/task/app.py")
MODEL = CloudCron("shop-").model()
FAKE = """#!/bin/sh
cd "$(dirname "$0")"
echo "$DOCKER_BUILDKIT: $*" >> told
case "$1" in
version) {version} ;;
buildx) [ "$2" = version ] && exit {buildx}; {build} ;;
build) {build} ;;
save) {save} ;;
esac
"""


@pytest.fixture
def engine(tmp_path):
    """Makes a docker that behaves as told, and builds with it."""
    return Engine(tmp_path)


class Engine:
    def __init__(self, folder):
        self.folder = folder
        self.said = []
        self.cache = FileCache(folder / "cache")
        (folder / "shop").mkdir()
        (folder / "shop" / "Dockerfile").write_text("FROM base")
        (folder / "saved.tar").write_bytes(archived(saved([APP])).read())

    def build(self, *, client="28.2.2", buildx=0, version=None, build="echo built", save="cat saved.tar", **options):
        version = version or f"""echo '{{"Client": {{"Version": "{client}"}}}}'"""
        program = self.folder / "docker"
        program.write_text(FAKE.format(version=version, buildx=buildx, build=build, save=save))
        program.chmod(0o755)
        with (program.parent / "told").open("w"):
            pass
        recipe = Recipe(self.folder / "shop", MODEL, Settings("dev"), ImageOptions("3.13", **options))
        found = Docker(str(program), dict(os.environ))
        return docker.build(recipe, self.cache, self.said.append, found)

    def told(self):
        """The command that built, and the one that saved."""
        build, save = (self.folder / "told").read_text().splitlines()[-2:]
        return build, save

    def refusal(self, **how):
        with pytest.raises(ImageError) as caught:
            self.build(**how)
        assert caught.value.hint
        return caught.value


def test_buildx_makes_one_image_of_one_platform_and_no_index(engine):
    image = engine.build(build_args={"BASE": "mine:1"}, architecture="x86_64")

    build, save = engine.told()
    assert build == (
        "1: buildx build --provenance=false --sbom=false --load --platform=linux/amd64 --tag=cloud-cron/shop:amd64 "
        f"--file={engine.folder}/shop/Dockerfile --build-arg=BASE=mine:1 {engine.folder}/shop"
    )
    assert save.endswith(": save cloud-cron/shop:amd64")
    assert tars(image) == [APP]


def test_without_a_dockerfile_of_its_own_a_project_gets_ours(engine):
    (engine.folder / "shop" / "Dockerfile").unlink()
    (engine.folder / "shop" / "app.py").write_text("x = 1")
    (engine.folder / "shop" / "requirements.txt").write_text(f"httpx==1 --hash=sha256:{'a' * 64}")

    engine.build(build='for last; do :; done; cp -r "$last" seen')

    seen = engine.folder / "seen"
    assert (seen / "Dockerfile").read_text().startswith("# The image of every function")
    assert (seen / "image" / "app" / "app.py").read_text() == "x = 1"
    assert any("not checked without cloud-cron.lock" in line for line in engine.said)
    assert not Path(engine.told()[0].rpartition(" ")[2]).exists(), "what was made for it is gone"


@pytest.mark.parametrize(
    ("client", "expected"), [("20.10.24", "1: build "), ("22.0", "1: build "), ("28.2.2", "0: build ")]
)
def test_without_buildx_buildkit_where_the_client_has_it(engine, client, expected):
    engine.build(client=client, buildx=1)

    assert engine.told()[0].startswith(expected)
    assert any("no buildx" in line for line in engine.said) == expected.startswith("0")


def test_what_calls_itself_docker_need_not_tell_its_version(engine):
    engine.build(version="echo podman", buildx=1)

    assert engine.told()[0].startswith("1: build ")


def test_each_step_is_told_once(engine):
    engine.build(build="echo '#5 [1/2] FROM base'; echo noise; echo '#5 [1/2] FROM base'; echo 'Step 2/2 : COPY . .'")

    assert engine.said[1:] == ["#5 [1/2] FROM base", "Step 2/2 : COPY . ."]


def test_no_docker_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ImageError, match="CC885") as caught:
        Docker.found()
    assert caught.match("builder = .layers.")


def test_the_docker_of_the_path_is_found(engine, monkeypatch):
    engine.build()
    monkeypatch.setenv("PATH", str(engine.folder))

    assert Docker.found().program == str(engine.folder / "docker")


def test_a_docker_that_cannot_be_run(tmp_path):
    (tmp_path / "docker").write_text("no program")
    with pytest.raises(ImageError, match="CC885"):
        docker._way(Docker(str(tmp_path / "docker"), {}))


def test_an_engine_that_does_not_run_is_told_in_its_own_words(engine):
    error = engine.refusal(version="echo 'Cannot connect to the Docker daemon at unix:///x.sock' >&2; exit 1")

    assert error.code == "CC885"
    assert "Cannot connect to the Docker daemon" in error.message


def test_a_build_that_fails_shows_the_end_of_what_it_said(engine):
    error = engine.refusal(build="for i in $(seq 1 200); do echo line $i; done; echo no such base >&2; exit 3")

    assert error.code == "CC885"
    assert "failed with 3" in error.message
    assert "line 200" in error.message
    assert "no such base" in error.message
    assert "line 100" not in error.message


def test_what_is_no_text_in_the_output_does_no_harm(engine):
    assert "failed" in engine.refusal(build=r"printf '\377\376\n'; exit 1").message


@pytest.mark.parametrize(
    "save", ["echo no space left >&2; exit 1", "head -c 900 saved.tar; echo no space left >&2; exit 1"]
)
def test_an_archive_that_ends_early_is_explained_by_who_wrote_it(engine, save):
    error = engine.refusal(save=save)

    assert error.code == "CC885"
    assert "no space left" in error.message


def test_an_archive_that_is_none(engine):
    assert engine.refusal(save="echo nothing").code == "CC881"


def test_an_archive_of_something_else_is_told_even_if_its_writer_fails(engine):
    files = saved([APP], config=settings(tar("opt/")))
    (engine.folder / "other.tar").write_bytes(archived(files).read())

    assert engine.refusal(save="cat other.tar; exit 1").code == "CC874"


def test_an_image_that_lambda_would_refuse_is_refused(engine):
    (engine.folder / "saved.tar").write_bytes(archived(saved([tar("var/task/app.py")])).read())

    assert engine.refusal().code == "CC882"
    assert engine.refusal(architecture="arm64").code == "CC883"


def test_nothing_is_left_running_when_the_build_is_broken_off(engine):
    class BrokenError(Exception):
        pass

    def say(line):
        if line.startswith("Step"):
            raise BrokenError

    engine.said = SimpleNamespace(append=say)
    with pytest.raises(BrokenError):
        engine.build(build="echo $$ > pid; echo 'Step 1/1 : RUN forever'; exec sleep 60")

    assert not Path(f"/proc/{(engine.folder / 'pid').read_text().strip()}").exists()
