"""Secrets are resolved when they are asked for, and never shown."""

from __future__ import annotations

import pytest

from cloud_cron.runtime.secrets import SecretValues
from tests.runtime.support import Vault


def test_a_secret_is_resolved_when_it_is_asked_for():
    vault = Vault()
    secrets = SecretValues({"db": "env:DB", "api": "env:API"}, vault)

    assert (list(secrets), len(secrets), "db" in secrets) == (["db", "api"], 2, True)
    assert vault.asked == []
    assert secrets["api"] == "value of env:API"
    assert vault.asked == [("api", "env:API")]


def test_a_name_that_was_not_declared_is_a_key_error():
    vault = Vault()

    with pytest.raises(KeyError, match="dbb"):
        SecretValues({"db": "env:DB"}, vault)["dbb"]
    assert vault.asked == []


def test_showing_asks_nobody():
    vault = Vault()
    text = repr(SecretValues({"db": "env:DB"}, vault)) + str(SecretValues({"db": "env:DB"}, vault))

    assert text == "SecretValues(['db'])" * 2
    assert vault.asked == []
