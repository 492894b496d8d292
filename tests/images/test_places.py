"""The places themselves, with an image that Docker made by hand: what others are measured by."""

from __future__ import annotations

import pytest

from tests.images.places import Chroot, Container, Emulated, Placed

DOCKERFILE = """
FROM {base}
COPY app.py ${{LAMBDA_TASK_ROOT}}/
CMD ["app.handler"]
"""
APP = """
import os

def handler(event, context):
    try:
        open("/var/task/made", "w")
    except OSError as error:
        refused = error.strerror
    return {"event": event, "user": os.getuid(), "refused": refused}
"""


@pytest.fixture(scope="module")
def image(engine, ecr, lambda_base, skopeo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("by-hand")
    (folder / "Dockerfile").write_text(DOCKERFILE.format(base=lambda_base), encoding="utf-8")
    (folder / "app.py").write_text(APP, encoding="utf-8")
    name = f"{ecr.host}/by-hand:1"
    engine.docker("build", "--quiet", "--tag", name, str(folder))
    engine.docker("push", "--quiet", name)
    return f"{ecr.host}/by-hand@{skopeo.digest(name)}"


@pytest.fixture(params=["container", "chroot"])
def place(request, image, engine, skopeo):
    return Container(engine, image) if request.param == "container" else Chroot(skopeo.unpack(image))


def test_lambdas_runtime_client_runs_unprivileged_on_a_root_that_cannot_be_written(place):
    with Placed(place, {}) as function:
        answer = function.call({"n": 1})
    assert answer.body["event"] == {"n": 1}
    assert answer.body["user"] == 993
    assert answer.body["refused"] in {"Read-only file system", "Permission denied"}


def test_the_emulator_of_aws_runs_it_too(place):
    with Emulated(place, {}) as function:
        assert [function.call({"n": n})["event"]["n"] for n in range(2)] == [0, 1]
