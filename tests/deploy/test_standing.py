"""`status --remote`: how a stage stands on AWS, on the emulator moto."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.config import Settings
from cloud_cron.errors import CloudCronError, NotFound
from cloud_cron.local.clock import VirtualClock
from cloud_cron.ports import Key, Record
from cloud_cron_cli.deploy.aws_standing import AwsStanding
from cloud_cron_cli.deploy.deployed import Deployed
from cloud_cron_cli.project import Project
from cloud_cron_cli.standing import as_json
from tests.aws.dynamodb import table

pytestmark = pytest.mark.moto

UNTOLD = {"bounced": None, "complained": None, "refused": None}
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


def project() -> Project:
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", topics=["orders"], name="export", timezone="Europe/Berlin")(lambda run: None)
    app.schedule("rate(1 day)", name="quiet")(lambda run: None)
    app.notifier("print", name="tell")(lambda message: "x")
    return Project(Path(), "dev", Settings("dev"), app, app.model())


def stage(session: Any, name: str, *, state: str = "ENABLED") -> tuple[Deployed, AwsStanding]:
    """What is deployed, and what is asked about it; schedules are answered for, since moto keeps no state of them."""
    made = session.client("sqs")
    urls = {key: made.create_queue(QueueName=key)["QueueUrl"] for key in ("queue", "dead", "lost")}
    for key in ("queue", "queue", "dead"):
        made.send_message(QueueUrl=urls[key], MessageBody="x")
    said = {"kind": "notifier", "name": "tell", "queue_url": urls["queue"], "dead_letter_url": urls["dead"],
            "subscription_dead_letter_url": urls["lost"]}  # fmt: skip
    pieces = {
        "task:export": {"schedules": [{"name": "shop-dev-export-abcdef"}]},
        "task:quiet": {"schedules": [{"name": "shop-dev-quiet-abcdef"}]},
        "notifier:tell": said,
    }
    main: Any = SimpleNamespace(outputs={"Ledger": name, "ScheduleGroup": "shop-dev-123456"})
    scheduler = SimpleNamespace(get_schedule=lambda **_: {"State": state})
    clients: Any = SimpleNamespace(client=lambda key: scheduler if key == "scheduler" else session.client(key))
    return Deployed({"main": main}, {}, pieces), AwsStanding(clients)


def runs(client: Any, name: str) -> None:
    ledger = DynamoLedger(client, name, clock=VirtualClock(NOW), horizon=3_024_000)
    for hour, state in ((9, "MISSED"), (10, "MISSED"), (11, "FAILED")):
        at = NOW.replace(hour=hour)
        ledger.create(Key("R#export", f"{at:%Y-%m-%dT%H:%M:%SZ}"), Record(state, at=at.timestamp(), reason="why"))


def test_tasks_and_notifiers_are_told_as_on_one_machine():
    import boto3  # noqa: PLC0415 - beside its one use

    with table() as (client, name):
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        runs(client, name)
        found, standing = stage(session, name)
        assert as_json(project(), found, standing, NOW) == {
            "tasks": [
                {
                    "name": "export", "next": "2030-01-01T14:00:00+01:00", "paused": False, "missed": 2,
                    "last": {
                        "run_id": "export@2030-01-01T11:00:00Z", "scheduled_at": "2030-01-01T12:00:00+01:00",
                        "state": "failed", "reason": "why",
                    },
                },
                {"name": "quiet", "last": None, "next": "2030-01-02T00:00:00+00:00", "paused": False, "missed": 0},
            ],
            "notifiers": [
                {"name": "tell", "queued": 2, "in_flight": 0, "dead": 1, "sent": None, "doubt": None, **UNTOLD},
            ],
        }  # fmt: skip


def test_mails_are_counted_for_who_asks_for_events_and_for_nobody_else():
    import boto3  # noqa: PLC0415 - beside its one use

    with table() as (client, name):
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        ledger = DynamoLedger(client, name, clock=VirtualClock(NOW), horizon=3_024_000)
        for sort, state in (("bounced|m1|a", "BOUNCED"), ("bounced|m2|a", "BOUNCED"), ("refused|m1|a", "REFUSED")):
            ledger.create(Key("B#tell", sort), Record(state))
        for other in ("B#tell2", "B#", "E#tell#m1"):
            ledger.create(Key(other, "x"), Record("BOUNCED"))
        found, standing = stage(session, name)
        [quiet] = as_json(project(), found, standing, NOW)["notifiers"]
        pieces = {**found.pieces, "notifier:tell": {**found.pieces["notifier:tell"], "events": True}}
        [told] = as_json(project(), found._replace(pieces=pieces), standing, NOW)["notifiers"]
    assert quiet.items() >= UNTOLD.items()
    assert told.items() >= {"bounced": 2, "complained": 0, "refused": 1}.items()


def test_a_task_whose_schedules_are_switched_off_is_paused():
    import boto3  # noqa: PLC0415 - beside its one use

    with table() as (_, name):
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        found, standing = stage(session, name, state="DISABLED")
        assert [task["paused"] for task in as_json(project(), found, standing, NOW)["tasks"]] == [True, True]


def test_what_is_not_deployed_and_what_is_gone_are_said():
    import boto3  # noqa: PLC0415 - beside its one use

    with pytest.raises(NotFound, match="CC826"):
        as_json(project(), Deployed({}, {}, {}), AwsStanding(SimpleNamespace()), NOW)  # type: ignore[arg-type]
    with table() as (_client, name):
        session = boto3.session.Session("testing", "testing", region_name="us-east-1")
        _, standing = stage(session, name)
        with pytest.raises(CloudCronError):
            standing.newest_run("nowhere", "export")
