"""The rights that docs/operate.md lists are those of the calls that are made."""

from __future__ import annotations

import re

import pytest

from cloud_cron.errors import Ambiguous, Permanent
from cloud_cron.ports import Key, Record
from cloud_cron_cli.operating.doctor import examine
from cloud_cron_cli.pausing import pause, resume
from tests.operating.app import ADA, due, event
from tests.operating.test_backfilling_contract import asked as backfilled
from tests.operating.test_letters_contract import body, redriven, refused, resolved
from tests.pages import Page

pytestmark = pytest.mark.moto

ACTIONS = {
    "Invoke": ["InvokeFunction"],
    "ChangeMessageVisibilityBatch": ["ChangeMessageVisibility"],
    "TransactWriteItems": ["PutItem", "DeleteItem"],
    "GetCallerIdentity": [],  # needs none
}
SERVICES = ("sqs", "dynamodb", "lambda", "scheduler", "cloudwatch", "logs", "sts", "s3")


def named() -> set[str]:
    """The actions of the page."""
    rights = Page("docs/operate.md").text.partition("- **Rights**")[2]
    return set(re.findall(r"`(?:[a-z0-9]+:)?([A-Z]\w+)`", rights))


def test_every_call_is_allowed_and_every_right_is_used(aws):
    made: set[str] = set()

    def note(model, **_) -> None:
        made.update(ACTIONS.get(model.name, [model.name]))

    refused(aws, Permanent("no such box"))
    aws.senders.answers = {ADA: [Ambiguous("reset")]}
    doubtful = aws.run(2)
    aws.settle()
    aws.give_up(event(3))
    aws.lose("MISSED", 4)
    aws.ledger.create(Key("R#export", due(5)), Record("CLAIMED", "t", lease=9e9, at=1.0))
    aws.put("lost", body("other"), "own")
    aws.put("queue", body("waits"), "own")
    aws.deploy()  # last: the emulator feeds what waits to a function that is not there
    for service in SERVICES:
        aws.session.client(service).meta.events.register("before-parameter-build", note)
    try:
        examine(aws.project, aws.again())
        resolved(aws, doubtful, "sent")
        redriven(aws)
        redriven(aws, "export")
        pause(aws.project, aws.again(), [])
        resume(aws.project, aws.again(), [])
        backfilled(aws, 6)
        aws.place.close()
    finally:
        for service in SERVICES:
            aws.session.client(service).meta.events.unregister("before-parameter-build", note)
    assert made <= named()
    assert named() - made <= {"DescribeStacks", "GetObject", "PassRole"}, "the stack, a large payload, and a role"
