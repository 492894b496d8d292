"""What the ledger asks of DynamoDB is what the roles of the template allow, no more and no less."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud_cron.aws import ledger as adapter
from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.local.clock import VirtualClock
from cloud_cron.ports import Key, Record
from cloud_cron_cli.deploy.template import policies
from tests.aws.dynamodb import table

pytestmark = pytest.mark.moto

RUN, LOCK, DELIVERY = Key("R#report", "2030-01-01T08:00:00Z"), Key("L#report", "lock"), Key("E#mail#m1", "a")
CLAIM = Record("CLAIMED", "t1", at=1.0)


def task(ledger: DynamoLedger) -> None:
    """Everything that a task does with its records."""
    recorded = CLAIM._replace(state="RECORDED")
    ledger.create(RUN, CLAIM)
    ledger.create(LOCK, CLAIM)
    ledger.get(LOCK)
    ledger.swap(RUN, CLAIM, recorded)
    ledger.latest("R#report", "DONE")
    ledger.open_runs("R#report")
    ledger.swap(RUN, recorded, CLAIM._replace(state="DONE"))


def maintenance(ledger: DynamoLedger) -> None:
    """The same, and the runs of all tasks."""
    ledger.create(Key("R#other", "!x"), CLAIM)
    ledger.open_runs()
    task(ledger)


def notifier(ledger: DynamoLedger) -> None:
    """Everything that a notifier does with its records."""
    ledger.create(DELIVERY, CLAIM)
    ledger.swap(DELIVERY, CLAIM, CLAIM._replace(state="RETRY"))
    ledger.sent(DELIVERY, "p")
    ledger.get(DELIVERY)
    ledger.records("E#mail#m1")


def used(work) -> tuple[set[str], set[str]]:
    """The actions that IAM asks for, and the partitions they are on; those of a transaction are its items'."""
    actions: set[str] = set()
    partitions: set[str] = set()

    def note(params, model, **_) -> None:
        calls = [(model.name, params)]
        if model.name == "TransactWriteItems":
            calls = [(f"{kind}Item", item) for each in params["TransactItems"] for kind, item in each.items()]
        for name, call in calls:
            actions.add(name)
            row = call.get("Key") or call.get("Item") or {"pk": call.get("ExpressionAttributeValues", {}).get(":pk")}
            keys = [row] if row["pk"] else [key for asked in call["RequestItems"].values() for key in asked["Keys"]]
            partitions.update(key["pk"]["S"] for key in keys)

    with table() as (client, name):
        client.meta.events.register("provide-client-params.dynamodb", note)
        try:
            work(DynamoLedger(client, name, clock=VirtualClock(datetime(2030, 1, 1, tzinfo=UTC)), horizon=60.0))
        finally:
            client.meta.events.unregister("provide-client-params.dynamodb", note)
    return actions, partitions


@pytest.mark.parametrize(
    ("work", "documented", "allowed", "prefixes"),
    [
        (task, adapter.TASK_ACTIONS, policies.TASK_RECORDS, ("R#report", "L#report", "O#")),
        (maintenance, adapter.MAINTENANCE_ACTIONS, policies.MAINTENANCE_RECORDS, ("R#", "L#", "O#")),
        (notifier, adapter.NOTIFIER_ACTIONS, policies.NOTIFIER_RECORDS, ("E#mail#",)),
    ],
)
def test_a_role_allows_what_its_function_does(work, documented, allowed, prefixes):
    actions, partitions = used(work)
    assert actions == set(documented)
    assert actions <= set(allowed)
    assert all(partition.startswith(prefixes) for partition in partitions)
