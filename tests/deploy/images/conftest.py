"""What the tests of images share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.deploy.images.wheelhouse import Wheelhouse, filled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheelhouse:
    return filled(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uv")


@pytest.fixture
def wheelhouse(wheels: Wheelhouse, uv_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Wheelhouse:
    """The index of this test's uv and pip, which know no other and no network."""
    for name in (
        "UV_INDEX",
        "UV_INDEX_URL",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", wheels.folder.as_uri())
    monkeypatch.setenv("UV_CACHE_DIR", str(uv_cache))
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("PIP_INDEX_URL", wheels.folder.as_uri())
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return wheels
