"""The app on AWS, in the emulator moto."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws.bus import SnsSqsBus
from cloud_cron.aws.failures import received
from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.aws.payloads import S3Payloads
from cloud_cron.aws.resources import Resources
from cloud_cron.config import Settings
from cloud_cron.local import lambdas
from cloud_cron.local.clock import VirtualClock
from cloud_cron.local.host import Notebook
from cloud_cron.local.ids import RandomIds
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.ports import Ports
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron_cli.deploy.aws_account import AwsAccount
from cloud_cron_cli.deploy.aws_place import AwsPlace
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.aws_shelf import Shelf
from cloud_cron_cli.deploy.deployed import Deployed
from cloud_cron_cli.project import Project
from tests.aws.dynamodb import KEYS
from tests.operating.app import Senders, application, event, lost, message_of

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION, ACCOUNT = "us-east-1", "123456789012"
FIFO = {"FifoQueue": "true", "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
GROUP = "shop-dev-group"


class Aws:
    """AWS: what the template makes, in the emulator; functions are called by whoever settles.

    moto knows no move tasks: SQS's own rules for them are played in the place of the call, with the answers that AWS
    gives (recorded on AWS: StartMessageMoveTask).
    """

    def __init__(self) -> None:
        self.senders, self.calls, self.broken = Senders(), list[str](), list[Exception]()
        self.session, self.clock = session(), VirtualClock(datetime.now(UTC))
        self.sqs, self.ids = self.session.client("sqs"), RandomIds()
        app = application(self)
        self.project = Project(Path(), "dev", Settings("dev"), app, app.model())
        self.urls = {name: self._queue(name) for name in ("failures", "schedules")}
        self.urls |= {name: self._queue(f"{name}.fifo") for name in ("dead", "lost")}
        self.urls["queue"] = self._queue("queue.fifo", {"maxReceiveCount": 1000, "deadLetterTargetArn": arn("dead")})
        self._ledger()
        sns = self.session.client("sns")
        topic = sns.create_topic(Name="shop-dev-orders.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn("queue"), Attributes=raw)
        self.session.client("s3").create_bucket(Bucket="payloads")
        self.ports = self._ports(topic)
        self.runtime = Runtime(app, app.model(), self.ports, stage="dev", queues={"mail": arn("queue")})
        self.invoked: list[dict[str, Any]] = []
        self.moving = self.hears = False
        self.schedules = False
        self.place = self.again()

    def _queue(self, name: str, redrive: dict[str, Any] | None = None) -> str:
        attributes = dict(FIFO) if name.endswith(".fifo") else {}
        attributes |= {"RedrivePolicy": json.dumps(redrive)} if redrive else {}
        url: str = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def _ledger(self) -> None:
        client = self.session.client("dynamodb")
        client.create_table(
            TableName="ledger", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in KEYS],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS],
        )  # fmt: skip
        self.ledger = DynamoLedger(client, "ledger", clock=self.clock, horizon=3_024_000)

    def _ports(self, topic: str) -> Ports:
        resources = Resources({"orders": topic}, self.urls["queue"], self.urls["dead"], arn("queue"))
        bus = SnsSqsBus(self.session.client("sns"), self.sqs, resources)
        payloads = S3Payloads(self.session.client("s3"), "payloads")
        ports = (bus, self.ledger, self.clock, self.ids, MachineSecrets(), self.senders, Notebook("sent", None))
        return Ports(*ports, payloads=payloads)

    def found(self) -> Deployed:
        """What the stack says of itself."""
        mail = {
            "kind": "notifier", "name": "mail", "function_name": "shop-dev-mail-1",
            "log_group_name": "/aws/lambda/mail",
            "queue_name": "queue.fifo", "queue_url": self.urls["queue"], "queue_arn": arn("queue"),
            "dead_letter_url": self.urls["dead"], "dead_letter_arn": arn("dead"),
            "subscription_dead_letter_url": self.urls["lost"],
        }  # fmt: skip
        schedules = [{"name": "shop-dev-export"}] if self.schedules else []
        export = {
            "kind": "task", "name": "export", "function_name": "shop-dev-export-1", "schedules": schedules,
            "log_group_name": "/aws/lambda/export",
        }  # fmt: skip
        outputs = {
            "Ledger": "ledger", "PayloadBucket": "payloads", "ScheduleGroup": GROUP,
            "FailureQueueUrl": self.urls["failures"], "ScheduleDeadLetterUrl": self.urls["schedules"],
        }  # fmt: skip
        main: Any = SimpleNamespace(outputs=outputs)
        maintenance = {"kind": "maintenance", "name": "maintenance", "log_group_name": "/aws/lambda/maintenance"}
        pieces: dict[str, Any] = {"notifier:mail": mail, "task:export": export, "maintenance:maintenance": maintenance}
        return Deployed({"main": main}, {}, {**pieces, **({"events:events": self._hearing()} if self.hears else {})})

    def _hearing(self) -> dict[str, str]:
        """What the stack says of the function that hears mail events."""
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"
        return {
            "kind": "events", "name": "events", "log_group_name": "/aws/lambda/events", "queue_arn": queue,
            "dead_letter_url": self.urls["events-dead"], "dead_letter_arn": f"{queue}-dead",
        }  # fmt: skip

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack that says so."""
        found = self.found()
        pieces = {f"Piece{n}": json.dumps(said, separators=(",", ":")) for n, said in enumerate(found.pieces.values())}
        return {**found.stacks["main"].outputs, **pieces}

    def schedule(self) -> str:
        """A schedule of the task; the ARN of its role."""
        scheduler = self.session.client("scheduler")
        role: str = self.session.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        scheduler.create_schedule_group(Name=GROUP)
        target = {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x", "RoleArn": role, "Input": "{}"}
        scheduler.create_schedule(
            GroupName=GROUP, Name="shop-dev-export", ScheduleExpression="cron(0 * * * ? *)", State="ENABLED",
            ScheduleExpressionTimezone="Europe/Berlin", FlexibleTimeWindow={"Mode": "OFF"}, Target=target,
            Description="every hour",
        )  # fmt: skip
        self.schedules = True
        return role

    def deploy(self) -> None:
        """A schedule of the task, and a mapping from the queue to the notifier's function."""
        role, functions = self.schedule(), self.session.client("lambda")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "")
        functions.create_function(
            FunctionName="shop-dev-mail-1", Runtime="python3.11", Role=role, Handler="app.h",
            Code={"ZipFile": packed.getvalue()},
        )  # fmt: skip
        functions.create_event_source_mapping(FunctionName="shop-dev-mail-1", EventSourceArn=arn("queue"))

    def run(self, hour: int = 1) -> str:
        self._called(event(hour), f"r{hour}")
        return message_of(hour)

    def _called(self, asked: dict[str, Any], request: str) -> dict[str, Any]:
        context: Any = SimpleNamespace(aws_request_id=request, get_remaining_time_in_millis=lambda: 60_000)
        answer: dict[str, Any] = self.runtime.handle("export", asked, context)
        return answer

    def answered(self, path: str, event: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """What a call that is waited for is answered, and the kind of its error, by Lambda's own client."""
        assert "shop-dev-export-1" in path
        bootstrap = pytest.importorskip("awslambdaric.bootstrap")
        try:
            return self._called(event, self.ids.token()), ""
        except Exception:  # noqa: BLE001 - the client takes whatever the function raises
            return bootstrap.build_fault_result(sys.exc_info(), None), "Unhandled"

    def settle(self) -> None:
        """Call the functions that were asked for, then feed the notifier until it leaves everything that is left."""
        while self.invoked:
            with suppress(ValueError):  # Lambda tries again, by itself
                self._called(self.invoked.pop(0), self.ids.token())
        while batch := self._batch():
            context: Any = SimpleNamespace(aws_request_id="b", get_remaining_time_in_millis=lambda: 60_000)
            answer = self.runtime.handle("mail", lambdas.event(batch), context)
            failed = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
            for each in batch:
                if each.id not in failed:
                    self.sqs.delete_message(QueueUrl=self.urls["queue"], ReceiptHandle=each.handle)

    def one_time(self) -> list[dict[str, Any]]:
        """The schedules that begin something once, by their time."""
        scheduler = self.session.client("scheduler")
        names = [each["Name"] for each in scheduler.list_schedules(GroupName=GROUP)["Schedules"]]
        found = [scheduler.get_schedule(GroupName=GROUP, Name=name) for name in names]
        once = [each for each in found if each["ScheduleExpression"].startswith("at(")]
        return sorted(once, key=lambda each: str(each["ScheduleExpression"]))

    def take_up(self) -> None:
        """Let time pass until Scheduler has begun everything, which it deletes then."""
        for each in self.one_time():
            at = datetime.fromisoformat(f"{each['ScheduleExpression'][3:-1]}+00:00")
            self.clock.set(max(at, self.clock.now()))
            self.invoked.append(json.loads(each["Target"]["Input"]))
            assert each["ActionAfterCompletion"] == "DELETE"
            self.session.client("scheduler").delete_schedule(GroupName=GROUP, Name=each["Name"])
            self.settle()

    def _batch(self) -> list[Any]:
        more = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], "VisibilityTimeout": 600}
        answer = self.sqs.receive_message(QueueUrl=self.urls["queue"], MaxNumberOfMessages=10, **more)
        found = [received(arn("queue"), message) for message in answer.get("Messages", ())]
        now = self.clock.now().timestamp()
        return [replace_sent(each, now) for each in found]

    def lose(self, state: str, hour: int = 1, *, event: Any = None) -> None:
        key, record = lost(state, hour, event)
        assert self.ledger.create(key, record) is None

    def give_up(self, asked: Any, request: str = "r1", function: str = "shop-dev-export-1") -> None:
        """What Lambda writes to the failure queue of an event that it gave up."""
        name = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:$LATEST"
        context = {"requestId": request, "functionArn": name, "condition": "RetriesExhausted"}
        said = {"errorType": "ValueError", "errorMessage": "no such station"}
        body = {"version": "1.0", "requestContext": context, "requestPayload": asked, "responsePayload": said}
        self.sqs.send_message(QueueUrl=self.urls["failures"], MessageBody=json.dumps(body))

    def not_start(self, body: str, function: str = "shop-dev-export-1") -> None:
        """What Scheduler writes to its dead-letter queue of an event that it could not hand over."""
        said = {
            "ERROR_CODE": "AccessDeniedException", "ERROR_MESSAGE": "not authorized", "RETRY_ATTEMPTS": "10",
            "TARGET_ARN": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}",
        }  # fmt: skip
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
        self.sqs.send_message(QueueUrl=self.urls["schedules"], MessageBody=body, MessageAttributes=attributes)

    def put_dead(self, notifier: str, body: str, **attributes: str) -> None:
        self.put("dead", body, **attributes)

    def put(self, queue: str, body: str, dedup: str = "", **attributes: str) -> None:
        """A message in a FIFO queue."""
        given = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(
            QueueUrl=self.urls[queue], MessageBody=body, MessageGroupId="g", MessageAttributes=given,
            MessageDeduplicationId=dedup or self.ids.token(),
        )  # fmt: skip

    def hear(self, *bodies: str) -> None:
        """Have the function that hears mail events, and letters of events that it could not record."""
        if not self.hears:
            self.urls |= {name: self._queue(name) for name in ("events", "events-dead")}
            self.hears = True
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.urls["events-dead"], MessageBody=body)

    def log(self, part: str, *lines: tuple[float, str | dict[str, Any]]) -> None:
        """Lines of a function's log, by how many seconds old they are."""
        logs, group = self.session.client("logs"), f"/aws/lambda/{part}"
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
            logs.create_log_stream(logGroupName=group, logStreamName="s")
        now = datetime.now(UTC).timestamp()
        events = [
            {"timestamp": int((now - age) * 1000), "message": line if isinstance(line, str) else json.dumps(line)}
            for age, line in lines
        ]
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)

    def again(self) -> AwsPlace:
        """The place, as another command would find it; what the last one looked at is put down."""
        if hasattr(self, "place"):
            self.place.close()
        shelf = Shelf(self.session, patience=0)
        self.place = AwsPlace(self.project, self.found(), self.session, AwsAccount(self.session), shelf=shelf)
        return self.place

    def done(self) -> list[tuple[str, str]]:
        records = [each for part in ("mail", "export", "-") for each in self.ledger.records(f"A#{part}")]
        assert all(f"arn:aws:sts::{ACCOUNT}:" in record.reason for _, record in records)
        found = sorted(records, key=lambda each: (each[1].at, each[0].sort))
        return [(record.state.lower(), key.partition[2:]) for key, record in found]

    def depth(self, name: str) -> int:
        answer = self.sqs.get_queue_attributes(QueueUrl=self.urls[name], AttributeNames=["All"])["Attributes"]
        return sum(int(value) for key, value in answer.items() if key.startswith("ApproximateNumberOfMessages"))

    @contextmanager
    def played(self) -> Iterator[None]:
        """Answer for Lambda and for move tasks."""
        events = [
            (self.session.client("lambda"), "before-call.lambda.Invoke", self.invoke),
            (self.sqs, "before-call.sqs.StartMessageMoveTask", self.move),
        ]
        for client, name, handler in events:
            client.meta.events.register(name, handler)
        try:
            yield
        finally:
            for client, name, handler in events:
                client.meta.events.unregister(name, handler)

    def invoke(self, params: Any, **_: Any) -> Any:
        assert params["headers"]["X-Amz-Invocation-Type"] == "Event"
        assert "shop-dev-export-1" in params["url_path"]
        self.invoked.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=202), {"StatusCode": 202}

    def move(self, params: Any, **_: Any) -> Any:
        asked = json.loads(params["body"])
        if self.moving:
            return refused("There is already a task running. Only one active task is allowed for a source queue arn at "
                           "a given time.")  # fmt: skip
        if asked["SourceArn"] != arn("dead"):
            return refused("Source queue must be configured as a Dead Letter Queue.")
        assert asked["DestinationArn"] == arn("queue")
        more = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], "VisibilityTimeout": 600}
        while messages := self.sqs.receive_message(QueueUrl=self.urls["dead"], MaxNumberOfMessages=10, **more).get(
            "Messages"
        ):
            for message in messages:
                given = {
                    name: {"DataType": "String", "StringValue": value["StringValue"]}
                    for name, value in message.get("MessageAttributes", {}).items()
                }
                self.sqs.send_message(
                    QueueUrl=self.urls["queue"], MessageBody=message["Body"], MessageAttributes=given,
                    MessageGroupId=message["Attributes"]["MessageGroupId"],
                    MessageDeduplicationId=message["MessageId"],
                )  # fmt: skip
                self.sqs.delete_message(QueueUrl=self.urls["dead"], ReceiptHandle=message["ReceiptHandle"])
        return SimpleNamespace(status_code=200), {"TaskHandle": "handle"}


def refused(message: str) -> Any:
    """An answer of SQS."""
    return SimpleNamespace(status_code=400), {"Error": {"Code": "InvalidParameterValue", "Message": message}}


def replace_sent(found: Any, now: float) -> Any:
    """SQS's clock is the machine's, and the world's goes on from there."""
    return found._replace(sent_at=min(found.sent_at, now))


def arn(queue: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}.fifo"


SERVICES = ("cloudformation", "cloudwatch", "dynamodb", "iam", "lambda", "logs", "s3", "scheduler", "sns", "sqs", "sts")


@cache
def session() -> AwsSession:
    """One for the process: making its clients costs more than all their calls. moto has credentials for them.

    All are made at once, before a test says where commands find AWS: these talk to moto itself.
    """
    made = AwsSession(REGION)
    for service in SERVICES:
        made.client(service)
    return made


@contextmanager
def on_aws() -> Iterator[Aws]:
    """A stage in an account that is empty but for it."""
    moto = pytest.importorskip("moto")
    with moto.mock_aws(config={"lambda": {"use_docker": False}}):
        world = Aws()
        with world.played():
            yield world
