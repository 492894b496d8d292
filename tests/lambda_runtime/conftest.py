"""Functions as Lambda runs them."""

from __future__ import annotations

import compileall
from pathlib import Path

import pytest

import cloud_cron
from tests.lambda_runtime.cloud import cloud
from tests.lambda_runtime.runtime_api import Function

__all__ = ["cloud"]


@pytest.fixture(scope="session", autouse=True)
def bytecode():
    compileall.compile_dir(Path(cloud_cron.__file__).parent, quiet=1)


@pytest.fixture
def function(tmp_path):
    """A function of an app: `function(source, handler, **environment)`."""

    def made(source: str, handler: str, **environment: str) -> Function:
        (tmp_path / "app.py").write_text(source, encoding="utf-8")
        names = {"CLOUD_CRON_APP": "app", "CLOUD_CRON_STAGE": "dev", "CLOUD_CRON_HANDLER": handler}
        return Function(tmp_path, {**names, **environment})

    return made
