"""An image from a project: what is in it, and that it is the same wherever it is built."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from contextlib import contextmanager
from importlib.metadata import version
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from cloud_cron import CloudCron, __version__
from cloud_cron.config import Settings
from cloud_cron.errors import ConfigError, LoadError
from cloud_cron.model import AppModel
from cloud_cron_cli.deploy.images import lockfile, preflight
from cloud_cron_cli.deploy.images.building import Recipe, Workshop, build
from cloud_cron_cli.deploy.images.image import APP, BASE, DEPENDENCIES, RUNTIME, TEMPLATES, Filed
from cloud_cron_cli.deploy.images.interpreters import RUNNING
from cloud_cron_cli.deploy.images.layers import Entry, packed
from cloud_cron_cli.deploy.images.left_behind import left_behind
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Platform
from cloud_cron_cli.deploy.images.options import ImageOptions
from tests.deploy.images.stand_ins import HeldRepository, KeptCache

if TYPE_CHECKING:
    from pathlib import Path

    from cloud_cron_cli.deploy.images.ports import Cache

TAG = sys.implementation.cache_tag
APP_FILE = """
from cloud_cron import CloudCron
from shop.words import WORD

app = CloudCron("shop")


@app.schedule("rate(1 hour)")
def tick():
    print(WORD)
"""
PROJECT = {
    "app.py": APP_FILE,
    "shop/__init__.py": "",
    "shop/words.py": "WORD = 'ticked'\n",
    "templates/report.txt": "Hello {{ name }}",
    "cloud-cron.toml": "",
    "two words.txt": "",
    "tests/test_app.py": "",
}
CALL = """
from types import SimpleNamespace
from cloud_cron.runtime.entrypoint import handler
event = {"task": "tick", "scheduled_at": "2026-01-01T00:00:00Z", "attempt": "1", "schedule": "0"}
handler(event, SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 60_000))
"""

MODEL = AppModel("shop")


class Machine(NamedTuple):
    """A machine that builds: its project and its cache, the registries that it reaches, and what it was told."""

    folder: Path
    cache: Cache
    base: HeldRepository
    target: HeldRepository
    said: list[str]

    def build(self, previous=None, python=RUNNING, include=(), model=MODEL, **how):
        recipe = Recipe(self.folder, model, Settings("dev"), ImageOptions(python, include=include))
        place = (self.target, previous) if previous else None
        built = build(recipe, Workshop(lambda _: self.base, self.cache, self.said.append, lambda: place), **how)
        lockfile.write(self.folder, built.lock)
        return built

    def write(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")


def based(family=OCI):
    """A registry with a base of one layer."""
    repository = HeldRepository()
    blob, diff_id = packed([Entry("var/runtime/bootstrap", b"#!/bin/sh\n", executable=True)], family, None)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "docker_version": "20.10",
        "config": {
            "Entrypoint": ["/lambda-entrypoint.sh"],
            "Env": ["PATH=/bin", "LAMBDA_TASK_ROOT=/var/task"],
            "WorkingDir": "/var/task",
            "Labels": {"theirs": "1"},
        },
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
        "history": [{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": True}],
    }
    repository.write(family, config, [b"".join(blob.source.chunks())], RUNNING)
    return repository


@pytest.fixture(scope="module", autouse=True)
def index(wheels):
    """What every image needs, as small as can be, and a package with a file that is no Python."""
    for name in ("boto3", "tzdata"):
        wheels.wheel(name, "9000.0")
    wheels.wheel("jinja2", version("jinja2"))
    wheels.wheel("jinja2", "99.0", files={"jinja2/skeleton.py": b"class {{ name }}:\n"})


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A cache that keeps what other tests have made."""
    return KeptCache(tmp_path_factory.mktemp("warm"))


@pytest.fixture
def stocked(warm, tmp_path):
    """A cache of the test's own, which begins with what other tests have made."""
    cache = KeptCache(shutil.copytree(warm.folder, tmp_path / "stocked"))
    cache.facts |= warm.facts
    return cache


@pytest.fixture
def machines(tmp_path, wheelhouse):
    """Fresh machines that share registries."""
    base, target = based(), HeldRepository()

    def machine(name, files=PROJECT, cache=None):
        (tmp_path / name).mkdir()
        made = Machine(tmp_path / name, cache or KeptCache(tmp_path / f"{name}-cache"), base, target, [])
        for path, text in files.items():
            made.write(path, text)
        return made

    return machine


def unpacked(image):
    """Every file of the image by its path, the highest layer last."""
    found = {}
    for layer in image.layers:
        data = gzip.decompress(b"".join(layer.blob.source.chunks()))
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar:
                if file := tar.extractfile(member):
                    found[member.name] = file.read()
    return found


def roles(image, *, reused):
    return {layer.role for layer in image.layers if layer.reused == reused}


def configuration(image):
    return json.loads(b"".join(image.config.source.chunks()))


def test_everything_that_a_function_needs_is_in_the_image_and_compiled(machines, warm):
    found = unpacked(machines("one", cache=warm).build().image)

    assert {path for path in found if not path.startswith(("var/task/cloud_cron/", "var/runtime/"))} >= {
        "var/task/app.py",
        f"var/task/__pycache__/app.{TAG}.pyc",
        f"var/task/shop/__pycache__/words.{TAG}.pyc",
        "var/task/templates/report.txt",
        "var/task/cloud-cron.toml",
        "var/task/two words.txt",
        "var/task/boto3/__init__.py",
        f"var/task/boto3/__pycache__/__init__.{TAG}.pyc",
        "var/task/boto3-9000.0.dist-info/METADATA",
    }
    assert f"var/task/cloud_cron/runtime/__pycache__/entrypoint.{TAG}.pyc" in found
    assert not [path for path in found if "tests/" in path or path.startswith("var/task/cloud_cron/local")]


def test_a_function_runs_with_what_is_in_the_image(machines, warm, tmp_path):
    for path, data in unpacked(machines("one", cache=warm).build().image).items():
        file = tmp_path / "root" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    task = tmp_path / "root" / "var" / "task"
    environment = {
        "PYTHONPATH": str(task),
        "LAMBDA_TASK_ROOT": str(task),
        "CLOUD_CRON_STAGE": "dev",
        "CLOUD_CRON_HANDLER": "tick",
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    done = subprocess.run(
        [sys.executable, "-S", "-v", "-c", CALL], env=environment, capture_output=True, text=True, check=False
    )

    assert done.stdout.startswith("ticked"), done.stderr
    assert f"words.{TAG}.pyc matches" in done.stderr


def test_it_is_run_as_the_base_is_with_our_command(machines, warm):
    built = machines("one", cache=warm).build()
    config = configuration(built.image)

    assert config["config"]["Cmd"] == ["cloud_cron.runtime.entrypoint.handler"]
    assert config["config"]["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert config["config"]["Env"] == ["PATH=/bin", "LAMBDA_TASK_ROOT=/var/task"]
    assert config["created"] == "1970-01-01T00:00:00Z"
    assert (config["architecture"], config["os"]) == ("amd64", "linux")
    assert "docker_version" not in config
    assert config["config"]["Labels"] == {
        "theirs": "1",
        "cloud-cron.app": "shop",
        "cloud-cron.source": built.source,
        "cloud-cron.version": __version__,
        "cloud-cron.base": f"public.ecr.aws/lambda/python:{RUNNING}@{built.lock.bases['x86_64'].digest}",
    }


def test_manifest_history_and_layers_agree(machines, warm):
    image = machines("one", cache=warm).build().image
    config = configuration(image)

    assert [layer.role for layer in image.layers] == [BASE, DEPENDENCIES, RUNTIME, APP]
    assert image.manifest.family == OCI
    assert image.manifest.config == image.config.descriptor
    assert image.manifest.layers == tuple(layer.blob.descriptor for layer in image.layers)
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in image.layers]
    steps = [step for step in config["history"] if not step.get("empty_layer")]
    assert len(steps) == len(image.layers)
    assert [step["comment"].partition(":")[0] for step in steps[1:]] == [
        "cloud-cron deps",
        "cloud-cron runtime",
        "cloud-cron app",
    ]


def test_lambda_would_take_it(machines, warm):
    preflight.check(machines("one", cache=warm).build().image, Platform("amd64"), contents=True)


def test_an_image_stays_in_the_family_of_its_base(machines, warm):
    machine = machines("one", cache=warm)._replace(base=based(DOCKER))

    manifest = json.loads(machine.build().image.manifest.raw)

    assert manifest["mediaType"] == DOCKER.manifest
    assert manifest["config"]["mediaType"] == DOCKER.config
    assert {layer["mediaType"] for layer in manifest["layers"]} == {DOCKER.layer}


@contextmanager
def surroundings(monkeypatch, umask, zone, locale):
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("LC_ALL", locale)
    before = os.umask(umask)
    time.tzset()
    try:
        yield
    finally:
        os.umask(before)
        monkeypatch.undo()
        time.tzset()


def test_two_fresh_machines_that_differ_in_everything_build_the_same_image(machines, monkeypatch, wheelhouse, tmp_path):
    settings = {name: os.environ[name] for name in os.environ if name.startswith(("UV_", "PIP_"))}
    built = []
    for name, umask, zone, locale, files in (
        ("one", 0o022, "UTC", "C", PROJECT),
        ("a folder of another name", 0o077, "Asia/Kolkata", "C.UTF-8", dict(reversed(PROJECT.items()))),
    ):
        with surroundings(monkeypatch, umask, zone, locale):
            for key, value in settings.items():
                monkeypatch.setenv(key, value)
            monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / f"{name}-uv"))
            machine = machines(name, files)
            built.append(machine.build())
            built.append(machine._replace(cache=KeptCache(tmp_path / f"{name}-again")).build())

    assert len({each.image.digest for each in built}) == 1
    assert len({each.source for each in built}) == 1
    assert len({each.sbom for each in built}) == 1
    assert roles(built[2].image, reused=True) == {BASE}


def test_one_changed_line_changes_the_layer_of_the_app_alone(machines, stocked):
    machine = machines("one", cache=stocked)
    first = machine.build()
    machine.write("shop/words.py", "WORD = 'tocked'\n")

    second = machine.build()

    assert [
        old.blob.descriptor == new.blob.descriptor
        for old, new in zip(first.image.layers, second.image.layers, strict=True)
    ] == [
        True,
        True,
        True,
        False,
    ]
    assert roles(second.image, reused=False) == {APP}
    assert second.image.digest != first.image.digest
    assert second.source != first.source


def test_an_unchanged_app_is_the_same_image_and_nothing_is_made(machines, stocked):
    machine = machines("one", cache=stocked)
    first = machine.build()
    machine.base.asked.clear()
    machine.said.clear()

    second = machine.build(frozen=True)

    assert second.image.digest == first.image.digest
    assert roles(second.image, reused=False) == set()
    assert {type(layer.blob.source) for layer in second.image.layers[1:]} == {Filed}
    assert machine.said == []
    assert not machine.base.asked


def test_a_fresh_machine_takes_its_layers_from_the_image_before(machines, warm, monkeypatch):
    first = machines("one", cache=warm).build()
    target = machines("two").target
    target.take(first.image, "live")
    machine = machines("three")
    machine.write("cloud-cron.lock", lockfile.dumps(first.lock))
    machine.write("app.py", APP_FILE + "# another line\n")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "file:///nowhere")
    monkeypatch.setenv("UV_CACHE_DIR", str(machine.folder.parent / "no-uv-cache"))

    second = machine.build(previous="live")

    assert roles(second.image, reused=False) == {APP}
    assert {layer.blob.source.repository for layer in second.image.layers[:-1]} == {target}
    assert target.asked == {"document": 1, "read": 1}
    machine.write("app.py", APP_FILE)
    assert machine.build(previous="live").image.digest == first.image.digest


def test_a_layer_that_the_cache_has_forgotten_is_taken_from_the_repository_or_made_again(machines, stocked):
    machine = machines("one", cache=stocked)
    first = machine.build()
    for path in machine.cache.folder.iterdir():
        path.unlink()

    again = machine.build()

    assert again.image.digest == first.image.digest
    assert roles(again.image, reused=False) == {DEPENDENCIES, RUNTIME, APP}
    machine.target.take(again.image, "other")
    for path in machine.cache.folder.iterdir():
        path.unlink()
    machine.target.documents = {"foreign": machine.base.documents[RUNNING]}
    machine.target.blobs |= machine.base.blobs
    assert roles(machine.build(previous="foreign").image, reused=True) == {BASE, DEPENDENCIES, RUNTIME, APP}


@pytest.mark.parametrize("previous", ["gone", "foreign", "index"])
def test_an_image_before_that_is_gone_or_somebody_elses_is_no_matter(machines, previous):
    machine = machines("one")
    foreign = machine.base.documents[RUNNING]
    machine.target.documents = {"foreign": foreign, "index": foreign._replace(media_type=OCI.listing)}
    machine.target.blobs = dict(machine.base.blobs)

    assert roles(machine.build(previous=previous).image, reused=True) == {BASE}


def test_layers_of_a_docker_base_are_used_again_on_one_of_oci(machines):
    machine = machines("one")
    first = machine._replace(base=based(DOCKER)).build()
    machine.target.take(first.image, "live")

    second = machine._replace(cache=KeptCache(machine.folder.parent / "fresh")).build(previous="live", upgrade=True)

    assert roles(second.image, reused=False) == set()
    assert {layer["mediaType"] for layer in json.loads(second.image.manifest.raw)["layers"]} == {OCI.layer}


def test_what_is_not_there_is_not_used_again_for_another_python_or_folder(machines, stocked):
    machine = machines("one", cache=stocked)
    first = machine.build()
    other = based()
    document = other.documents[RUNNING]
    config = json.loads(other.blobs[document.config.digest])
    config["config"] |= {"Env": ["LAMBDA_TASK_ROOT=/function"]}
    other.write(OCI, config, [other.blobs[document.layers[0].digest]], RUNNING)

    second = machine._replace(base=other).build(upgrade=True)

    assert roles(second.image, reused=False) == {DEPENDENCIES, RUNTIME, APP}
    assert "function/app.py" in unpacked(second.image)
    assert second.source != first.source


def test_templates_are_compiled_when_the_image_has_the_jinja_that_runs_here(machines, stocked):
    app = CloudCron("shop")
    app.notifier("email", topics=["a"], recipients=["a@example.com"], template="report", name="mail")(
        lambda message: None
    )
    machine = machines("one", cache=stocked)
    without = machine.build(model=app.model())
    machine.write("requirements.txt", f"jinja2=={version('jinja2')}\n")

    built = machine.build(model=app.model())

    compiled = [path for path in unpacked(built.image) if "/__jinja__/" in path]
    assert {path.partition("/__jinja__/")[0] for path in compiled} == {
        "var/task/cloud_cron/layouts",
        "var/task/templates",
    }
    assert roles(built.image, reused=False) == {DEPENDENCIES, RUNTIME, APP, TEMPLATES}
    assert not [path for path in unpacked(without.image) if "/__jinja__/" in path]
    machine.write("app.py", APP_FILE + "# another line\n")
    assert roles(machine.build(model=app.model()).image, reused=False) == {APP}
    machine.write("templates/report.txt", "Bye {{ name }}")
    assert roles(machine.build(model=app.model()).image, reused=False) == {APP, TEMPLATES}


def test_a_module_that_the_app_imported_and_its_image_lacks_is_told_of(tmp_path):
    def module(path):
        made = ModuleType("made")
        made.__file__ = str(tmp_path / path)
        return made

    modules = [module(path) for path in ("app.py", "tests/words.py", ".venv/lib/site-packages/x.py", "lib/x.so")]
    elsewhere = ModuleType("elsewhere")
    elsewhere.__file__ = str(tmp_path.with_name(f"{tmp_path.name}x") / "a.py")

    assert left_behind(tmp_path, {"app.py"}, [*modules, elsewhere, ModuleType("builtin")]) == ["tests/words.py"]


def test_a_file_of_a_package_that_is_no_python_stays_as_it_is_with_a_note(machines):
    built = machines("one").build()

    assert built.notes == (f"not compiled, because it is no Python {RUNNING}: jinja2/skeleton.py",)
    assert "var/task/jinja2/skeleton.py" in unpacked(built.image)


def test_a_file_of_the_project_that_is_no_python_is_its_authors_to_mend(machines, warm):
    machine = machines("one", cache=warm)
    machine.write("shop/words.py", "x = 1\nWORD = = 2\n")

    with pytest.raises(LoadError) as caught:
        machine.build()

    assert (caught.value.code, caught.value.where) == ("CC702", "shop/words.py:2")
    assert isinstance(caught.value.__cause__, SyntaxError)


@pytest.mark.parametrize(
    ("rules", "path"), [("*.py\n", "app.py"), ("*\n!app.py\n!shop\n", "cloud-cron.toml"), ("app*\n", "app.py")]
)
def test_what_no_function_starts_without_cannot_be_left_out(machines, warm, rules, path):
    machine = machines("one", cache=warm)
    machine.write(".dockerignore", rules)

    with pytest.raises(ConfigError, match=f"CC887 {path} would not be in the image"):
        machine.build()


def test_a_secret_is_refused_before_anything_is_asked(machines, warm):
    machine = machines("one", cache=warm)
    machine.write(".env", "TOKEN=1")

    with pytest.raises(ConfigError, match="CC865"):
        machine.build()

    assert not machine.base.asked
    assert machine.build(include=(".env",)).image


def test_a_base_whose_history_is_short_gets_a_step_for_every_layer(machines, warm):
    machine = machines("one", cache=warm)
    document = machine.base.documents[RUNNING]
    config = json.loads(machine.base.blobs[document.config.digest])
    del config["history"]
    machine.base.write(OCI, config, [machine.base.blobs[document.layers[0].digest]], RUNNING)

    image = machine.build().image

    assert len(configuration(image)["history"]) == len(image.layers)
