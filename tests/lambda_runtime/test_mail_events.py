"""The function that hears mail events, as Lambda runs it, fed by a topic and a queue of the emulator; and who mails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloud_cron.runtime import naming
from tests.aws.ses_server import served
from tests.lambda_runtime.test_notifiers import record
from tests.listening.support import told

pytestmark = pytest.mark.moto

SOURCE = """
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.notifier("email", topics=["reports"], sender="shop@example.org", recipients=["ada@example.org"], events=True)
def mail(message):
    return "text"
"""
KEY = naming.delivery_key("mail", "m1", "shop|dev", "email", "ada@example.org")


def item(cloud, table: str) -> dict[str, Any]:
    key = {"pk": {"S": KEY.partition}, "sk": {"S": KEY.sort}}
    found: dict[str, Any] = cloud.dynamodb.get_item(TableName=table, Key=key)["Item"]
    return found


def through_sns(cloud, topic: str, url: str, arn: str, *events: str) -> dict[str, Any]:
    """The batch that Lambda makes of what SES publishes."""
    for event in events:
        cloud.sns.publish(TopicArn=topic, Message=event)
    bodies = [each["Body"] for each in cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    return {
        "Records": [
            {"messageId": f"m{number}", "receiptHandle": "h", "body": body, "eventSource": "aws:sqs",
             "attributes": {"ApproximateReceiveCount": "1"}, "eventSourceARN": arn}
            for number, body in enumerate(bodies)
        ]
    }  # fmt: skip


def test_what_ses_publishes_settles_a_delivery_in_doubt(function, cloud):
    stage = cloud.stage()
    topic = cloud.sns.create_topic(Name=f"events-{stage['table']}")["TopicArn"]
    url = cloud.sqs.create_queue(QueueName=f"events-{stage['table']}")["QueueUrl"]
    arn = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    doubt = {"pk": {"S": KEY.partition}, "sk": {"S": KEY.sort}, "st": {"S": "DOUBT"}, "tok": {"S": "t"}}
    cloud.dynamodb.put_item(TableName=stage["table"], Item=doubt)
    own = cloud.environment(queue=arn, events_topic=topic, table=stage["table"])
    validation = "Successfully validated SNS topic for Amazon SES event publishing."
    events = through_sns(
        cloud, topic, url, arn, validation, *(json.dumps(told(kind, KEY)) for kind in ("Send", "Bounce"))
    )

    with function(SOURCE, "@events", **own) as events_function:
        assert events_function.call(events).body == {"batchItemFailures": []}
        assert events_function.call(events).body == {"batchItemFailures": []}

    found = item(cloud, stage["table"])
    assert (found["st"], found["code"], found["acc"]) == ({"S": "SENT"}, {"S": "bounced"}, {"N": "1"})
    counted = cloud.dynamodb.query(
        TableName=stage["table"], KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "B#mail"}}
    )
    assert [each["st"]["S"] for each in counted["Items"]] == ["BOUNCED"]
    lines = [each for each in events_function.lines() if each.get("event") == "delivery"]
    assert [(each["level"], each["status"], each["message_id"]) for each in lines] == [
        ("INFO", "sent", "m1"),
        ("WARN", "bounced", "m1"),
    ]
    assert b"ada@example.org" not in events_function.log


def test_a_notifier_mails_by_the_set_that_the_stack_made(function, cloud):
    stage = cloud.stage()
    more = {name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}
    with served() as ses:
        own = cloud.environment(**more, configuration_set="shop-dev-events-4750fe")
        with function(SOURCE, "mail", **own, AWS_ENDPOINT_URL_SESV2=ses.url) as mail:
            answer = mail.call({"Records": [record(1, {"n": 1}, stage["queue"])]})
    assert answer.body == {"batchItemFailures": []}
    [(_, request)] = ses.asked
    assert request["ConfigurationSetName"] == "shop-dev-events-4750fe"
    [tag] = request["EmailTags"]
    key = naming.key_of(tag["Value"])
    assert key == naming.delivery_key(
        "mail", "00000000-0000-4000-8000-000000000001", "shop|dev", "email", "ada@example.org"
    )
