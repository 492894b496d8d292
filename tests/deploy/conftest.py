"""An account of AWS, played by moto."""

from __future__ import annotations

import pytest

from cloud_cron_cli.deploy.aws_session import AwsSession

REGION = "eu-central-1"


@pytest.fixture
def session(monkeypatch):
    moto = pytest.importorskip("moto")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with moto.mock_aws():
        yield AwsSession(REGION)
