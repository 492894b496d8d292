"""What a function that sends texts may do, and no other one."""

from __future__ import annotations

from typing import Any

import pytest

from cloud_cron import CloudCron
from tests.deploy.template.apps import nothing, parts


def role(name: str, **options: Any) -> list[dict[str, Any]]:
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", topics=["orders"], name="export")(nothing)
    given = {"from_number": "+12025550100", "recipients": ["+12025550123"], "secret": "secretsmanager:shop/twilio"}
    app.notifier("sms", name="text", **{**given, **options})(nothing)
    app.notifier("print", name="tell")(nothing)
    [found] = [
        resource
        for part in parts(app)
        for key, resource in part.template["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role" and key.lower().startswith(f"notifier{name}")
    ]
    statements: list[dict[str, Any]] = found["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return statements


def keys(statements: list[dict[str, Any]]) -> list[str]:
    [found] = [each["Condition"]["ForAllValues:StringLike"] for each in statements if "dynamodb" in str(each["Action"])]
    named: list[str] = found["dynamodb:LeadingKeys"]
    return named


@pytest.mark.parametrize(
    ("secret", "action", "end"),
    [
        ("secretsmanager:shop/twilio", "secretsmanager:GetSecretValue", ":secret:shop/twilio-??????"),
        ("ssm:/shop/twilio", "ssm:GetParameter", ":parameter/shop/twilio"),
    ],
)
def test_it_may_read_the_one_secret_and_nobody_else_may(secret, action, end):
    [found] = [each for each in role("text", secret=secret) if each["Action"] == action]
    assert found["Resource"]["Fn::Sub"].endswith(end)
    assert [each for each in role("tell", secret=secret) if each["Action"] == action] == []


def test_it_may_count_the_days_texts_where_there_is_a_limit():
    assert keys(role("text")) == ["E#text#*"]
    assert keys(role("text", daily_limit=5)) == ["E#text#*", "C#sms"]
    assert keys(role("tell", daily_limit=5)) == ["E#tell#*"]
