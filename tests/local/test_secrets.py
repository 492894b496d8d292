from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud_cron.aws.clients import MachineClients
from cloud_cron.aws.secrets import AwsSecrets
from cloud_cron.errors import NotFound, UnsupportedError
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.runtime.machine import SystemClock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SHOP_DB", "s3cret")
    assert MachineSecrets().get("db", "env:SHOP_DB") == "s3cret"


def test_a_secret_in_a_file_without_its_last_line_break(tmp_path: Path):
    file = tmp_path / "db"
    file.write_text("s3cret\n", encoding="utf-8")
    assert MachineSecrets().get("db", f"file:{file}") == "s3cret"


@pytest.mark.parametrize("reference", ["env:SHOP_DB", "file:nowhere/db"])
def test_a_secret_that_is_not_there(monkeypatch: pytest.MonkeyPatch, reference: str):
    monkeypatch.delenv("SHOP_DB", raising=False)
    with pytest.raises(NotFound) as caught:
        MachineSecrets().get("db", reference)
    assert caught.value.code == "CC507"
    assert "'db'" in caught.value.message
    assert reference.partition(":")[2] in caught.value.message
    assert caught.value.hint


AWS = pytest.mark.parametrize("reference", ["secretsmanager:shop/db", "ssm:/shop/db"])


class Store:
    """What AWS keeps."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def get(self, name: str, reference: str) -> str:
        return f"{name} of {reference}"

    def forget(self, reference: str) -> None:
        self.forgotten.append(reference)


@AWS
def test_a_secret_of_aws_is_asked_for_where_there_is_an_aws(reference: str):
    assert MachineSecrets(Store()).get("db", reference) == f"db of {reference}"


@AWS
def test_what_is_to_be_forgotten_is_forgotten_where_it_is_kept(reference: str):
    store = Store()
    MachineSecrets(store).forget(reference)
    assert store.forgotten == [reference]
    MachineSecrets().forget(reference)


@AWS
def test_a_secret_of_aws_is_refused_where_there_is_none(reference: str):
    with pytest.raises(UnsupportedError) as caught:
        MachineSecrets().get("db", reference)
    assert caught.value.code == "CC508"
    assert reference.partition(":")[0] in caught.value.message
    assert "env:" in str(caught.value.hint)


@AWS
def test_a_machine_without_credentials_of_aws_is_told_so(monkeypatch: pytest.MonkeyPatch, reference: str):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "nowhere")
    with pytest.raises(UnsupportedError, match="there is no region") as caught:
        MachineSecrets(AwsSecrets(MachineClients(), SystemClock())).get("db", reference)
    assert caught.value.code == "CC508"


def test_a_secret_that_is_no_text(tmp_path: Path):
    file = tmp_path / "db"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotFound, match="UTF-8") as caught:
        MachineSecrets().get("db", f"file:{file}")
    assert caught.value.code == "CC507"
