"""docs/from-terraform.md and docs/walkthrough.md: what they say is here is here."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from cloud_cron import channels
from cloud_cron.app import _NOTIFIER_OPTIONS, _TASK_OPTIONS
from cloud_cron.checks import FUNCTION_OPTIONS
from scripts.docs.reference.configuration import every_key
from tests.pages import ROOT, Page

TERRAFORM = Page("docs/from-terraform.md").text
PLAN = Page("docs/walkthrough.md").text
OF_CHANNELS = {
    name: {*(field.name for field in fields(channels.find(name).options)), "recipients", "redirect_to"}
    for name in ("email", "sms")
}


def cells(text: str) -> str:
    """What stands in the second column of every table."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return "\n".join(row.split(" | ", 1)[1] for row in rows)


def keys(text: str) -> set[str]:
    """The keys of the configuration that a text names as `[table] key`, spelled as the reference spells them."""
    found = re.findall(r"`\[([\w.<>]+)\] (\w+)`", text)
    return {f"{table}.{key}" for table, key in found}


@pytest.mark.parametrize("text", [TERRAFORM, PLAN])
def test_arguments_that_stand_for_an_input_are_arguments_of_the_decorators(text):
    known = _TASK_OPTIONS | _NOTIFIER_OPTIONS | set().union(*OF_CHANNELS.values())
    named = set(re.findall(r"`(\w+)=(?:`|\{)", cells(text)))

    assert named
    assert named <= known


@pytest.mark.parametrize("text", [TERRAFORM, PLAN])
def test_keys_that_stand_for_an_input_are_keys_of_the_configuration(text):
    known = {key.path for key in every_key()} | {
        f"channels.{channel}.{option}" for channel, options in OF_CHANNELS.items() for option in options
    }

    assert keys(text)
    assert keys(text) <= known


def test_options_of_a_function_are_all_there():
    row = next(line for line in TERRAFORM.splitlines() if "`VpcConfig`" in line)

    assert set(re.findall(r"`([a-z_]+)`", row)) == FUNCTION_OPTIONS - {"architecture", "log_retention"}


def test_paths_of_the_plan_lead_somewhere():
    named = set(re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:lock|md|yaml))`", PLAN))

    assert len(named) > 30
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_the_plan_is_gone_through_in_its_order():
    phases = re.findall(r"^## Phase ([0-9.]+): ", PLAN, re.MULTILINE)

    assert phases == ["0", "1.1", "1.2", "2", "3", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3"]
