"""Secrets of Secrets Manager and of the parameter store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cloud_cron.aws.clients import Clients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.errors import NotFound, UnsupportedError
from cloud_cron.local.clock import VirtualClock

pytestmark = pytest.mark.moto


@pytest.fixture
def clock():
    return VirtualClock(datetime(2030, 1, 1, tzinfo=UTC))


@pytest.fixture
def clients():
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws():
        yield Clients(boto3.session.Session("testing", "testing", region_name="us-east-1"))


def test_a_secret_is_read_by_its_name_or_its_arn(clients, clock):
    arn = clients.get("secretsmanager").create_secret(Name="shop/db", SecretString="wine")["ARN"]
    for reference in ("secretsmanager:shop/db", f"secretsmanager:{arn}"):
        assert AwsSecrets(clients, clock).get("db", reference) == "wine"


def test_a_parameter_is_decrypted(clients, clock):
    clients.get("ssm").put_parameter(Name="/shop/db", Value="wine", Type="SecureString")
    assert AwsSecrets(clients, clock).get("db", "ssm:/shop/db") == "wine"


def test_a_value_is_kept_for_five_minutes(clients, clock):
    store = clients.get("secretsmanager")
    store.create_secret(Name="shop/db", SecretString="old")
    secrets = AwsSecrets(clients, clock)
    assert secrets.get("db", "secretsmanager:shop/db") == "old"
    store.put_secret_value(SecretId="shop/db", SecretString="new")
    clock.set(clock.now() + timedelta(seconds=299))
    assert secrets.get("db", "secretsmanager:shop/db") == "old"
    clock.set(clock.now() + timedelta(seconds=1))
    assert secrets.get("db", "secretsmanager:shop/db") == "new"


def test_a_value_that_is_forgotten_is_asked_for_anew(clients, clock):
    store = clients.get("secretsmanager")
    store.create_secret(Name="shop/db", SecretString="old")
    secrets = AwsSecrets(clients, clock)
    assert secrets.get("db", "secretsmanager:shop/db") == "old"
    store.put_secret_value(SecretId="shop/db", SecretString="new")
    secrets.forget("secretsmanager:shop/db")
    secrets.forget("secretsmanager:never/asked")
    assert secrets.get("db", "secretsmanager:shop/db") == "new"


@pytest.mark.parametrize("reference", ["secretsmanager:nowhere", "ssm:/nowhere", "secretsmanager:binary"])
def test_what_cannot_be_read_is_named_and_its_value_is_not(clients, clock, reference):
    clients.get("secretsmanager").create_secret(Name="binary", SecretBinary=b"wine")
    with pytest.raises(NotFound) as caught:
        AwsSecrets(clients, clock).get("db", reference)
    assert caught.value.code == "CC507"
    assert "secret 'db'" in caught.value.message
    assert caught.value.hint
    assert "wine" not in str(caught.value)


@pytest.mark.parametrize("reference", ["env:DB", "file:/etc/db"])
def test_a_place_of_one_machine_is_refused(clients, clock, reference):
    with pytest.raises(UnsupportedError) as caught:
        AwsSecrets(clients, clock).get("db", reference)
    assert caught.value.code == "CC508"
