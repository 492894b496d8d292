"""Least privilege, proved: the roles of the template allow every call that the runtime makes, and nothing more.

The calls are recorded from functions at work on the emulator moto, and judged by moto's reading of IAM policies; what
that leaves out, the condition on DynamoDB's leading keys, is judged here.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron import CloudCron, Email, aws
from cloud_cron.aws import ses_events
from cloud_cron.aws.clients import Clients
from cloud_cron.aws.hands import AwsHands
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.resources import Resources
from cloud_cron.config import Settings, resolve
from cloud_cron.ports import Key, Record
from cloud_cron.runtime.dispatch import Runtime
from cloud_cron.runtime.heartbeat import Heartbeat
from cloud_cron.runtime.lambda_log import LambdaLog
from cloud_cron.runtime.listening import Desk as Ears
from cloud_cron.runtime.listening import listen
from cloud_cron.runtime.maintenance.rounds import Desk, maintain
from cloud_cron.runtime.watching import Watch
from cloud_cron_cli.deploy.template import synthesize
from cloud_cron_cli.deploy.template.scope import logical
from tests.aws.dynamodb import KEYS
from tests.deploy.template.apps import IMAGE
from tests.listening.support import KEY as HEARD
from tests.listening.support import batch, body, told
from tests.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.moto

ACCOUNT, REGION = "123456789012", "us-east-1"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
FIFO = {"FifoQueue": "true"}
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:events"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:events"
GIVER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{resource_name('shop', 'dev', 'task', 'export')}:$LATEST"
EVENT = {"task": "export", "scheduled_at": "2026-11-27T10:00:00Z"}

SERVICES_OWN = {
    "logs:CreateLogStream": "Lambda writes the log",
    "logs:PutLogEvents": "Lambda writes the log",
    "sqs:ReceiveMessage": "the event source mapping polls with the function's role",
    "sqs:DeleteMessage": "the event source mapping deletes with it",
    "sqs:GetQueueAttributes": "the event source mapping asks for it",
    "sqs:SendMessage": "Lambda hands over what it gives up with the function's role",
    "s3:ListBucket": "decides whether an object that is gone is told as such",
}
"""What a role needs although the runtime never calls it, and why."""

ACTIONS = {
    "sns.PublishBatch": ("sns:Publish",),
    "lambda.Invoke": ("lambda:InvokeFunction",),
    "sesv2.SendEmail": ("ses:SendEmail", "ses:SendRawEmail"),
}
"""Where the action is not named like the call: service authorization reference of each service."""


class Functions:
    """Lambda's client: notes its calls, and knows a function's environment."""

    def __init__(self, calls: list[tuple[str, str]], dead_letters: str) -> None:
        self.calls, self.dead_letters = calls, dead_letters

    def invoke(self, **request: Any) -> None:
        self._note("lambda:InvokeFunction", request)

    def get_function_configuration(self, **request: Any) -> dict[str, Any]:
        self._note("lambda:GetFunctionConfiguration", request)
        told = json.dumps({"dead_letter_url": self.dead_letters})
        return {"Environment": {"Variables": {"CLOUD_CRON_RESOURCES": told}}}

    def _note(self, action: str, request: dict[str, Any]) -> None:
        self.calls.append((action, f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{request['FunctionName']}"))


class Recording(Clients):
    """Clients that note every call as action and resource; leading keys of DynamoDB are a third word."""

    def __init__(self, session: Any, dead_letters: str) -> None:
        super().__init__(session)
        self.calls: list[tuple[str, ...]] = []
        self.functions = Functions(self.calls, dead_letters)  # type: ignore[arg-type]

    def get(self, service: str) -> Any:
        return self.functions if service == "lambda" else super().get(service)

    def _make(self, service: str) -> Any:
        client = super()._make(service)
        client.meta.events.register(f"provide-client-params.{service}", self._note)
        return client

    def _note(self, params: Any, model: Any, **_: Any) -> None:
        self.calls += list(asked(model.service_model.service_name, model.name, params))


def asked(service: str, operation: str, params: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The actions and resources that IAM decides about for one call; a transaction is its items."""
    if service == "dynamodb":
        yield from rows(operation, params)
        return
    resource = {
        "sns": lambda: params["TopicArn"],
        "sqs": lambda: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{params['QueueUrl'].rpartition('/')[2]}",
        "s3": lambda: f"arn:aws:s3:::{params['Bucket']}/{params['Key']}",
        "secretsmanager": lambda: f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{params['SecretId']}-AbCdEf",
        "sesv2": lambda: f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.org",
    }[service]()
    for action in ACTIONS.get(f"{service}.{operation}", (f"{service}:{operation}",)):
        yield action, resource


def rows(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    calls = [(operation, params)]
    if operation == "TransactWriteItems":
        calls = [(f"{kind}Item", item) for each in params["TransactItems"] for kind, item in each.items()]
    for name, call in calls:
        tables = call["RequestItems"] if "RequestItems" in call else {call["TableName"]: None}
        for table, wanted in tables.items():
            row = call.get("Key") or call.get("Item") or {"pk": call.get("ExpressionAttributeValues", {}).get(":pk")}
            for key in wanted["Keys"] if wanted else [row]:
                yield f"dynamodb:{name}", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}", key["pk"]["S"]


def application(calls: list[str]) -> CloudCron:
    app = CloudCron("shop")

    @app.schedule("rate(1 hour)", topics=["orders"], overlap="queue", secrets={"db": "secretsmanager:shop/db"})
    def export(run):
        calls.append(run.secrets["db"])
        assert run.last is None or run.last.result
        return {"orders": [{"n": 1}, {"n": "x" * 250_000}]}

    sent: Any = {"sender": "shop@example.org", "recipients": ["ada@example.org"], "events": True}

    @app.notifier("email", name="mail", topics=["orders", "ops"], **sent)
    def mail(message):
        if message.attempt == 1 and message.payload.get("n") == 1:
            raise KeyError("once")
        return Email(text="text", to="nobody" if message.payload.get("n") == 3 else None)

    return app


@pytest.fixture(scope="module")
def world():
    """Every call of a task, a notifier and maintenance, and the roles that the template gives them."""
    moto = pytest.importorskip("moto")
    import boto3  # noqa: PLC0415 - beside its one use

    with moto.mock_aws():
        session = boto3.session.Session("testing", "testing", region_name=REGION)
        made: Any = session.client
        sqs, sns = made("sqs"), made("sns")
        names: dict[str, dict[str, str]] = {"queue": FIFO, "dead": FIFO, "failures": {}, "schedules": {}}
        urls = {
            name: sqs.create_queue(QueueName=f"{name}.fifo" if kind else name, Attributes=kind)["QueueUrl"]
            for name, kind in names.items()
        }
        for topic in ("orders", "ops"):
            sns.create_topic(Name=f"shop-dev-{topic}.fifo", Attributes={"FifoTopic": "true"})
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue.fifo"
        topic_arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-dev-orders.fifo"
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        made("dynamodb").create_table(
            TableName="ledger", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in KEYS],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in KEYS],
        )  # fmt: skip
        session.client("s3").create_bucket(Bucket="bucket")
        for name, secret in {"db": "wine", "heartbeat": f"http://localhost:{free_port()}/"}.items():
            session.client("secretsmanager").create_secret(Name=f"shop/{name}", SecretString=secret)
        session.client("sesv2").create_email_identity(EmailIdentity="example.org")
        yield played(session, urls)


def played(session: Any, urls: dict[str, str]) -> SimpleNamespace:
    app = application([])
    settings = Settings("dev", watch="ops", heartbeat="secretsmanager:shop/heartbeat")
    model = resolve(app.model(), settings)
    shared: Any = {"topic_prefix": f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-dev-", "table": "ledger", "bucket": "bucket"}
    context = SimpleNamespace(aws_request_id="r1", get_remaining_time_in_millis=lambda: 200_000)
    task = Recording(session, urls["dead"])
    runtime = runtime_of(app, model, settings, task, Resources(**shared), "export")
    runtime.handle("export", EVENT, context)
    runtime.handle("export", EVENT, SimpleNamespace(**{**vars(context), "aws_request_id": "r2"}))
    overlapping(runtime, context)
    unpublished(runtime, context)
    notifier = Recording(session, urls["dead"])
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue.fifo"
    own: Any = {"queue": queue, "queue_url": urls["queue"], "dead_letter_url": urls["dead"]}
    fed = runtime_of(app, model, settings, notifier, Resources(**own, table="ledger", bucket="bucket"), "mail")
    for receives in (1, 2):
        fed.handle("mail", {"Records": records(session, urls["queue"], receives)}, context)
    maintaining = Recording(session, urls["dead"])
    more = Resources(**shared, failures_url=urls["failures"], schedules_url=urls["schedules"])
    maintain(desk(app, model, settings, maintaining, more, session, urls), context)
    hearing = Recording(session, urls["dead"])
    ears = Resources(queue=QUEUE, events_topic=TOPIC, table="ledger", topic_prefix=shared["topic_prefix"])
    listening(hearing, model, settings, ears)
    return SimpleNamespace(
        calls={
            "export": task.calls,
            "mail": notifier.calls,
            "maintenance": maintaining.calls,
            "events": hearing.calls,
        },
        roles=roles(synthesize(model, settings, IMAGE)[0].template),
    )


def runtime_of(app, model, settings, clients, resources, name) -> Runtime:  # noqa: PLR0913, PLR0917 - a function
    part = model.task(name) or model.notifier(name)
    ports = aws.ports(
        resources=resources, model=model, part=part, horizon=settings.horizon, journal=LambdaLog(), clients=clients
    )
    queues = {name: resources.queue} if resources.queue else {}
    return Runtime(app, model, ports, stage="dev", queues=queues)


def unpublished(runtime: Runtime, context: Any) -> None:
    """A large result that was recorded, and that nobody published: maintenance will."""
    ledger: Any = runtime._ports.ledger
    now = runtime._ports.clock.now().timestamp()
    lock = ledger.get(Key("L#export", "lock"))
    ledger.swap(Key("L#export", "lock"), lock, Record("FREE", "t0"))
    due = {**EVENT, "scheduled_at": "2026-11-27T14:00:00Z"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(runtime._ports.bus), "publish", refusing)
        with pytest.raises(ConnectionError):
            runtime.handle("export", due, context)
    key = Key("R#export", due["scheduled_at"])
    recorded = ledger.get(key)
    ledger.swap(key, recorded, recorded._replace(lease=now - 1))


def refusing(*_: Any) -> None:
    raise ConnectionError


def overlapping(runtime: Runtime, context: Any) -> None:
    """A run while another one holds the lock: what it asks of the ledger then."""
    ledger: Any = runtime._ports.ledger
    now = runtime._ports.clock.now().timestamp()
    holder = Record("CLAIMED", "t", now + 900, at=now)
    ledger.create(Key("R#export", "2026-11-27T11:00:00Z"), holder)
    found = ledger.get(Key("L#export", "lock"))
    ledger.swap(
        Key("L#export", "lock"), found,
        Record("HELD", "t", now + 900, source="export@11", at=now, data="2026-11-27T11:00:00Z"),
    )  # fmt: skip
    runtime.handle("export", {**EVENT, "scheduled_at": "2026-11-27T12:00:00Z"}, context)
    ledger.swap(Key("R#export", "2026-11-27T11:00:00Z"), holder, holder._replace(state="SKIPPED"))


def records(session: Any, url: str, receives: int) -> list[dict[str, Any]]:
    """What waits in the queue and one message that is refused, as Lambda hands it over."""
    bodies = [message["Body"] for message in session.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", ())]  # fmt: skip
    bodies.append(json.dumps({"n": 3}))
    return [
        {
            "messageId": f"m{number}", "receiptHandle": "h", "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue.fifo",
            "attributes": {"MessageGroupId": f"g{number}", "MessageDeduplicationId": f"d{number}",
                           "ApproximateReceiveCount": str(receives), "SentTimestamp": "1793000000000"},
        }
        for number, body in enumerate(bodies)
    ]  # fmt: skip


def desk(app, model, settings, clients, resources, session, urls) -> Desk:  # noqa: PLR0913, PLR0917 - the same
    """Maintenance with something to do in every part."""
    sqs = session.client("sqs")
    given_up = {
        "requestContext": {"requestId": "r9", "condition": "RetriesExhausted", "functionArn": GIVER},
        "requestPayload": EVENT,
    }
    sqs.send_message(QueueUrl=urls["failures"], MessageBody=json.dumps(given_up))
    sqs.send_message(QueueUrl=urls["schedules"], MessageBody="{}")
    ports = aws.ports(
        resources=resources, model=model, part=None, horizon=settings.horizon, journal=LambdaLog(), clients=clients
    )
    now = ports.clock.now().timestamp()
    waiting = Record("RETRY", "t", code="WAITING", at=now, data=json.dumps({"event": EVENT}))
    ports.ledger.create(Key("R#export", "2026-11-27T13:00:00Z"), waiting)
    watch = Watch(ports.bus, ports.clock, "shop", "dev", "ops")
    hands = AwsHands(clients, resources, model, "dev")
    heart = Heartbeat(settings.heartbeat, ports.secrets, LambdaLog().write)
    return Desk(model, "dev", ports, watch, hands, heart)


def listening(clients: Recording, model: Any, settings: Any, resources: Resources) -> None:
    """The function that hears mail events, with a mail that bounced and was in doubt."""
    ports = aws.ports(
        resources=resources, model=model, part=None, horizon=settings.horizon, journal=LambdaLog(), clients=clients
    )
    ports.ledger.create(HEARD, Record("DOUBT", "t"))
    watch = Watch(ports.bus, ports.clock, "shop", "dev", "ops")
    desk = Ears(frozenset({"mail"}), QUEUE, lambda text: ses_events.read(text, TOPIC), ports, watch)
    answer = listen(desk, batch(body(told("Bounce", HEARD), TOPIC), queue=QUEUE), lambda: 30.0)
    assert answer == {"batchItemFailures": []}


def roles(template: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The statements of each role, with the names that the emulator's resources have."""
    mail = logical("Notifier", "mail")
    queue, topics = f"arn:aws:sqs:{REGION}:{ACCOUNT}", f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-dev"
    names = {
        **PSEUDO, "Ledger": "ledger", "PayloadBucket": "bucket", f"{mail}Queue.Arn": f"{queue}:queue.fifo",
        f"{mail}DeadLetters.Arn": f"{queue}:dead.fifo", "FailureQueue.Arn": f"{queue}:failures",
        "ScheduleDeadLetters.Arn": f"{queue}:schedules", "EventsQueue.Arn": QUEUE,
        **{logical("Topic", name): f"{topics}-{name}.fifo" for name in ("orders", "ops")},
    }  # fmt: skip
    ids = {"export": logical("Task", "export"), "mail": mail, "maintenance": "Maintenance", "events": "Events"}
    return {
        name: [settled(statement, names) for statement in statements(template, f"{identity}Role")]
        for name, identity in ids.items()
    }


def statements(template: dict[str, Any], role: str) -> Iterator[dict[str, Any]]:
    """What a role's own policies say, and the managed policies that name it."""
    resources = template["Resources"]
    [own] = resources[role]["Properties"]["Policies"]
    yield from own["PolicyDocument"]["Statement"]
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::ManagedPolicy" and {"Ref": role} in resource["Properties"]["Roles"]:
            yield from resource["Properties"]["PolicyDocument"]["Statement"]


def settled(value: Any, names: dict[str, str]) -> Any:
    match value:
        case {"Ref": name}:
            return names[name]
        case {"Fn::GetAtt": [name, attribute]}:
            return names[f"{name}.{attribute}"]
        case {"Fn::Sub": str(text)}:
            for name, known in names.items():
                text = text.replace(f"${{{name}}}", known)
            assert "${" not in text.replace("${!", "")
            return text
        case dict():
            return {key: settled(item, names) for key, item in value.items()}
        case list():
            return [settled(item, names) for item in value]
        case _:
            return value


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def allows(statement: dict[str, Any], call: tuple[str, ...]) -> bool:
    """Whether one statement allows a call, by moto's reading, which knows no `?`; keys by the statement's patterns."""
    from moto.iam.access_control import IAMPolicy, PermissionResult  # noqa: PLC0415 - beside its one use

    plain = json.dumps({key: statement[key] for key in ("Effect", "Action", "Resource")}).replace("??????", "*")
    document = f'{{"Version": "2012-10-17", "Statement": [{plain}]}}'
    action, resource, *key = call
    if IAMPolicy(document).is_action_permitted(action, resource=resource) != PermissionResult.PERMITTED:
        return False
    patterns = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", ["*"])
    return all(any(fnmatchcase(each, pattern) for pattern in patterns) for each in key)


@pytest.mark.parametrize("name", ["export", "mail", "maintenance", "events"])
def test_every_call_is_allowed_by_the_functions_own_role(world, name):
    calls = set(world.calls[name])
    assert calls
    assert [call for call in sorted(calls) if not any(allows(each, call) for each in world.roles[name])] == []


@pytest.mark.parametrize("name", ["export", "mail", "maintenance", "events"])
def test_no_action_is_allowed_that_nobody_makes(world, name):
    made = {call[0] for call in world.calls[name]}
    allowed = {action for statement in world.roles[name] for action in listed(statement["Action"])}
    assert allowed - made - set(SERVICES_OWN) == set()


@pytest.mark.parametrize("name", ["export", "mail", "maintenance", "events"])
def test_no_resource_is_everything(world, name):
    resources = [resource for statement in world.roles[name] for resource in listed(statement["Resource"])]
    assert "*" not in resources
    assert all(resource.startswith("arn:aws:") for resource in resources)


def test_another_function_of_the_stack_is_out_of_reach(world):
    other = f"arn:aws:sns:{REGION}:{ACCOUNT}:shop-dev-ops.fifo"
    assert not any(allows(each, ("sns:Publish", other)) for each in world.roles["export"])
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger"
    for key in ("R#export", "L#export", "O#1", "W#mail"):
        assert not any(allows(each, ("dynamodb:PutItem", table, key)) for each in world.roles["events"])
    for key in ("R#other", "E#mail#m1", "L#other", "B#mail"):
        assert not any(allows(each, ("dynamodb:PutItem", table, key)) for each in world.roles["export"])
    function = resource_name("shop", "dev", "task", "other")
    call = ("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}")
    assert not any(allows(each, call) for each in world.roles["maintenance"])
