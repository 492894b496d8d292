"""What a user's own key must allow."""

from __future__ import annotations

import pytest

from cloud_cron_cli.deploy.encryption import missing

PLACE = ("eu-central-1", "123456789012")
OWNER = {
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*",
}  # fmt: skip


def services(policy) -> list[str]:
    return [statement["Principal"]["Service"] for statement in missing(policy, *PLACE)]


def test_the_policy_that_every_key_begins_with_lets_no_service_use_it():
    assert services({"Statement": [OWNER]}) == [
        "sns.amazonaws.com", "cloudwatch.amazonaws.com", "logs.eu-central-1.amazonaws.com",
    ]  # fmt: skip


def test_what_is_printed_is_all_that_was_missing():
    lacking = missing({"Statement": OWNER}, *PLACE)
    assert missing({"Statement": [OWNER, *lacking]}, *PLACE) == []
    assert all(statement["Condition"] for statement in lacking)


def test_mail_events_need_one_more_service():
    found = missing({"Statement": [OWNER]}, *PLACE, events=True)
    assert [each["Principal"]["Service"] for each in found].count("ses.amazonaws.com") == 1
    assert missing({"Statement": [OWNER, *found]}, *PLACE, events=True) == []


@pytest.mark.parametrize("action", ["kms:*", ["kms:GenerateDataKey*", "kms:Decrypt"]])
def test_several_services_and_patterns_of_actions_are_understood(action):
    both = {
        "Effect": "Allow",
        "Principal": {"Service": ["sns.amazonaws.com", "cloudwatch.amazonaws.com"]},
        "Action": action,
    }
    assert services({"Statement": [both]}) == ["logs.eu-central-1.amazonaws.com"]


def test_one_of_two_actions_is_not_enough_and_a_denial_is_none():
    half = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:Decrypt"}
    denied = {"Effect": "Deny", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "kms:*"}
    assert "sns.amazonaws.com" in services({"Statement": [half, denied]})
    assert len(services({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}]})) == 3
