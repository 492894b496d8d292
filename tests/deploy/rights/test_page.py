"""The policies of the page are such as IAM takes, for every stage that there may be."""

from __future__ import annotations

import json
import re

import pytest

from cloud_cron_cli.deploy.template.managed import LONGEST
from tests.deploy.rights.policies import PAGE, text

FILES = [block.file for block in PAGE.blocks if block.kind == "json"]
LONG = {"stage": f"{'a' * 31}-{'s' * 16}", "region": "ap-southeast-1"}


def test_the_table_names_the_policies():
    assert re.findall(r"^\| \[`(\w+\.json)`\]", PAGE.text, re.MULTILINE) == FILES


@pytest.mark.parametrize("file", FILES)
def test_a_policy_fits_into_a_managed_one(file):
    """IAM User Guide, "IAM and AWS STS quotas": 6,144 characters, of which white space does not count."""
    assert len(re.sub(r"\s", "", text(file, **LONG))) <= LONGEST


@pytest.mark.moto
@pytest.mark.parametrize("file", FILES)
def test_a_policy_is_one_that_iam_takes(file):
    validation = pytest.importorskip("moto.iam.policy_validation")

    validation.IAMPolicyDocumentValidator(text(file)).validate()


@pytest.mark.parametrize("file", FILES)
def test_statements_have_names_and_placeholders_are_filled(file):
    statements = json.loads(text(file))["Statement"]
    names = [statement["Sid"] for statement in statements]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9]+", name) for name in names)
    assert all(statement["Effect"] == "Allow" for statement in statements)
    assert re.findall(r"\b[A-Z]{3,}\b", text(file)) == []


def test_the_command_fills_the_placeholders():
    [line] = [line for block in PAGE.blocks if block.kind == "sh" for line in block.text.splitlines() if "sed" in line]

    assert set(re.findall(r"s/([A-Z-]+)/[a-z0-9-]+/g", line)) == {"APP-STAGE", "REGION", "ACCOUNT"}
