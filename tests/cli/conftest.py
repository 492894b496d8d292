from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from textwrap import dedent

import pytest
from click.testing import CliRunner

from cloud_cron_cli.main import cli
from tests.cli.ground import APP, Ground

collect_ignore = (  # hosts fork, so that there are none on Windows
    [
        f"test_{name}.py"
        for name in ("backfill", "canary", "dev", "dev_parts", "dlq", "doctor", "redirect", "serve", "status")
    ]
    if sys.platform == "win32"
    else []
)


WEATHER = """
from cloud_cron import CloudCron, Message, Run

app = CloudCron("weather")


@app.schedule("cron(0 8 * * ? 2199)", topics=["reports", "alerts"], timezone="Europe/Berlin")
def morning(run: Run):
    return {"reports": {"station": run.input or "KSEA"}, "alerts": [{"kind": "frost"}, {"kind": "wind"}]}


@app.notifier(
    "email", topics=["reports"], recipients=["ada@example.org", "bob@example.org"], subject="At {{ station }}"
)
def mail_report(message: Message):
    return message.payload


@app.notifier("print", topics=["alerts"])
def shout(message: Message):
    return f"{message.payload['kind']} warning"
"""


INSTALLED = tuple({f"{place}{os.sep}" for place in (sys.prefix, sys.base_prefix)})
"""Where modules are that are nobody's app: what a command imports late, the next one need not import again."""


@contextmanager
def own_imports():
    """Whoever comes next imports an app of its own."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        place = getattr(sys.modules[name], "__file__", None) or ""
        if not name.startswith("cloud_cron") and not place.startswith(INSTALLED):
            del sys.modules[name]


@pytest.fixture(autouse=True)
def untouched_imports():
    """Each test imports its own app."""
    with own_imports():
        yield


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Writes files into an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)

    def write(app=WEATHER, **files):
        named = {"app.py": app} if app is not None else {}
        for name, text in {**named, **files}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def run():
    """Runs a command line; no exception leaves it."""

    def invoke(*arguments, stdin=None):
        result = CliRunner().invoke(cli, arguments, input=stdin, prog_name="cloud-cron")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


@pytest.fixture
def ground(project):
    """Makes a project with a database of this stage; that of `serve` unless told otherwise."""
    made = []

    def make(app=APP, *, sends=True, **files):
        made.append(Ground(project(app, **files), sends=sends))
        return made[-1]

    yield make
    for each in made:
        each.store.close()


@pytest.fixture
def own_cache(tmp_path_factory, monkeypatch):
    """A user whose cache, and whose credentials of Docker, nobody else has."""
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("CLOUD_CRON_CACHE", str(folder / "cache"))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder / "docker"))
    return folder
