"""What the builders push runs as on Lambda: a task, and a notifier that renders a template."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import cloud_cron
from tests.images.places import Chroot, Container, Emulated, Placed
from tests.images.project import Project, machine
from tests.lambda_runtime.test_notifiers import record, told

if TYPE_CHECKING:
    from tests.images.docker_engine import Engine

SCHEDULED = {"task": "hourly", "scheduled_at": "2026-11-27T10:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}


DOCKERFILE = """
FROM {base}
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt boto3 jinja2 tzdata
COPY cloud_cron cloud_cron
COPY . .
RUN python -m compileall -q --invalidation-mode unchecked-hash .
CMD ["cloud_cron.runtime.entrypoint.handler"]
"""


def pushed(project: Project, engine: Engine, way: str, target: str) -> None:
    """Build the project that way, and push it."""
    match way:
        case "package":
            project.cli("package", "out")
            engine.docker("build", "--tag", target, "out", folder=project.folder)
            engine.docker("push", "--quiet", target)
        case "docker":
            project.write({"Dockerfile": DOCKERFILE.format(base=project.base)})
            shutil.copytree(cloud_cron.__path__[0], project.folder / "cloud_cron")
            project.cli("image", "push", target)
            (project.folder / "Dockerfile").unlink()
            shutil.rmtree(project.folder / "cloud_cron")
        case _:
            project.cli("image", "push", target)


@pytest.fixture(scope="module")
def app(tmp_path_factory, ecr, engine, lambda_base, scratch):
    """The app, for a person who has Docker too."""
    environment = {**engine.environment, **machine(scratch / "home", ecr)}
    made = Project(tmp_path_factory.mktemp("running") / "shop", lambda_base, environment)
    made.begin()
    return made


@pytest.fixture(scope="module", params=["layers", "package", "docker"])
def image(request, ecr, engine, app, skopeo):
    """An image by its digest: made without Docker, by Docker of what `package` writes, of a Dockerfile of one's own."""
    pushed(app, engine, request.param, f"{ecr.host}/{request.param}:1")
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


def test_docker_makes_of_a_package_the_files_that_are_made_without_it(ecr, engine, app, skopeo):
    roots = []
    for way in ("layers", "package"):
        pushed(app, engine, way, f"{ecr.host}/same-{way}:1")
        digest = skopeo.digest(f"{ecr.host}/same-{way}:1")
        roots.append(skopeo.unpack(f"{ecr.host}/same-{way}@{digest}").root / "var/task")

    built, packaged = map(contents, roots)

    assert packaged.keys() == built.keys()
    assert [path for path in built if packaged[path] != built[path]] == []


def contents(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
