"""What a function loads beyond awslambdaric itself, from its start to its first answer: fixed lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lambda_runtime.runtime_api import Function

SOURCE = """
import sys
from cloud_cron import CloudCron
app = CloudCron("shop")

def tell():
    print('{"loaded": "%s"}' % " ".join(sys.modules))

@app.schedule("cron(0 8 ? * MON-FRI *)", timezone="Europe/Berlin", secrets={"key": "ssm:/key"})
def plain(run):
    tell()

@app.schedule("rate(1 hour)", topics=["reports"])
def publishing(run):
    tell()
    return {"reports": {"n": 1}}

@app.notifier("email", topics=["reports"], recipients=["ada@example.com"])
def mail(message): ...

@app.notifier("sms", topics=["reports"], recipients=["+12025550123"], from_number="+12025550100", secret="ssm:/none")
def texting(message):
    tell()
    return "text"

@app.notifier("print", topics=["reports"], text="n is {{ n }}")
def notifying(message):
    tell()
    return message.payload
"""
LISTING = """
import sys
sys.addaudithook(lambda event, given: event == "import" and sys.stdout.write('{"loaded": "%s"}\\n' % given[0]))
"""
MAILING = """
import gc, sys
from botocore.client import BaseClient
from cloud_cron import CloudCron
app = CloudCron("shop")

@app.schedule(topics=["reports"])
def export(run): ...

@app.notifier("email", topics=["reports"], recipients=["ada@example.com"], sender="shop@example.com", text="{{ n }}")
def mail(message):
    clients = [found.meta.service_model.service_name for found in gc.get_objects() if isinstance(found, BaseClient)]
    print('{"loaded": "%s", "clients": "%s"}' % (" ".join(sys.modules), " ".join(sorted(clients))))
    return message.payload
"""
BARE = "import sys\ndef handler(event, context):\n    return sorted(sys.modules)\n"

DECLARING = "app arguments checks errors freezing functions task_model values"
RUNNING = "entrypoint function invocations lambda_log logs machine reports unrecorded viewing"
OURS = {
    "cloud_cron",
    *(f"cloud_cron.{name}" for name in DECLARING.split()),
    *("cloud_cron.aws", "cloud_cron.aws.resources", "cloud_cron.config", "cloud_cron.runs", "cloud_cron.runtime"),
    *(f"cloud_cron.runtime.{name}" for name in RUNNING.split()),
}
SECRETS = {
    *("cloud_cron.aws.clients", "cloud_cron.aws.secrets"),
    *("cloud_cron.runtime.redacting", "cloud_cron.runtime.secrets"),
}
STANDARD = {"_datetime", "datetime", "app"}
ZONES = {"_struct", "_sysconfigdata", "_zoneinfo", "struct", "sysconfig", "zoneinfo"}

TEXTS = {"phonenumbers", "requests", "twilio"}
NEVER = {"boto3", "click", "moto", "multiprocessing", "pytest", "rich", "s3transfer", "sqlite3", "unittest", *TEXTS}
NEVER_OURS = {"cloud_cron.local", "cloud_cron.testing", "cloud_cron_cli"}


@pytest.fixture(scope="session")
def bare(tmp_path_factory) -> set[str]:
    """What awslambdaric loads by itself."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "app.py").write_text(BARE, encoding="utf-8")
    with Function(folder, {}, "app.handler") as function:
        return set(function.call({}).body)


def loaded(function: Function) -> set[str]:
    return {name for line in function.lines() if "loaded" in line for name in line["loaded"].split()}


def roots(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_a_task_that_makes_no_call_loads_these_modules_and_no_others(function, bare):
    with function(SOURCE.replace(', secrets={"key": "ssm:/key"}', ""), "plain") as plain:
        assert plain.call({}).body["state"] == "done"
    found = loaded(plain) - bare
    ours = {name for name in found if name.startswith("cloud_cron")}
    assert ours == OURS
    assert {name.partition("__")[0].partition(".")[0] for name in found - ours} <= STANDARD | ZONES


def test_a_secret_that_nobody_asks_for_makes_no_client(function, bare):
    with function(SOURCE, "plain") as plain:
        assert plain.call({}).body["state"] == "done"
    found = loaded(plain) - bare
    assert {name for name in found if name.startswith("cloud_cron")} <= OURS | SECRETS
    assert roots(found) & (NEVER | {"botocore", "urllib3"}) == set()


@pytest.mark.moto
def test_a_task_that_publishes_loads_neither_what_renders_nor_what_delivers(function, cloud, bare):
    stage = cloud.stage()
    environment = cloud.environment(topics=stage["topics"], table=stage["table"])
    with function(SOURCE, "publishing", **environment) as publishing:
        assert publishing.call({}).body["published"] == 1
    found = loaded(publishing) - bare
    assert roots(found) & (NEVER | {"jinja2", "markupsafe", "tomllib"}) == set()
    assert {name for name in found if name.startswith(tuple(NEVER_OURS))} == set()
    assert found & {"cloud_cron.runtime.batch", "cloud_cron.rendering"} == set()


@pytest.mark.moto
def test_a_notifier_loads_no_other_channel_and_nothing_of_other_hosts(function, cloud, bare):
    stage = cloud.stage()
    environment = cloud.environment(
        **{name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}
    )
    with function(SOURCE, "notifying", **environment) as notifying:
        answer = notifying.call({"Records": [record(stage["queue"])]})
    assert answer.body == {"batchItemFailures": []}
    found = loaded(notifying) - bare
    assert roots(found) & NEVER == set()
    assert {name for name in found if name.startswith(tuple(NEVER_OURS))} == set()
    assert found & {"cloud_cron.runtime.task", "cloud_cron.channels.mime", "cloud_cron.aws.ses", "smtplib"} == set()


@pytest.mark.moto
def test_a_function_that_sends_texts_loads_twilios_client_before_its_first_event(function, cloud, bare):
    stage = cloud.stage()
    environment = cloud.environment(
        **{name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}
    )
    with function(SOURCE, "texting", **environment) as texting:
        answer = texting.call({"Records": [record(stage["queue"])]})
    assert answer.body == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    found = loaded(texting) - bare
    assert found >= {"cloud_cron.channels.twilio", "twilio.rest.api", "requests"}
    assert roots(found) & ((NEVER - TEXTS) | {"aiohttp", "jwt"}) == set()
    assert {name for name in found if name.startswith(tuple(NEVER_OURS))} == set()


@pytest.mark.moto
def test_the_function_that_hears_mail_events_loads_neither_what_renders_nor_what_sends(function, cloud):
    stage = cloud.stage()
    environment = cloud.environment(queue="arn:events", events_topic="arn:topic", table=stage["table"])
    stranger = {"messageId": "m", "body": "{}", "eventSource": "aws:sqs", "eventSourceARN": "arn:events"}
    with function(LISTING + SOURCE, "@events", **environment) as events:
        assert events.call({"Records": [stranger]}).body == {"batchItemFailures": [{"itemIdentifier": "m"}]}
    found = loaded(events)
    assert found >= {"cloud_cron.runtime.listening", "cloud_cron.aws.ses_events", "botocore"}
    assert roots(found) & (NEVER | {"jinja2", "markupsafe"}) == set()
    assert {name for name in found if name.startswith(tuple(NEVER_OURS))} == set()
    unneeded = ("rendering", "runtime.batch", "runtime.task", "runtime.maintenance", "channels.mime", "aws.ses")
    assert found & {f"cloud_cron.{name}" for name in unneeded} == set()


@pytest.mark.moto
def test_a_first_mail_pays_for_one_client_and_not_for_boto3(function, cloud, bare):
    """Beside those of the queue and the ledger, and before the event; the second message sees what the first left."""
    stage = cloud.stage()
    cloud.sesv2.create_email_identity(EmailIdentity="shop@example.com")
    environment = cloud.environment(
        **{name: stage[name] for name in ("queue", "queue_url", "dead_letter_url", "table")}
    )
    with function(MAILING, "mail", **environment) as mail:
        answer = mail.call({"Records": [record(stage["queue"], "first"), record(stage["queue"], "second")]})
    assert answer.body == {"batchItemFailures": []}
    assert [line["status"] for line in mail.lines() if line.get("event") == "delivery"] == ["sent", "sent"]
    assert [line["clients"] for line in mail.lines() if "clients" in line] == ["dynamodb sesv2 sqs"] * 2
    assert roots(loaded(mail) - bare) & NEVER == set()


def record(queue: str, number: str = "m") -> dict[str, Any]:
    attributes = {"MessageGroupId": "g", "SentTimestamp": "1793000000000", "ApproximateReceiveCount": "1"}
    return {
        "messageId": number, "receiptHandle": "h", "body": '{"n": 1}', "attributes": attributes,
        "eventSource": "aws:sqs", "eventSourceARN": queue,
    }  # fmt: skip
