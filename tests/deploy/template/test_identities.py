"""Identities of Amazon SES in the stack: made on request, and never deleted."""

from __future__ import annotations

from typing import Any

from cloud_cron import CloudCron
from tests.deploy.template.apps import by_ses, nothing, parts, settings


def made(app: CloudCron, **options) -> tuple[dict[str, Any], dict[str, Any]]:
    """The identities by what they are, and the outputs that speak of DNS."""
    part = parts(app, settings(channels={"email": options}))[0]
    found = [each for each in part.template["Resources"].values() if each["Type"] == "AWS::SES::EmailIdentity"]
    records = {name: each for name, each in part.template["Outputs"].items() if "Dkim" in name}
    return {each["Properties"]["EmailIdentity"]: each for each in found}, records


def test_none_is_made_unless_it_is_asked_for():
    assert made(by_ses()) == ({}, {})
    assert made(by_ses(), create_identity=False) == ({}, {})


def test_a_domain_is_made_once_for_all_its_senders_and_outlives_its_stack():
    found, records = made(by_ses(), create_identity=True)
    assert set(found) == {"example.org"}
    identity = found["example.org"]
    assert (identity["DeletionPolicy"], identity["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    values = [record["Value"]["Fn::Sub"] for record in records.values()]
    assert [value.partition(".")[2] for value in values] == [
        f"DkimDNSTokenName{number}}} CNAME ${{{value.partition('.')[0][2:]}.DkimDNSTokenValue{number}}}"
        for number, value in enumerate(values, 1)
    ]


def test_an_address_has_no_records():
    found, records = made(by_ses(), create_identity="address")
    assert (set(found), records) == ({"shop@example.org"}, {})


def test_who_sends_by_a_mail_server_needs_none():
    app = CloudCron("shop")
    sent: Any = {"sender": "a@example.org", "recipients": "b@example.org", "smtp": "smtp://mail.example.org"}
    app.notifier("email", topics=["news"], name="mail", **sent)(nothing)
    assert made(app, create_identity=True) == ({}, {})
