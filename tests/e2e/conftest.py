"""The emulator, a mail server, and copies of the example as images; what was logged is shown when a test fails."""

from __future__ import annotations

import pytest

from tests.channels.mail_servers import served
from tests.e2e.emulator import PYTHON, LocalStack
from tests.e2e.post import Post
from tests.e2e.project import Project
from tests.e2e.stage import Stage, described


@pytest.fixture(scope="session")
def localstack(tmp_path_factory):
    if not PYTHON.exists():
        pytest.skip("there is no emulator: make e2e installs it")
    with LocalStack(tmp_path_factory.mktemp("localstack")) as running:
        yield running


@pytest.fixture(scope="module")
def mail():
    box = Post()
    with served(box) as box.port:
        yield box


@pytest.fixture(scope="module")
def project(localstack, mail, tmp_path_factory):
    """The example in a folder and an account of its own."""
    return Project(tmp_path_factory.mktemp("project") / "basic", localstack, mail.port)


@pytest.fixture(scope="module")
def stage(project):
    """The example, deployed."""
    project.deploy()
    return Stage(project.account, described(project.account, "basic-e2e"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    running = getattr(item, "funcargs", {}).get("localstack")
    if report.failed and running:
        report.sections.append(("LocalStack and the functions", running.tail()))
    return report
