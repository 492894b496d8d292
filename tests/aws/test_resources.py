"""What the environment variable says, and what is wrong with it."""

from __future__ import annotations

import json

import pytest

from cloud_cron.aws.resources import Resources, parse_resources
from cloud_cron.errors import ConfigError


def test_a_notifier_finds_its_queues_and_others_members_do_not_disturb():
    text = json.dumps(
        {"topics": {"ops": "arn:ops"}, "queue_url": "https://q", "dead_letter_url": "https://d", "moon": "t"}
    )
    assert parse_resources(text) == Resources({"ops": "arn:ops"}, "https://q", "https://d")


def test_a_topic_is_the_given_one_or_our_own_by_its_rule():
    found = parse_resources('{"topics": {"ops": "arn:ops"}, "topic_prefix": "arn:aws:sns:eu-west-1:1:shop-dev-"}')
    assert (found.topic("ops"), found.topic("orders")) == ("arn:ops", "arn:aws:sns:eu-west-1:1:shop-dev-orders.fifo")
    assert parse_resources("{}").topic("orders") is None


def test_a_task_has_topics_only():
    assert parse_resources('{"topics": {"ops": "arn:ops"}}') == Resources({"ops": "arn:ops"}, "", "")


def test_a_function_may_have_nothing():
    assert parse_resources("{}") == Resources({}, "", "")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"topics": ["ops"]}', "must map topic names"),
        ('{"topics": {"ops": 1}}', "must map topic names"),
        ('{"queue_url": 1}', "must hold text under 'queue_url'"),
    ],
)
def test_anything_else_names_the_variable(text, why):
    with pytest.raises(ConfigError, match=why) as caught:
        parse_resources(text)
    assert (caught.value.code, caught.value.where) == ("CC520", "CLOUD_CRON_RESOURCES")
