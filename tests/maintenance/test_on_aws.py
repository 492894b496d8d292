"""A round on the emulator moto: ledger in DynamoDB, queues in SQS, topics in SNS, functions in Lambda."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import CloudCron, aws
from cloud_cron.aws.clients import Clients
from cloud_cron.aws.hands import AwsHands
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.resources import Resources
from cloud_cron.config import Settings
from cloud_cron.errors import BusError
from cloud_cron.local.clock import VirtualClock
from cloud_cron.ports import Key, Record
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.lambda_log import LambdaLog
from cloud_cron.runtime.maintenance.rounds import Desk, from_app, maintain
from cloud_cron.runtime.watching import Watch
from tests.aws.dynamodb import KEYS
from tests.maintenance.support import Context
from tests.watchdog import listening

pytestmark = pytest.mark.moto

FIFO = {"FifoQueue": "true"}
START = datetime(2030, 1, 1, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


def event(hour: int) -> dict[str, str]:
    return {"task": "export", "scheduled_at": f"2030-01-01T{hour:02}:00:00Z", "trigger": "schedule"}


def key(hour: int) -> Key:
    return Key("R#export", event(hour)["scheduled_at"])


def application() -> CloudCron:
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"], overlap="queue")
    def export(run):
        return {"orders": {"hour": run.scheduled_at.hour}}

    app.notifier("print", name="tell", topics=["orders", "ops"])(lambda message: "x")
    app.notifier("print", name="later", topics=["orders"])(lambda message: "x")
    return app


class Stack:
    """What the template would make, in the emulator."""

    def __init__(self) -> None:
        import boto3  # noqa: PLC0415 - beside its one use

        self.clients = Clients(boto3.session.Session("testing", "testing", region_name="us-east-1"))
        self.sqs, self.invoked = self.clients.get("sqs"), list[dict[str, Any]]()
        names: dict[str, dict[str, str]] = {"orders": FIFO, "ops": FIFO, "dead": FIFO, "failures": {}, "schedules": {}}
        self.urls = {
            name: self.sqs.create_queue(QueueName=f"{name}.fifo" if kind else name, Attributes=kind)["QueueUrl"]
            for name, kind in names.items()
        }
        sns = self.clients.get("sns")
        for topic in ("orders", "ops"):
            arn = sns.create_topic(Name=f"shop-dev-{topic}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
            queue = f"arn:aws:sqs:us-east-1:123456789012:{topic}.fifo"
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
        self.clients.get("dynamodb").create_table(
            TableName="ledger", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in KEYS],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS],
        )  # fmt: skip
        self.resources = Resources(
            topic_prefix="arn:aws:sns:us-east-1:123456789012:shop-dev-", table="ledger",
            failures_url=self.urls["failures"], schedules_url=self.urls["schedules"],
        )  # fmt: skip
        functions = self.clients.get("lambda")
        functions.meta.events.register("provide-client-params.lambda.Invoke", self._note)
        self._function("task", "export", {})
        self._function("notifier", "tell", {"dead_letter_url": self.urls["dead"]})
        self.app, self.clock = application(), VirtualClock(START)
        self.model = self.app.model()
        made = aws.ports(
            resources=self.resources, model=self.model, part=None, horizon=1e6, journal=LambdaLog(),
            clients=self.clients,
        )  # fmt: skip
        self.ports: Any = replace(made, clock=self.clock)
        self.ledger = self.ports.ledger

    def _function(self, kind: str, name: str, resources: dict[str, str]) -> None:
        packed, functions = io.BytesIO(), self.clients.get("lambda")
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "")
        role = self.clients.get("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        functions.create_function(
            FunctionName=resource_name("shop", "dev", kind, name), Runtime="python3.11", Role=role, Handler="app.h",
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": {"CLOUD_CRON_RESOURCES": json.dumps(resources)}},
        )  # fmt: skip

    def _note(self, params: Any, **_: Any) -> None:
        self.invoked.append({**params, "Payload": json.loads(params["Payload"])})

    def round(self) -> dict[str, Any]:
        watch = Watch(self.ports.bus, self.clock, "shop", "dev", "ops")
        hands = AwsHands(self.clients, self.resources, self.model, "dev")
        return maintain(Desk(self.model, "dev", self.ports, watch, hands), Context())

    def run(self, hour: int, bus: Any = None) -> dict[str, Any]:
        ports = replace(self.ports, bus=bus or self.ports.bus)
        runtime = Runtime(self.app, self.model, ports, stage="dev", queues={})
        return runtime.handle("export", event(hour), Context(f"r{hour}", 60_000))

    def move(self, **span: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**span))

    def put(self, hour: int, state: str, **fields: Any) -> None:
        data = json.dumps({"event": event(hour)})
        fields = {"token": f"t{hour}", "at": START.timestamp() + hour * 3600, "data": data, **fields}
        assert self.ledger.create(key(hour), Record(state, **fields)) is None

    def heard(self, topic: str) -> list[dict[str, Any]]:
        """The payloads that arrived, each once."""
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.urls[topic], MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"])["payload"])
                self.sqs.delete_message(QueueUrl=self.urls[topic], ReceiptHandle=message["ReceiptHandle"])
        return found

    def depth(self, queue: str) -> int:
        found = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in found.items() if name.startswith("ApproximateNumberOfMessages"))


@pytest.fixture
def stack(monkeypatch):
    moto = pytest.importorskip("moto")
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with moto.mock_aws(config={"lambda": {"use_docker": False}}):
        yield Stack()


def given_up(hour: int) -> str:
    function = f"{FUNCTION}{resource_name('shop', 'dev', 'task', 'export')}:$LATEST"
    context = {"requestId": f"r{hour}", "functionArn": function, "condition": "RetriesExhausted"}
    said = {"errorMessage": "2030 Task timed out after 60.00 seconds", "errorType": "Sandbox.Timedout"}
    return json.dumps({"requestContext": context, "requestPayload": event(hour), "responsePayload": said})


def test_a_round_does_all_of_its_work_and_the_next_one_finds_nothing(stack):
    stack.round()
    with pytest.raises(BusError):
        stack.run(1, SimpleNamespace(publish=refusing))
    stack.put(2, "RETRY", code="WAITING")
    stack.put(3, "CLAIMED", lease=START.timestamp(), attempts=3, source="r3")
    stack.sqs.send_message(QueueUrl=stack.urls["failures"], MessageBody=given_up(3))
    stack.sqs.send_message(QueueUrl=stack.urls["failures"], MessageBody="of somebody else")
    why = {"ERROR_CODE": {"DataType": "String", "StringValue": "AWS.Lambda.ResourceNotFound"}}
    stack.sqs.send_message(QueueUrl=stack.urls["schedules"], MessageBody=json.dumps(event(4)), MessageAttributes=why)
    stack.sqs.send_message(
        QueueUrl=stack.urls["dead"], MessageBody="{}", MessageGroupId="g", MessageDeduplicationId="d"
    )
    stack.move(hours=7, minutes=30)

    assert stack.round() == {"finished": 2, "failed": 1, "unstarted": 1, "missed": 2, "letters": 1}
    assert stack.round() == {"finished": 0, "failed": 0, "unstarted": 0, "missed": 0, "letters": 0}

    states = {record_key.sort[11:13]: record.state for record_key, record in stack.ledger.records("R#export")}
    assert states == {"01": "DONE", "02": "RETRY", "03": "FAILED", "04": "MISSED", "05": "MISSED", "06": "MISSED"}
    assert stack.heard("orders") == [{"hour": 1}]
    assert [call["Payload"] for call in stack.invoked] == [event(2)]
    assert stack.invoked[0]["InvocationType"] == "Event"
    told = [(payload["kind"], payload["error"]["type"], payload["count"]) for payload in stack.heard("ops")]
    assert sorted(told) == [
        ("dead", "receives", 1), ("failed", "Sandbox.Timedout", 1),
        ("missed", "AWS.Lambda.ResourceNotFound", 1), ("missed", "missed", 2),
    ]  # fmt: skip
    assert {name: stack.depth(name) for name in ("failures", "schedules", "dead")} == {
        "failures": 1, "schedules": 0, "dead": 1,
    }  # fmt: skip


def test_a_run_that_comes_after_it_was_missed_is_made_once(stack):
    stack.round()
    stack.move(hours=2, minutes=6)
    assert stack.round()["missed"] == 1
    assert [stack.run(1)["state"], stack.run(1)["state"]] == ["done", "duplicate"]
    assert stack.round()["missed"] == 0


def test_a_run_that_was_put_aside_is_called_at_most_once_by_two_rounds(stack):
    stack.put(1, "RETRY", code="WAITING")
    runs = stack.ledger.open_runs
    stack.ports = replace(stack.ports, ledger=Meanwhile(stack.ledger, lambda: (runs(), stack.round())[0]))
    assert stack.round()["finished"] == 0
    assert len(stack.invoked) == 1


class Meanwhile:
    """A ledger after whose first list of open runs another round is made."""

    def __init__(self, ledger: Any, first: Any) -> None:
        self._ledger, self._first = ledger, [first]

    def open_runs(self) -> Any:
        return self._first.pop()() if self._first else self._ledger.open_runs()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def test_the_function_as_lambda_makes_it_reads_what_its_environment_names(stack):
    stack.sqs.send_message(QueueUrl=stack.urls["failures"], MessageBody=given_up(3))
    handler = from_app(stack.app, Settings("dev", watch="ops"), stack.resources)
    context: Any = Context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cloud_cron.runtime.machine.SystemClock.now", lambda self: START + timedelta(hours=4))
        done = handler({}, context)
    assert done == {"finished": 0, "failed": 1, "unstarted": 0, "missed": 0, "letters": 0}
    assert [payload["kind"] for payload in stack.heard("ops")] == ["failed"]


@pytest.fixture
def watchdog():
    with listening() as found:
        yield found


def test_a_heartbeat_that_secrets_manager_keeps_is_heard_once_a_good_round(stack, watchdog):
    kept = f"{watchdog.address}/kept"
    stack.clients.get("secretsmanager").create_secret(Name="shop/heartbeat", SecretString=kept)
    settings, context = Settings("dev", watch="ops", heartbeat="secretsmanager:shop/heartbeat"), Context()
    handler: Any = from_app(stack.app, settings, stack.resources)
    for number in (1, 2):
        handler({}, context)
        assert watchdog.heard == ["/kept"] * number


def test_a_round_that_cannot_read_the_ledger_is_not_heard(stack, watchdog):
    settings = Settings("dev", heartbeat=f"{watchdog.address}/ping")
    handler: Any = from_app(stack.app, settings, replace(stack.resources, table="gone"))
    with pytest.raises(ExceptionGroup, match="gone"):
        handler({}, Context())
    assert watchdog.heard == []


def refusing(*_: Any) -> None:
    raise BusError("CC224", "no")
