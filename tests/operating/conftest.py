"""The worlds of `tests.operating`, each new."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.operating.aws_world import on_aws
from tests.operating.machine_world import Local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.operating.app import World
    from tests.operating.aws_world import Aws


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
