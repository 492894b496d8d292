from __future__ import annotations

import os

import pytest

from cloud_cron.local.environment import applied


def test_what_was_there_comes_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TABLE", "outside")
    monkeypatch.delenv("BUCKET", raising=False)
    with applied({"TABLE": "orders", "BUCKET": "b"}):
        assert (os.environ["TABLE"], os.environ["BUCKET"]) == ("orders", "b")
    assert os.environ["TABLE"] == "outside"
    assert "BUCKET" not in os.environ


def test_it_comes_back_after_an_exception_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TABLE", "outside")
    with pytest.raises(ValueError, match="no"), applied({"TABLE": "orders"}):
        raise ValueError("no")
    assert os.environ["TABLE"] == "outside"
