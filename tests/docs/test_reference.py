"""The generated reference leaves nothing out."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields

import click
import pytest

import cloud_cron
from cloud_cron import channels, testing
from cloud_cron.checks import FUNCTION_OPTIONS
from cloud_cron.testing import plugin as pytest_plugin
from scripts.docs.reference import api, codes, commands, configuration, meanings, plugin, shapes, variables, writing
from tests.test_docs import in_page

NO_ERRORS = {"CC203", "CC430", "CC611"}
"""Codes of dead letters, and of what `check` finds."""


def test_every_command_and_option_is_there():
    page = commands.page()

    for name, command in commands.every():
        assert f"\n### {name}\n" in page
        for option in (option for param in command.params for option in param.opts if option.startswith("--")):
            assert option in page


def test_every_public_name_is_there():
    page = api.page()

    assert [name for name in [*cloud_cron.__all__, *testing.__all__] if f"\n### {name}\n" not in page] == []


def test_the_plug_in_of_pytest_is_told_of_whole():
    section = plugin.section()
    declared = {name for name, thing in vars(pytest_plugin).items() if type(thing) is type(pytest_plugin.cron)}

    assert {each.__name__ for each in plugin.FIXTURES} == declared
    assert [name for name in ("--sim-seed N", "--cloud-cron-backend", "cloud_cron_app") if name not in section] == []
    assert "`@pytest.mark.cloud_cron(app=..., stage=...)`" in section


def test_every_channel_says_what_its_content_is():
    page = shapes.page()

    assert '| `sms` | `{"text", "segments"}` |' in page
    assert '"attachments": [{"name", "content_type", "bytes"}]' in page
    assert [name for name in channels.BUILT_IN if f"| `{name}` |" not in page] == []


def test_every_code_has_its_class():
    """Whoever makes an error of a new code names its class there, or stands in codes.py."""
    told = {code for found in codes.by_class().values() for code in found}

    assert told == {code for code, _ in in_page() if code.startswith("CC")} - NO_ERRORS


def test_codes_that_follow_one_another_are_told_as_a_span():
    assert (
        codes.spans(["CC101", "CC102", "CC103", "CC110", "CC120", "CC121"])
        == "`CC101` to `CC103`, `CC110`, `CC120`, `CC121`"
    )
    assert codes.spans([]) == ""


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


def test_every_command_that_prints_data_says_its_shape():
    """Say it in the help, after "With --json:", or print it among the samples of scripts/docs/reference/shapes.py."""
    page = shapes.page()
    printing = [name for name, command in commands.every() if prints_data(command)]
    missing = [name for name in printing if f"**`{name}`**" not in page and f"\n### {name}\n" not in page]

    assert {"status", "plan", "outputs", "dlq show"} <= set(printing)
    assert missing == []


def test_the_shape_of_simulate_is_that_of_its_report():
    said = next(found.split("\n")[0] for found in shapes.page().split("\n**`") if found.startswith("simulate`"))

    assert set(re.findall(r'"(\w+)"', said)) == {*(field.name for field in fields(testing.SimulationReport)), "story"}


def prints_data(command):
    """Whether the module of a command prints JSON for it; what prints line by line is told of on its own."""
    module = inspect.getmodule(inspect.unwrap(command.callback)) if command.callback else None
    return module is not None and ".data(" in inspect.getsource(module) and not isinstance(command, click.Group)


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
