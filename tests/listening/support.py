"""An app that mails with a notifier and hears its mails: a ledger in SQLite, every other port in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cloud_cron.aws import ses_events
from cloud_cron.local.ledger import SqliteLedger
from cloud_cron.messages import message_id
from cloud_cron.ports import Key, Record
from cloud_cron.runtime import naming
from cloud_cron.runtime.listening import Desk, listen
from cloud_cron.runtime.watching import Watch
from tests.dropped import DroppedStore
from tests.runtime.support import START, Crash, World

if TYPE_CHECKING:
    from collections.abc import Callable

TOPIC = "arn:aws:sns:eu-central-1:111122223333:shop-dev-EventsTopic-1A2B"
QUEUE = "arn:aws:sqs:eu-central-1:111122223333:shop-dev-EventsQueue-1A2B"
MESSAGE = message_id("shop", "dev", "export@2030-01-01T00:00:00Z", "orders", 0)
KEY = naming.delivery_key("mail", MESSAGE, "shop|dev", "email", "ada@example.org")
MAIL = "0107018f3a5b7c1d-5e9a-4d12-a87d-dd0099a07f8a-000000"
BOUNCED = {"bounce": {"bounceType": "Permanent", "bounceSubType": "General",
                      "bouncedRecipients": [{"emailAddress": "ada@example.org"}]}}  # fmt: skip
OUT: dict[str, Any] = {"bounce": {**BOUNCED["bounce"], "bounceType": "Transient"}}
COMPLAINED = {"complaint": {"complaintFeedbackType": "abuse", "complainedRecipients": [
    {"emailAddress": "ada@example.org"}]}}  # fmt: skip
REJECTED = {"reject": {"reason": "Bad content"}}
UNRENDERED = {"failure": {"errorMessage": "Attribute 'name' is not present", "templateName": "weekly"}}
PARTS: dict[str, dict[str, Any]] = {
    "Send": {"send": {}}, "Delivery": {"delivery": {"recipients": ["ada@example.org"]}}, "Bounce": BOUNCED,
    "Complaint": COMPLAINED, "Reject": REJECTED, "Rendering Failure": UNRENDERED,
}  # fmt: skip


def told(kind: str, key: Key = KEY, mail: str = MAIL, **parts: Any) -> dict[str, Any]:
    """A record of SES, as its Developer Guide shows them."""
    tags = {"ses:configuration-set": ["shop"], "cc-effect": [naming.known_as(key)]}
    about = {"messageId": mail, "destination": ["ada@example.org"], "tags": tags, "source": "shop@example.org"}
    return {"eventType": kind, "mail": about, **PARTS.get(kind, {}), **parts}


def body(record: object, topic: str = TOPIC) -> str:
    """The record as SNS hands it to a queue."""
    text = record if isinstance(record, str) else json.dumps(record)
    return json.dumps({"Type": "Notification", "MessageId": "n1", "TopicArn": topic, "Message": text})


def batch(*bodies: str, queue: str = QUEUE) -> dict[str, Any]:
    """What Lambda is called with; records are called r0, r1, and so on."""
    return {
        "Records": [
            {"messageId": f"r{number}", "body": text, "eventSource": "aws:sqs", "eventSourceARN": queue}
            for number, text in enumerate(bodies)
        ]
    }


class Stage:
    """The world of one stage, and the function that hears."""

    def __init__(self, *, watch: str | None = "ops") -> None:
        self.world, self.watch = World(), watch
        ledger: Any = SqliteLedger(DroppedStore())
        self.ledger = self.world.ledger = ledger

    def hear(self, *bodies: str, queue: str = QUEUE, left: float = 30.0) -> list[str]:
        """The ids of what must come back."""
        ports = self.world.ports
        watch = Watch(ports.bus, ports.clock, "shop", "dev", self.watch)
        desk = Desk(frozenset({"mail", "other"}), QUEUE, lambda text: ses_events.read(text, TOPIC), ports, watch)
        answer = listen(desk, batch(*bodies, queue=queue), lambda: left)
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def put(self, state: str, key: Key = KEY, **fields: Any) -> Record:
        """Have a record of a delivery."""
        record = Record(state, **{"token": "t1", "attempts": 1, "at": START.timestamp(), "source": "s1", **fields})
        assert self.ledger.create(key, record) is None
        return record

    def record(self, key: Key = KEY) -> Record:
        found: Record | None = self.ledger.get(key)
        assert found is not None
        return found

    def counted(self, notifier: str = "mail") -> list[str]:
        return sorted(record.state for _, record in self.ledger.records(f"B#{notifier}"))

    def heard(self) -> list[dict[str, Any]]:
        """What was told to the topic `[watch]`."""
        return [json.loads(message.body)["payload"] for message in self.world.bus.published["ops"]]


def crash_everywhere(build: Callable[[Stage], object], *bodies: str) -> int:
    """Hear the events to their end after a crash at every step; what is left is as without one. How many steps."""
    whole = Stage()
    build(whole)
    whole.world.steps.clear()
    assert whole.hear(*bodies) == []
    steps = len(whole.world.steps)
    for number in range(steps):
        stage = Stage()
        build(stage)
        stage.world.steps.clear()
        stage.world.crash_at(number)
        with pytest.raises(Crash):
            stage.hear(*bodies)
        stage.world.heal()
        assert stage.hear(*bodies) == []
        assert stage.heard() == whole.heard(), f"step {number}"
        assert (stage.counted(), stage.record().state) == (whole.counted(), whole.record().state), f"step {number}"
        assert (stage.record().code, stage.record().accepts) == (whole.record().code, whole.record().accepts)
    return steps
