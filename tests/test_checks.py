"""Checks that a declaration reaches only through the model, or that have corners of their own."""

from __future__ import annotations

import pytest

from cloud_cron import checks
from cloud_cron.errors import DeclarationError


@pytest.mark.parametrize("name", ["a", "A9_-", "a" * 40])
def test_good_names(name):
    checks.identifier(name, "task")


@pytest.mark.parametrize("stage", ["dev", "p", "prod2", "a" * 16])
def test_good_stages(stage):
    checks.identifier(stage, "stage", checks.STAGE)


@pytest.mark.parametrize("stage", ["Dev", "my-stage", "a" * 17, "1st", ""])
def test_bad_stages(stage):
    with pytest.raises(DeclarationError, match="CC110 stage name"):
        checks.identifier(stage, "stage", checks.STAGE)


@pytest.mark.parametrize("value", ["latest", "none", "all(1)", "all(99999)"])
def test_good_catch_ups(value):
    checks.catchup(value)


@pytest.mark.parametrize("value", ["all()", "all(0)", "all(100000)", "all(-1)", "LATEST", "latest ", "", None, 5, []])
def test_bad_catch_ups(value):
    with pytest.raises(DeclarationError, match="CC113 catchup="):
        checks.catchup(value)


@pytest.mark.parametrize("value", ["task", "message", "payload:station", "payload:a b"])
def test_good_orders(value):
    checks.order(value)


@pytest.mark.parametrize("value", ["payload", "payload:", "tasks", "", None, {}, ["task"]])
def test_bad_orders(value):
    with pytest.raises(DeclarationError, match="CC113 order="):
        checks.order(value)


def test_an_order_by_function_is_told_why_not():
    with pytest.raises(DeclarationError, match="a function cannot be given"):
        checks.order(str)


def test_bounds_are_included():
    checks.whole("n", 1, 1, 3)
    checks.whole("n", 3, 1, 3)
    for value in (0, 4, 1.0, "2", None, True):
        with pytest.raises(DeclarationError, match="CC113 n="):
            checks.whole("n", value, 1, 3)


def test_strings_take_one_or_many():
    assert checks.strings("n", "a") == ("a",)
    assert checks.strings("n", ["a", "b"]) == ("a", "b")
    assert checks.strings("n", ()) == ()
    for value in (None, {"a"}, ["a", 5], b"a"):
        with pytest.raises(DeclarationError, match="CC113 n must be"):
            checks.strings("n", value)


@pytest.mark.parametrize("reference", ["secretsmanager:a", "ssm:/a", "env:A", "file:a"])
def test_references_to_secrets(reference):
    checks.secrets({"db": reference})


def test_a_mapping_never_shows_its_values():
    with pytest.raises(DeclarationError) as caught:
        checks.mapping("secrets", {5: "hunter2"})

    assert "hunter2" not in str(caught.value)


def test_unknown_keys_get_the_closest_known_one():
    checks.known_keys("function", ["tracing"], checks.FUNCTION_OPTIONS)
    with pytest.raises(DeclarationError) as caught:
        checks.known_keys("function", ["traceing"], checks.FUNCTION_OPTIONS)

    assert (caught.value.code, caught.value.hint) == ("CC114", "did you mean 'tracing'?")
