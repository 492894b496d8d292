"""The pytest plug-in: fixtures `cron` and `cron_aws`, marker `cloud_cron`, and their options.

pytest loads this module in every session of an environment that has cloud-cron, so it imports pytest alone; everything
else is loaded when a test asks for a fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.testing.moto import Wired
    from cloud_cron.testing.runner import CronRunner

_MARKER = "cloud_cron(app=..., stage=...): the app of fixture `cron`, as module:attribute or itself, and its stage"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options of the command line and of the configuration file."""
    group = parser.getgroup("cloud-cron")
    group.addoption(
        "--cloud-cron-backend",
        choices=("local", "moto"),
        default="local",
        help="what the queues of fixture cron are made of (default: local)",
    )
    group.addoption(
        "--sim-seed", type=int, metavar="N", help="let cron.simulate play the world of this seed, and no other"
    )
    parser.addini("cloud_cron_app", "the app of fixture cron, as module:attribute (default: app:app)", default=None)
    parser.addini("cloud_cron_now", "when the clock of fixture cron starts (default: 2030-01-01T00:00Z)", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and put the project's folder on `sys.path`, so that test modules can import from it."""
    config.addinivalue_line("markers", _MARKER)
    from cloud_cron.testing.projects import Projects  # noqa: PLC0415 - pytest loads this plug-in first

    projects = Projects(config.rootpath, config.getini("cloud_cron_app"), config.getini("cloud_cron_now"))
    config.stash[Projects.key] = projects
    config.add_cleanup(projects.leave)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Before a test module is imported, enter the project that it belongs to."""
    if isinstance(collector, pytest.Module):
        from cloud_cron.testing.projects import Projects  # noqa: PLC0415 - loaded when configured

        collector.config.stash[Projects.key].enter(collector.path.parent)


@pytest.fixture
def cron(request: pytest.FixtureRequest) -> Iterator[CronRunner]:
    """The app of the project on virtual time, with nothing leaving the process: a `CronRunner`."""
    from cloud_cron.testing.fixtures import runner  # noqa: PLC0415 - only a test that asks loads the app

    with runner(request) as made:
        yield made


@pytest.fixture
def cron_aws(request: pytest.FixtureRequest, cron: CronRunner) -> Wired:  # noqa: ARG001 - it wires them
    """The boto3 clients that the queues of `cron` are wired on, which are moto's for a test that asks for this.

    `sns` and `sqs` are the clients; `topics` are ARNs by topic, `queues` and `dead_letters` URLs by notifier.
    """
    from cloud_cron.testing.fixtures import WIRED  # noqa: PLC0415 - as above

    wired: Wired = request.node.stash[WIRED]
    return wired
