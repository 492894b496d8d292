"""The generated reference leaves nothing out."""

from __future__ import annotations

import pytest

import cloud_cron
from cloud_cron import testing
from cloud_cron.checks import FUNCTION_OPTIONS
from scripts.docs.reference import api, commands, configuration, meanings, shapes, variables, writing


def test_every_command_and_option_is_there():
    page = commands.page()

    for name, command in commands.every():
        assert f"\n### {name}\n" in page
        for option in (option for param in command.params for option in param.opts if option.startswith("--")):
            assert option in page


def test_every_public_name_is_there():
    page = api.page()

    assert [name for name in [*cloud_cron.__all__, *testing.__all__] if f"\n### {name}\n" not in page] == []


def test_every_key_of_the_configuration_has_its_meaning():
    """Give a new key its sentence in scripts/docs/reference/meanings.py."""
    assert {key.path for key in configuration.every_key()} == set(meanings.MEANINGS)
    assert set(meanings.FUNCTION) == FUNCTION_OPTIONS


def test_a_key_says_what_it_takes():
    takes = {key.path: key.takes for key in configuration.every_key()}

    assert takes["protect"] == "true or false"
    assert takes["architecture"] == "arm64 or x86_64"
    assert takes["image.keep"] == "1 to 10,000"
    assert takes["alarms.arns"] == "the ARN of an SNS topic, or a list of such"
    assert takes["tasks.<name>.env.<name>"] == "a string"
    assert [path for path, said in takes.items() if not said] == []


def test_a_template_is_told_of_the_message_and_of_no_secret():
    page = variables.page()

    assert "`message.payload`" in page
    assert "`message.secrets`" not in page
    assert "`safe_url`" in page


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({}, "{}"),
        ([], "[]"),
        (None, "null"),
        ({"a": True, "b": [1, 2], "c": "x"}, '{\n  "a": true or false,\n  "b": [number],\n  "c": text\n}'),
        ({"payload": {"mine": 1}}, '{\n  "payload": object\n}'),
    ],
)
def test_the_shape_of_a_value_names_types(value, shown):
    assert shapes.shape(value) == shown


def test_a_bar_in_a_cell_is_a_bar():
    assert writing.table(["a"], [["x | y"]]) == "| a |\n| --- |\n| x \\| y |"
