"""What the commands ask that operate a stage on AWS is what docs/howto/rights.md allows, no more and no less."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from botocore import xform_name

from cloud_cron.errors import Ambiguous, Permanent
from cloud_cron.ports import Key, Record
from cloud_cron_cli.backfilling import planned
from cloud_cron_cli.deploy import deployed as stage_of
from cloud_cron_cli.deploy.aws_cloudformation import CloudFormation
from cloud_cron_cli.deploy.aws_standing import AwsStanding
from cloud_cron_cli.operating import owners, reading
from cloud_cron_cli.operating.doctor import examine
from cloud_cron_cli.pausing import pause, resume
from cloud_cron_cli.standing import as_json
from tests.deploy.rights import sources
from tests.deploy.rights.asked import Right, actions_of, here
from tests.deploy.rights.made import NO_NARROWER, PLACES
from tests.deploy.rights.policies import actions, allowed, looking, statements
from tests.operating.app import ADA, due, event
from tests.operating.test_backfilling_contract import asked as backfilled
from tests.operating.test_letters_contract import body, redriven, refused, resolved

pytestmark = pytest.mark.moto

FILE = "operate.json"
SERVICES = ("cloudformation", "sqs", "dynamodb", "lambda", "scheduler", "cloudwatch", "logs", "sts", "s3")
NOT_MADE = {"s3:GetObject": "no payload of these messages is large"}
FUNCTION = PLACES["AWS::Lambda::Function"].format("shop-dev-mail-0a1b2c")
TOUCHED = {
    "cloudformation": here("cloudformation", "stack/shop-dev-p1/id"),
    "dynamodb": PLACES["AWS::DynamoDB::Table"].format("shop-dev-Ledger-1A2B3C"),
    "iam": PLACES["AWS::IAM::Role"].format("shop-dev-SchedulerRole-1A2B3C"),
    "lambda": FUNCTION,
    "logs": PLACES["AWS::Logs::LogGroup"].format("/aws/lambda/shop-dev-mail-0a1b2c"),
    "s3": PLACES["AWS::S3::Bucket"].format("shop-dev-payloadbucket-1a2b3c/payloads/x"),
    "scheduler": PLACES["AWS::Scheduler::Schedule"].format("shop-dev-export-0a1b2c"),
    "sqs": PLACES["AWS::SQS::Queue"].format("shop-dev-NotifierMailQueue-1A2B3C.fifo"),
}
"""What there is of a stage, by the service that knows of it."""
KEYS = (("iam:PassedToService", "scheduler.amazonaws.com"), ("lambda:FunctionArn", FUNCTION))


class Asked:
    """The actions that calls take, and the operations that were called."""

    def __init__(self):
        self.actions, self.operations = set[str](), set[str]()

    def note(self, model, **_) -> None:
        self.operations.add(xform_name(model.name))
        self.actions.update(actions_of(model.service_model.service_name, model.name))


@contextmanager
def noted(session):
    """What is asked meanwhile."""
    asked = Asked()
    events = [session.client(service).meta.events for service in SERVICES]
    for each in events:
        each.register("before-parameter-build", asked.note)
    try:
        yield asked
    finally:
        for each in events:
            each.unregister("before-parameter-build", asked.note)


@pytest.fixture
def doubtful(aws):
    """A stage in which everything is wrong; the message whose delivery is in doubt."""
    refused(aws, Permanent("no such box"))
    aws.senders.answers = {ADA: [Ambiguous("reset")]}
    unique = aws.run(2)
    aws.settle()
    aws.give_up(event(3))
    aws.lose("MISSED", 4)
    aws.ledger.create(Key("R#export", due(5)), Record("CLAIMED", "t", lease=9e9, at=1.0))
    aws.put("lost", body("other"), "own")
    aws.put("queue", body("waits"), "own")
    aws.deploy()  # last: the emulator feeds what waits to a function that is not there
    return unique


def look(aws, message):
    """What changes nothing: `status`, `doctor`, `dlq list`, `dlq show` and `backfill --dry-run`."""
    stage_of.read(CloudFormation(aws.session), "shop", "dev", {})
    as_json(aws.project, aws.found(), AwsStanding(aws.session), datetime(2030, 1, 1, tzinfo=UTC))
    examine(aws.project, aws.again())
    owners.every(aws.again())
    reading.deliveries(aws.project, aws.again(), "mail", message)
    backfilled(aws, 6, work=planned)


def test_every_call_is_allowed_and_every_right_is_used(aws, doubtful):
    with noted(aws.session) as looked:
        look(aws, doubtful)
        aws.place.close()
    with noted(aws.session) as made:
        look(aws, doubtful)
        resolved(aws, doubtful, "sent")
        redriven(aws)
        redriven(aws, "export")
        pause(aws.project, aws.again(), [])
        resume(aws.project, aws.again(), [])
        backfilled(aws, 6)
        aws.place.close()

    assert looked.actions == actions(looking(FILE)) - set(NOT_MADE)
    assert made.actions == actions(statements(FILE)) - set(NOT_MADE)
    assert sources.named(sources.OPERATING) <= made.operations


@pytest.mark.parametrize("action", sorted(actions(statements(FILE))))
def test_what_is_of_the_stage_may_be_touched_and_nothing_else(action):
    found = statements(FILE)
    place = "*" if action in NO_NARROWER else TOUCHED[action.partition(":")[0]]
    keys = tuple((key, value.replace("shop-dev", "shop-prod")) for key, value in KEYS)

    assert allowed(found, Right(action, place, KEYS))
    assert place == "*" or not allowed(found, Right(action, place.replace("shop-dev", "shop-prod"), keys))
