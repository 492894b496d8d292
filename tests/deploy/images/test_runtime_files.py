"""The package that an image carries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from shutil import copytree

import pytest

import cloud_cron
from cloud_cron_cli.deploy.images.runtime_files import runtime_files

PACKAGE = Path(cloud_cron.__path__[0])
APP = """
from cloud_cron import CloudCron

app = CloudCron("shop")


@app.schedule("rate(1 hour)")
def tick():
    print("ticked")


@app.notifier("email", topics=["a"], recipients=["a@example.com"])
def mail(message):
    pass
"""
CALL = """
import json, sys
from types import SimpleNamespace
from cloud_cron.runtime.entrypoint import handler
event = {"task": "tick", "scheduled_at": "2026-01-01T00:00:00Z", "attempt": "1", "schedule": "0"}
handler(event, SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 60_000))
json.dump(sorted(name for name in sys.modules if name.startswith("cloud_cron")), sys.stdout)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A task root with the runtime's files and an app."""
    root = tmp_path_factory.mktemp("root")
    for entry in runtime_files().entries("task"):
        file = root / entry.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(entry.data if isinstance(entry.data, bytes) else entry.data.read_bytes())
    (root / "task" / "app.py").write_text(APP, encoding="utf-8")
    return root / "task"


def run(image, code, **variables):
    """Run with nothing of this package but what the image has, and with the packages that it depends on."""
    paths = os.pathsep.join([str(image), sysconfig.get_path("purelib")])
    environment = {"PYTHONPATH": paths, "LAMBDA_TASK_ROOT": str(image), "CLOUD_CRON_STAGE": "dev", **variables}
    command = [sys.executable, "-S", "-c", code]
    return subprocess.run(command, env=environment, cwd=image, capture_output=True, text=True, check=True).stdout


def test_a_function_of_an_image_runs_with_the_files_that_are_in_it(image):
    said = run(image, CALL, CLOUD_CRON_HANDLER="tick")

    assert said.startswith("ticked")
    assert {"cloud_cron.app", "cloud_cron.runtime.function"} <= set(json.loads(said.splitlines()[-1]))


def test_every_module_of_an_image_can_be_imported(image):
    modules = [
        ".".join(path.relative_to(image).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((image / "cloud_cron").rglob("*.py"))
    ]
    code = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\nprint(len({modules!r}))"

    assert int(run(image, code)) > 100


def test_layouts_are_there_and_what_no_function_needs_is_not():
    there = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*") if path.is_file()}
    found = {path for path, _ in runtime_files().files}

    assert "layouts/default.html" in found
    left_out = {path for path in there - found if not path.startswith(("local/", "testing/"))}
    assert {path for path in left_out if "__pycache__" not in path} == {"py.typed"}


def test_the_key_is_that_of_the_contents(tmp_path):
    first = copytree(PACKAGE, tmp_path / "first")
    key = runtime_files(first).key

    assert runtime_files(copytree(PACKAGE, tmp_path / "second")).key == key == runtime_files().key
    (first / "local" / "engine.py").write_text("", encoding="utf-8")
    assert runtime_files(first).key == key
    (first / "app.py").write_text("", encoding="utf-8")
    assert runtime_files(first).key != key
