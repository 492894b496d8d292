"""What the builders push runs as on Lambda: a task, and a notifier that renders a template."""

from __future__ import annotations

import shutil

import pytest

import cloud_cron
from tests.images.places import Chroot, Container, Emulated, Placed
from tests.images.project import Project, machine
from tests.lambda_runtime.test_notifiers import record, told

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


@pytest.fixture(scope="module", params=["layers", "docker"])
def image(request, ecr, engine, lambda_base, scratch):
    """What a builder has pushed."""
    folder = scratch / request.param
    project = Project(folder, lambda_base, {**engine.environment, **machine(scratch / "home", ecr)})
    project.begin()
    if request.param == "docker":
        project.write({"Dockerfile": DOCKERFILE.format(base=lambda_base)})
        shutil.copytree(cloud_cron.__path__[0], project.folder / "cloud_cron")
    done = project.cli("image", "push", f"{ecr.host}/running-{request.param}:1")
    return f"{done['repository']['uri']}@{done['digest']}"


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
    assert "order 7\norder 8" in tell.log.decode()


def test_a_task_runs_under_the_emulator_of_aws(place):
    with Emulated(place, function("hourly")) as hourly:
        assert hourly.call(SCHEDULED)["state"] == "done"


def test_a_notifier_runs_under_the_emulator_of_aws(place, cloud):
    environment, event = notified(cloud)
    with Emulated(place, environment) as tell:
        assert tell.call(event) == {"batchItemFailures": []}
    assert "order 7\norder 8" in tell.log.decode()
