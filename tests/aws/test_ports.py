"""The world of one function: what it has follows from what its resources name, and so does what it loads."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron, Message, aws
from cloud_cron.aws.bus import SnsSqsBus
from cloud_cron.aws.clients import Clients
from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.aws.resources import Resources
from cloud_cron.aws.ses import SesSender
from cloud_cron.errors import BusError, UnsupportedError
from cloud_cron.ports import Key, Outgoing, Record
from cloud_cron.runtime.forgetful import ForgetfulLedger
from tests.aws.emulated import clients

if TYPE_CHECKING:
    from cloud_cron.ports import Ports

pytestmark = pytest.mark.moto


class Nobody:
    def note(self, report) -> None:
        """Forget it."""


def shop(**options) -> CloudCron:
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"])
    def export() -> dict[str, Any]:
        return {}

    @app.schedule("at(2030-01-01T08:00:00)", topics=["orders"])
    def once() -> dict[str, Any]:
        return {}

    @app.notifier("email", topics=["orders"], recipients="ada@example.org", **options)
    def mail(message: Message) -> dict[str, Any]:
        return {}

    return app


def world(found: Any, name: str, resources: Resources, **options) -> Ports:
    model = shop(**options).model()
    part = model.task(name) or model.notifier(name)
    return aws.ports(clients=found, resources=resources, model=model, part=part, horizon=60.0, journal=Nobody())


def made(client: Any) -> set[str]:
    return set(client._made)


def test_a_function_has_clients_for_what_its_resources_name_and_no_others():
    with clients() as (found, _):
        ports = world(found, "export", Resources())
        assert (made(found), type(ports.ledger)) == (set(), ForgetfulLedger)
        ports = world(found, "export", Resources({"orders": "arn:aws:sns:us-east-1:1:orders.fifo"}, table="t"))
        assert made(found) == {"sns", "dynamodb"}
        assert isinstance(ports.bus, SnsSqsBus)
        assert isinstance(ports.ledger, DynamoLedger)


def test_a_notifier_of_mail_sends_by_ses():
    with clients() as (found, _):
        ports = world(found, "mail", Resources(queue_url="https://q", table="t"), sender="shop@example.org")
        assert made(found) == {"sqs", "dynamodb", "sesv2"}
        assert isinstance(ports.senders.sender("mail", Message("orders", {}, "m1")), SesSender)


def test_a_notifier_that_cannot_send_says_so_before_any_event():
    with clients() as (found, _), pytest.raises(UnsupportedError, match="nobody is named as sender"):
        world(found, "mail", Resources(queue_url="https://q", table="t"))


def test_a_task_without_topics_cannot_publish():
    with clients() as (found, _), pytest.raises(BusError) as caught:
        world(found, "export", Resources()).bus.publish("orders", [Outgoing("i", "g", "{}")])
    assert caught.value.code == "CC223"


def test_runs_of_a_single_time_are_remembered_for_good():
    with clients() as (found, _):
        schema: Any = [("pk", "HASH"), ("sk", "RANGE")]
        found.get("dynamodb").create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in schema],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in schema],
        )
        ledger = world(found, "export", Resources(table="t")).ledger
        for task in ("export", "once"):
            ledger.create(Key(f"R#{task}", "2030"), Record("DONE"))
        rows = found.get("dynamodb").scan(TableName="t")["Items"]
        assert {row["pk"]["S"]: "exp" in row for row in rows} == {"R#export": True, "R#once": False}


def test_calls_are_short_and_repeated_where_that_is_safe():
    with clients() as (found, _):
        for service in ("dynamodb", "sns", "sqs", "secretsmanager", "ssm"):
            config = found.get(service).meta.config
            assert (config.connect_timeout, config.read_timeout) == (3, 10)
            assert config.retries == {"mode": "standard", "total_max_attempts": 4}
        assert found.get("sns") is found.get("sns")


def test_a_session_of_botocore_does_where_none_of_boto3_is_given(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert Clients().get("sns").meta.region_name == "eu-west-1"


PLAIN = """
import json, sys
from cloud_cron import CloudCron, aws
from cloud_cron.aws.resources import parse_resources
app = CloudCron("shop")
@app.schedule("rate(1 hour)")
def export():
    return None
model = app.model()
class Nobody:
    def note(self, report):
        pass
part, resources = model.task("export"), parse_resources("{}")
ports = aws.ports(resources=resources, model=model, part=part, horizon=60.0, journal=Nobody())
print(json.dumps(sorted(name.partition(".")[0] for name in sys.modules)))
"""


def test_a_function_that_needs_nothing_of_aws_loads_nothing_of_it():
    done = subprocess.run([sys.executable, "-c", PLAIN], capture_output=True, check=True, text=True)
    assert not {"boto3", "botocore", "urllib3", "jinja2", "sqlite3"} & set(json.loads(done.stdout))
