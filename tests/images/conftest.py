"""Registries, an engine and a base image for the session; every test of this folder needs `make images`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import trustme

from tests.images import base, publishing
from tests.images.docker_engine import Engine
from tests.images.places import EMULATOR
from tests.images.project import Project, machine
from tests.images.registries import Registry
from tests.images.skopeo import Skopeo
from tests.lambda_runtime.cloud import cloud

__all__ = ["cloud"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("images")


@pytest.fixture(scope="session", autouse=True)
def _installed():
    if not EMULATOR.exists():
        pytest.skip("make images installs what is needed")


@pytest.fixture(scope="session")
def scratch():
    """A folder of the session, which leaves none of its images behind."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def public(scratch):
    """The registry that stands for the public one."""
    folder = scratch / "public"
    folder.mkdir()
    with Registry(folder) as registry:
        yield registry


@pytest.fixture(scope="session")
def ecr(scratch):
    """The registry that is as ECR is."""
    folder = scratch / "ecr"
    folder.mkdir()
    with Registry(folder, trustme.CA()) as registry:
        yield registry


@pytest.fixture(scope="session")
def lambda_base(scratch, public):
    """The base image, under the name that AWS gives it."""
    root = scratch / "base"
    root.mkdir()
    base.make(root)
    layer = publishing.packed(root, scratch / "base.tar.gz")
    publishing.publish(public, "lambda/python", base.MINOR, [layer], base.CONFIG)
    return f"{public.host}/lambda/python:{base.MINOR}"


@pytest.fixture(scope="session")
def engine(scratch, ecr):
    """A Docker engine that may push to the registry."""
    with Engine(ecr.docker_config(scratch / "docker"), ecr.certificates) as running:
        yield running


@pytest.fixture(scope="session")
def skopeo(scratch, ecr):
    folder = scratch / "skopeo"
    folder.mkdir()
    return Skopeo(ecr, folder)


@pytest.fixture
def project(tmp_path, scratch, ecr, lambda_base):
    """An app in a folder of its own, on a machine that has built others."""
    made = Project(tmp_path / "shop", lambda_base, machine(scratch / "home", ecr))
    made.begin()
    return made
