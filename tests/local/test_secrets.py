from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud_cron.errors import NotFound, UnsupportedError
from cloud_cron.local.secrets import MachineSecrets

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


@pytest.mark.parametrize("reference", ["secretsmanager:shop/db", "ssm:/shop/db"])
def test_a_secret_of_aws_is_not_asked_for_here(reference: str):
    with pytest.raises(UnsupportedError) as caught:
        MachineSecrets().get("db", reference)
    assert caught.value.code == "CC508"
    assert reference.partition(":")[0] in caught.value.message
    assert "env:" in str(caught.value.hint)


def test_a_secret_that_is_no_text(tmp_path: Path):
    file = tmp_path / "db"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotFound, match="UTF-8") as caught:
        MachineSecrets().get("db", f"file:{file}")
    assert caught.value.code == "CC507"
