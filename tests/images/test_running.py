"""What the builders push runs as on Lambda: a task, and a notifier that renders a template."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.images.base import ARCHITECTURE
from tests.images.places import Chroot, Container, Emulated, Placed
from tests.images.project import Project, machine
from tests.lambda_runtime.test_notifiers import record, told
from tests.pages import ROOT, Page

if TYPE_CHECKING:
    from tests.images.docker_engine import Engine

SCHEDULED = {"task": "hourly", "scheduled_at": "2026-11-27T10:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}


PAGE = Page("docs/howto/dockerfile.md")
OWN = {block.file: block.text for block in PAGE.blocks if block.file in {"Dockerfile", ".dockerignore"}}
"""What a page shows as a Dockerfile of one's own."""


class App(NamedTuple):
    """An app in a folder, for a person who has Docker too; `wheels` is the index where pip finds cloud-cron."""

    project: Project
    engine: Engine
    wheels: str

    def push(self, way: str, target: str) -> None:
        """Build it that way, and push it."""
        match way:
            case "package":
                self.project.cli("package", "out")
                self.engine.docker("build", "--tag", target, "out", folder=self.project.folder)
                self.engine.docker("push", "--quiet", target)
            case "docker":
                self._with_docker(target)
            case _:
                self.project.cli("image", "push", target)

    def _with_docker(self, target: str) -> None:
        """By the page's Dockerfile, without what only AWS's base has a program for."""
        own = re.sub("^RUN dnf .*$", "", OWN["Dockerfile"], flags=re.MULTILINE)
        self.project.write({**OWN, "Dockerfile": own})
        self.project.configure(ARCHITECTURE, BASE=self.project.base, PIP_EXTRA_INDEX_URL=self.wheels)
        self.project.cli("image", "push", target)
        self.project.configure(ARCHITECTURE)
        for name in OWN:
            (self.project.folder / name).unlink()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A package index on loopback, with the wheel of this tree and nothing else."""
    folder = tmp_path_factory.mktemp("index")
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder / "cloud-cron")]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    listing = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), listing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def app(ecr, engine, lambda_base, scratch, index):
    environment = {**engine.environment, **machine(scratch / "home", ecr)}
    made = Project(scratch / "running/shop", lambda_base, environment)
    made.begin()
    return App(made, engine, index)


@pytest.fixture(scope="module", params=["layers", "package", "docker"])
def image(request, ecr, app, skopeo):
    """An image by its digest: made without Docker, by Docker of what `package` writes, of a Dockerfile of one's own."""
    app.push(request.param, f"{ecr.host}/{request.param}:1")
    return f"{ecr.host}/{request.param}@{skopeo.digest(f'{ecr.host}/{request.param}:1')}"


@pytest.fixture(params=["container", "chroot"])
def place(request, image, engine, skopeo):
    return Container(engine, image) if request.param == "container" else Chroot(skopeo.unpack(image))


def function(handler: str, **more: str) -> dict[str, str]:
    """The environment of a function."""
    names = {"CLOUD_CRON_APP": "app", "CLOUD_CRON_STAGE": "dev", "CLOUD_CRON_HANDLER": handler}
    return {**names, **more}


def notified(cloud):
    """A stage of the emulator of AWS, what a notifier is told of it, and a message for it."""
    stage = cloud.stage()
    event = {"Records": [record(1, {"orders": [7, 8]}, stage["queue"])]}
    return function("tell", **cloud.environment(**told(stage))), event


def test_a_task_runs_from_bytecode_with_its_dependencies(place):
    with Placed(place, function("hourly")) as hourly:
        assert hourly.call(SCHEDULED).body["state"] == "done"
    assert "compiled True with iniconfig" in hourly.log.decode()


def test_a_notifier_renders_its_template(place, cloud):
    environment, event = notified(cloud)
    with Placed(place, environment) as tell:
        assert tell.call(event).body == {"batchItemFailures": []}
    assert r"order 7\norder 8" in tell.log.decode()  # as its line of JSON has it


def test_a_task_runs_under_the_emulator_of_aws(place):
    with Emulated(place, function("hourly")) as hourly:
        assert hourly.call(SCHEDULED)["state"] == "done"


def test_a_notifier_runs_under_the_emulator_of_aws(place, cloud):
    environment, event = notified(cloud)
    with Emulated(place, environment) as tell:
        assert tell.call(event) == {"batchItemFailures": []}
    assert r"order 7\norder 8" in tell.log.decode()  # as its line of JSON has it


def test_docker_makes_of_a_package_the_files_that_are_made_without_it(ecr, app, skopeo):
    roots = []
    for way in ("layers", "package"):
        app.push(way, f"{ecr.host}/same-{way}:1")
        digest = skopeo.digest(f"{ecr.host}/same-{way}:1")
        roots.append(skopeo.unpack(f"{ecr.host}/same-{way}@{digest}").root / "var/task")

    built, packaged = map(contents, roots)

    assert packaged.keys() == built.keys()
    assert [path for path in built if packaged[path] != built[path]] == []


def contents(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
