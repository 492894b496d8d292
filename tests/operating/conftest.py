"""The worlds of `tests.operating`, each new."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from cloud_cron_cli.main import cli
from tests.operating.app import ADA, BOB, due
from tests.operating.aws_world import on_aws
from tests.operating.machine_world import Local
from tests.operating.played import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.operating.app import World
    from tests.operating.aws_world import Aws

APP = f"""
from cloud_cron import CloudCron

app = CloudCron("shop")


@app.schedule("rate(1 hour)", topics=["orders"], end="{due(24)}")
def export(run): ...


@app.notifier("email", topics=["orders"], recipients=["{ADA}", "{BOB}"], max_ambiguous=0)
def mail(message): ...
"""


@contextmanager
def on_a_machine(folder, **options) -> Iterator[Local]:
    world = Local(folder, **options)
    try:
        yield world
    finally:
        world.machine.store.close()


@pytest.fixture(params=["machine", pytest.param("aws", marks=pytest.mark.moto)])
def world(request, tmp_path, monkeypatch) -> Iterator[World]:
    """The contract holds at both."""
    if request.param == "machine":
        if sys.platform == "win32":
            pytest.skip("hosts fork, so that there are none on Windows")
        with on_a_machine(tmp_path) as made:
            yield made
    else:
        with on_aws() as made:
            yield made


@pytest.fixture
def aws() -> Iterator[Aws]:
    with on_aws() as made:
        yield made


@pytest.fixture
def machine(tmp_path) -> Iterator[Local]:
    if sys.platform == "win32":
        pytest.skip("hosts fork, so that there are none on Windows")
    with on_a_machine(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def played():
    pytest.importorskip("moto")
    with served() as made:
        yield made


@pytest.fixture
def commanded(tmp_path, monkeypatch, played):
    """A stage that is deployed, and the project that it came from in the current folder.

    moto sets credentials of its own while it plays AWS: what is put over them is taken away before it ends.
    """
    (tmp_path / "app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    application, url = played
    environment = {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "ENDPOINT_URL": url, "REGION": "us-east-1"}
    with on_aws() as world, pytest.MonkeyPatch.context() as over:
        for name, value in environment.items():
            over.setenv(f"AWS_{name}", value)
        application.world = world
        yield world
    application.world = None
    sys.modules.pop("app", None)
    sys.path[:] = [each for each in sys.path if each != str(tmp_path)]


@pytest.fixture
def run():
    """Runs a command line; no exception leaves it."""

    def invoke(*arguments):
        result = CliRunner().invoke(cli, arguments, prog_name="cloud-cron")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke
