"""What the builders push runs as on Lambda: a task, and a notifier that renders a template."""

from __future__ import annotations

import pytest

from tests.images.places import Chroot, Container, Emulated, Placed
from tests.lambda_runtime.test_notifiers import record, told

SCHEDULED = {"task": "hourly", "scheduled_at": "2026-11-27T10:00:00Z", "attempt": "1", "schedule": "rate(1 hour)"}


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
